"""What networks learn by contrast here, and the parts of it that are the same with a queue or without."""

from explorer import dials
from explorer.spec import Hyper, Knob, Metric, Scale, Target, Task

DIGIT_VIEWS = dials.views(shift=3, rotate=20.0, stretch=0.4, shear=0.4, colour=0.3)
EMOJI_VIEWS = dials.views(crop=0.1, shift=2, rotate=5.0, stretch=0.2, colour=0.7, grey=0.1)
RATED = (
    Metric("alignment", "alignment (squared distance of partners)", held_out=True, higher_is_better=False),
    Metric("evenness", "evenness (uniformity with a minus)", held_out=True),
)
LEARNING = (
    Metric("loss", "contrastive loss", higher_is_better=False),
    Metric("found", "partner found (share of views)"),
)
DIGIT_METRICS = (
    Metric("test_accuracy", "right by 5 neighbours of 100 labelled", percent=True, held_out=True),
    *LEARNING,
    *RATED,
)
EMOJI_METRICS = (
    Metric("counterpart", "same emoji by the other artist is nearest", percent=True, held_out=True),
    Metric("counterpart_5", "same emoji among the 5 nearest (share)", held_out=True),
    *LEARNING,
    *RATED,
)
TRAIN = ("embedding", "view_pairs", "similarity", "alignment_and_uniformity")
INSIDE = ("inspect", "view_pairs", "neighbours", "similarity", "alignment_and_uniformity", "embedding", "excites")
DIGITS_SEEN = (("test_accuracy", "pixels alone: 75 %", 0.753),)
EMOJI_SEEN = (("counterpart", "pixels alone: 46 %", 0.456), ("counterpart_5", "pixels alone: 0.63", 0.631))


def hypers(rate: float, temperature: float, views: tuple[Hyper, ...], own: tuple[Hyper, ...] = ()) -> tuple[Hyper, ...]:
    """Return what can be turned while it trains: the loss, what is the network's `own`, and the views."""
    return (
        dials.learning_rate(rate, 0.1),
        Hyper(
            "temperature", "temperature", temperature, 0.02, 2.0, scale=Scale.LOG,
            help="Similarities are divided by it. The smaller, the more the nearest negatives count.",
        ),
        *own,
        Hyper(
            "batch_size", "batch size", 128, 16, 512, 1, scale=Scale.LOG,
            help="Pictures in a step; each gives two views.",
        ),
        Hyper(
            "negatives", "push others away", True,
            help="Off: partners attract each other, and nothing pushes. Watch where all of them end up.",
        ),
        *views,
        dials.weight_decay(1e-4, 1.0),
    )  # fmt: skip


def knobs(decay_steps: int) -> tuple[Knob, ...]:
    """Return the structure of encoder and head, and how it is trained."""
    return (
        Knob("channels", "channels", (16, 32, 64), 1, 64, help="Maps of each convolution, first to last."),
        Knob("features", "size of h", 128, 2, 512, 1, help="Numbers that the encoder makes of a picture."),
        Knob(
            "head", "head", "linear", choices=("none", "linear", "two layers"),
            help="What stands between h and the loss, and is thrown away in the end.",
        ),
        Knob("dim", "size of z", 64, 2, 256, 1, help="Numbers after the head; with 2, all z lie on a circle."),
        dials.optimizer("adamw"),
        *dials.schedule("cosine", decay_steps),
    )  # fmt: skip


PAIRS = Knob(
    "pairs", "a pair is", "one picture, twice", choices=("one picture, twice", "two artists"),
    help="What must find each other: two views of one drawing, or a view of each artist's. The second uses the names.",
)  # fmt: skip
QUEUE = (
    Hyper(
        "key_momentum", "momentum of the keys", 0.99, 0.0, 0.999, 0.001,
        help="How much of itself the key encoder keeps in each step. At 0 it is a copy of the query encoder.",
    ),
    Hyper(
        "queue_length", "queue", 2048, 64, 4096, 1, scale=Scale.LOG,
        help="Keys of earlier batches that a query is compared with.",
    ),
)  # fmt: skip

TASKS = (
    Task(
        key="mnist",
        title="Digits (MNIST)",
        kind="contrastive",
        dataset="images.digits",
        lead="Two views of a digit look for each other among two thousand keys in a queue. No label is used.",
        hypers=hypers(3e-3, 0.2, DIGIT_VIEWS, QUEUE),
        metrics=DIGIT_METRICS,
        lenses=("embedding", "view_pairs", "queue", "similarity", "alignment_and_uniformity"),
        inside=(*INSIDE[:2], "queue", *INSIDE[2:]),
        knobs=knobs(500),
        targets=(Target("test_accuracy", 0.88, seconds=8),),
        references=DIGITS_SEEN,
    ),
    Task(
        key="emoji",
        title="Emoji (two artists)",
        kind="contrastive",
        dataset="artists.emoji",
        lead="Views of emoji look for each other. Is the same emoji by another artist found too?",
        hypers=hypers(3e-3, 0.1, EMOJI_VIEWS, QUEUE),
        metrics=EMOJI_METRICS,
        lenses=("embedding", "view_pairs", "other_artist", "queue", "similarity", "alignment_and_uniformity"),
        inside=(*INSIDE[:2], "other_artist", "queue", *INSIDE[2:]),
        knobs=(*knobs(400), PAIRS),
        references=EMOJI_SEEN,
    ),
)
