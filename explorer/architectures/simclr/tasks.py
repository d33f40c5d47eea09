"""What SimCLR learns here: digits and emoji, by telling pictures apart."""

from explorer.architectures.moco.tasks import (
    DIGIT_METRICS,
    DIGIT_VIEWS,
    DIGITS_SEEN,
    EMOJI_METRICS,
    EMOJI_SEEN,
    EMOJI_VIEWS,
    INSIDE,
    PAIRS,
    TRAIN,
    hypers,
    knobs,
)
from explorer.spec import Target, Task

TASKS = (
    Task(
        key="mnist",
        title="Digits (MNIST)",
        kind="contrastive",
        dataset="images.digits",
        lead="Two views of a digit look for each other among the others of the batch. No label is used.",
        hypers=hypers(3e-3, 0.2, DIGIT_VIEWS),
        metrics=DIGIT_METRICS,
        lenses=TRAIN,
        inside=INSIDE,
        knobs=knobs(500),
        targets=(Target("test_accuracy", 0.88, seconds=6),),
        references=DIGITS_SEEN,
    ),
    Task(
        key="emoji",
        title="Emoji (two artists)",
        kind="contrastive",
        dataset="artists.emoji",
        lead="Views of emoji look for each other. Is the same emoji by another artist found too?",
        hypers=hypers(3e-3, 0.1, EMOJI_VIEWS),
        metrics=EMOJI_METRICS,
        lenses=("embedding", "view_pairs", "other_artist", "similarity", "alignment_and_uniformity"),
        inside=(*INSIDE[:2], "other_artist", *INSIDE[2:]),
        knobs=(*knobs(400), PAIRS),
        references=EMOJI_SEEN,
    ),
)
