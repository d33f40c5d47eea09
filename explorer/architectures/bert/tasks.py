"""What the small BERT is trained to do here: fill blanks, and answer a question about two spans of text."""

from __future__ import annotations

import math

from explorer import dials
from explorer.spec import Hyper, Knob, Metric, Target, Task

METRICS = (
    Metric("test_masked", "hidden word right, held out", percent=True, held_out=True),
    Metric("masked", "hidden word right", percent=True),
    Metric("test_pair", "pair answered rightly, held out", percent=True, held_out=True),
    Metric("pair", "pair answered rightly", percent=True),
    Metric("loss", "loss (nats a hidden word)", higher_is_better=False),
    Metric("test_loss", "loss (nats a hidden word), held out", held_out=True, higher_is_better=False),
    Metric("pair_loss", "loss of the pair (nats)", higher_is_better=False),
)
LENSES = ("fill_the_blank", "masking", "pair_verdict", "word_plane", "attention")


def _task(
    key: str,
    title: str,
    dataset: str,
    lead: str,
    tokens: int,
    steps: int,
    weight: float,
    targets: tuple[Target, ...],
    commonest: float,
) -> Task:
    return Task(
        key=key,
        title=title,
        kind="masked_words",
        dataset=dataset,
        lead=lead,
        hypers=(
            dials.learning_rate(0.01, 0.1),
            dials.batch_size(32, 128),
            Hyper(
                "mask_share", "hidden", 0.25, 0.05, 0.8, 0.05,
                help="Share of tokens chosen in training, whole words first. The paper takes 0.15; a short run more.",
            ),
            Hyper(
                "pair_weight", "weight of the pair", weight, 0.0, 2.0, 0.1,
                help="How much the question about the pair counts beside the words. 0: not at all.",
            ),
            dials.dropout(0.0),
            dials.weight_decay(0.01, 1.0),
            Hyper("clip", "clip gradient at", 1.0, 0.0, 10.0, 0.1, help="A longer gradient is shortened. 0: never."),
        ),
        metrics=METRICS,
        lenses=LENSES,
        inside=LENSES,
        knobs=(
            Knob("num_layers", "layers", 2, 1, 6, 1),
            Knob("embed_dim", "width", 64, choices=(32, 64, 96, 128), help="Features of each token."),
            Knob("num_heads", "heads", 4, choices=(1, 2, 4, 8), help="The width is shared out among them."),
            Knob("feed_forward_ratio", "feed-forward width ×", 4, 1, 8, 1, help="Times the width. The paper takes 4."),
            Knob(
                "sees", "each word sees", "both", choices=("both", "left"),
                help="both: what comes before and after. left: only what comes before, as in GPT.",
            ),
            Knob(
                "positions", "places start as", "sines", choices=("sines", "random"),
                help="They are learned either way. sines: as large as the words. random: small, as in the paper.",
            ),
            Knob("spread", "spread at the start", 0.5, 0.02, 1.0, 0.01, help="How large words and places start."),
            dials.optimizer("muon", ("adam", "adamw", "muon")),
            dials.warmup(30),
            *dials.schedule("cosine", steps),
        ),
        data_knobs=(Knob("tokens", "tokens of a row", tokens, 12, 64, 4, help="Of both texts together."),),
        targets=targets,
        references=(
            ("test_masked", "always the commonest", commonest),
            ("test_pair", "guessing", 0.5),
            ("pair_loss", "guessing", math.log(2)),
        ),
    )  # fmt: skip


TASKS = (
    _task(
        "words",
        "Hidden words of Austen, and what follows",
        "spans.austen",
        "Hide words and guess them from both sides. Whether B follows A is asked too: at this size it stays a guess.",
        24,
        2100,
        0.2,
        (Target("test_masked", 0.29, 30, note="Always saying the commonest, the comma, is right in 7.7 %."),),
        0.077,
    ),
    _task(
        "books",
        "Same book?",
        "spans.books",
        "Two pieces of text, from Austen or from the Bible: are both from the same book? And hidden words besides.",
        36,
        1600,
        0.5,
        (
            Target("test_pair", 0.87, 35, note="Of 18 tokens on average, a text of either; lengths tell nothing."),
            Target("test_masked", 0.28, 35),
        ),
        0.073,
    ),
)
