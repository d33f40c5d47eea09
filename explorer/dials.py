"""What many tasks share: hyperparameters, each with its usual range (cards choose the default), and metrics."""

from __future__ import annotations

from explorer.spec import Hyper, Knob, Metric, Scale

CLASSIFICATION = (
    Metric("test_accuracy", "right, held out", percent=True, held_out=True),
    Metric("accuracy", "right, training batch", percent=True),
    Metric("loss", "loss (cross-entropy)", higher_is_better=False),
    Metric("test_loss", "loss, held out", held_out=True, higher_is_better=False),
)


def learning_rate(default: float, maximum: float = 1.0) -> Hyper:
    return Hyper(
        "learning_rate", "learning rate", default, 1e-5, maximum, scale=Scale.LOG,
        help="How far each step follows the gradient. Too small: slow. Too large: the loss jumps about or blows up.",
    )  # fmt: skip


def momentum(default: float = 0.0) -> Hyper:
    return Hyper(
        "momentum", "momentum", default, 0.0, 0.99, 0.01,
        help="How much of the last step is kept in the next. Only plain gradient descent (sgd) uses it.",
    )  # fmt: skip


def weight_decay(default: float = 0.0, maximum: float = 10.0) -> Hyper:
    return Hyper(
        "weight_decay", "weight decay", default, 0.0, maximum, scale=Scale.LOG,
        help="Pulls every weight a little towards zero in each step.",
    )  # fmt: skip


def batch_size(default: int, maximum: int = 512) -> Hyper:
    return Hyper(
        "batch_size", "batch size", default, 1, maximum, 1, scale=Scale.LOG,
        help="How many examples each step averages over. Fewer: more steps a second, and a noisier gradient.",
    )  # fmt: skip


def dropout(default: float = 0.0) -> Hyper:
    return Hyper(
        "dropout", "dropout", default, 0.0, 0.9, 0.05,
        help="The share of units before the output that is switched off at random in each training step.",
    )  # fmt: skip


def noise(default: float, maximum: float = 0.5) -> Hyper:
    return Hyper(
        "noise", "noise", default, 0.0, maximum, 0.01,
        help="How far the points are scattered. The points are drawn anew, from the same seed.",
    )  # fmt: skip


def augmentation(mirror: bool = False, shift: int = 0, rotate: float = 0.0, colour: float = 0.0) -> tuple[Hyper, ...]:
    """The ways in which training pictures are changed anew in each step; `explorer.training.augmentation` does it."""
    return (
        Hyper("mirror", "mirror", mirror, help="Half of the training pictures are mirrored, chosen anew each step."),
        Hyper("shift", "shift", shift, 0, 6, 1, help="Training pictures are moved by up to so many pixels each way."),
        Hyper("rotate", "rotate", rotate, 0.0, 45.0, 1.0, help="… and turned by up to so many degrees."),
        Hyper("erase", "hide a patch", 0.0, 0.0, 0.4, 0.05, help="In half of them a patch is hidden, up to this size"),
        Hyper("colour", "tint", colour, 0.0, 1.0, 0.05, help="Colours and contrast are changed by up to so much."),
    )  # fmt: skip


def optimizer(default: str, choices: tuple[str, ...] = ("sgd", "adam", "adamw")) -> Knob:
    words = {
        "sgd": "sgd: plain gradient descent, with momentum.",
        "adam": "adam: each weight's step by its own past gradients.",
        "adamw": "adamw: as adam, with weight decay apart from the gradient.",
        "muon": "muon: each matrix turns by as much in all its directions; the rest as adamw.",
    }
    return Knob("optimizer", "optimiser", default, choices=choices, help=" ".join(words[each] for each in choices))


def warmup(default: int) -> Knob:
    return Knob(
        "warmup_steps", "warm-up", default, 0, 10_000, 10,
        help="So many steps until the learning rate has risen to its full size.",
    )  # fmt: skip


def schedule(default: str = "constant", decay_steps: int = 0) -> tuple[Knob, Knob]:
    return (
        Knob(
            "schedule", "rate over time", default, choices=("constant", "linear", "cosine"),
            help="constant, or falling to a hundredth of the learning rate over the steps below.",
        ),
        Knob("decay_steps", "steps until it has fallen", decay_steps, 0, 100_000, 100),
    )  # fmt: skip


def views(
    crop: float = 0.0, shift: int = 0, rotate: float = 0.0, stretch: float = 0.0, shear: float = 0.0,
    colour: float = 0.0, grey: float | None = None,
) -> tuple[Hyper, ...]:  # fmt: skip
    """The ways in which a picture's views differ; `explorer.training.contrastive_views` makes them.

    `grey` None: the pictures have one channel, and nothing to lose.
    """
    greyed = () if grey is None else (
        Hyper("grey", "without colour", grey, 0.0, 1.0, 0.05, help="The share of views whose colours are gone."),
    )  # fmt: skip
    return (
        Hyper("crop", "crop", crop, 0.0, 0.7, 0.05, help="Up to this share of the side is cut off, the rest enlarged."),
        Hyper("shift", "shift", shift, 0, 8, 1, help="Views are moved by up to so many pixels each way."),
        Hyper("rotate", "rotate", rotate, 0.0, 90.0, 1.0, help="… and turned by up to so many degrees."),
        Hyper("stretch", "stretch", stretch, 0.0, 1.0, 0.05, help="Each side is made longer or shorter by so much."),
        Hyper("shear", "slant", shear, 0.0, 1.0, 0.05, help="Upright lines lean by up to this slope."),
        Hyper("mirror", "mirror", False, help="Half of the views are mirrored."),
        Hyper("colour", "tint", colour, 0.0, 1.0, 0.05, help="Colours and contrast are changed by up to so much."),
        *greyed,
        Hyper("blur", "blur", 0.0, 0.0, 3.0, 0.1, help="Views are blurred by up to so many pixels."),
        Hyper("erase", "hide a patch", 0.0, 0.0, 0.4, 0.05, help="In half of them a patch is hidden, up to this size."),
    )  # fmt: skip
