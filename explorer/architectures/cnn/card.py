"""The convolutional network's card."""

from explorer import dials
from explorer.architectures.cnn.experiments import EXPERIMENTS
from explorer.architectures.cnn.lesson import LESSON
from explorer.spec import Ancestor, Card, Family, Knob, Published, Reference, Target, Task, Variant

PAPER = Reference(
    "Gradient-Based Learning Applied to Document Recognition",
    "LeCun, Bottou, Bengio and Haffner",
    1998,
    "Proceedings of the IEEE 86(11), 2278–2324",
    "doi:10.1109/5.726791",
)


def _knobs(
    channels: tuple[int, ...],
    kernel_size: int,
    first_stride: int = 1,
    pooling: str = "max",
    batch_norm: bool = False,
    optimizer: str = "adam",
    decay_steps: int = 0,
) -> tuple[Knob, ...]:
    return (
        Knob("channels", "channels", channels, 1, 64, help="Feature maps of each stage, first to last, such as 8-16."),
        Knob(
            "kernel_size", "kernel", kernel_size, choices=(1, 3, 5, 7),
            help="Side of the window that each convolution looks through.",
        ),
        Knob(
            "first_stride", "first stride", first_stride, choices=(1, 2),
            help="2: the first convolution skips every second place, and needs no pooling.",
        ),
        Knob(
            "pooling", "pooling", pooling, choices=("max", "average", "strided", "subsample"),
            help="How 2 × 2 cells become one: the largest, the mean, learnt weights, or simply the first.",
        ),
        Knob("activation", "activation", "relu", choices=("relu", "tanh", "sigmoid", "none")),
        Knob(
            "batch_norm", "batch normalisation", batch_norm,
            help="Not in 1998; brings each map to mean 0 and spread 1 over the batch, and bears larger learning rates.",
        ),
        Knob(
            "head", "read-out", "flat", choices=("flat", "average"),
            help="flat: every cell has its own weight. average: each map is averaged first; place no longer counts.",
        ),
        Knob(
            "body", "layers", "convolution", choices=("convolution", "dense"),
            help="dense: two hidden layers with as many parameters, for comparison.",
        ),
        dials.optimizer(optimizer),
        *dials.schedule("linear" if decay_steps else "constant", decay_steps),
    )  # fmt: skip


def _task(
    key: str, title: str, dataset: str, lead: str, knobs: tuple[Knob, ...], rate: float, batch: int, target: Target,
    guess: tuple[str, float], dropout: float = 0.0, decay: float = 0.0, data_knobs: tuple[Knob, ...] = (),
) -> Task:  # fmt: skip
    return Task(
        key=key,
        title=title,
        kind="classification",
        dataset=dataset,
        lead=lead,
        hypers=(
            dials.learning_rate(rate, 0.5),
            dials.momentum(0.9),
            dials.batch_size(batch),
            dials.weight_decay(decay, 1.0),
            dials.dropout(dropout),
        ),
        metrics=dials.CLASSIFICATION,
        lenses=("maps", "confusion", "embedding"),
        inside=("inspect", "saliency", "excites", "embedding"),
        knobs=knobs,
        data_knobs=data_knobs,
        targets=(target,),
        references=(("test_accuracy", *guess),),
    )


CARD = Card(
    key="cnn",
    title="CNN (LeNet-5)",
    family=Family.CONVOLUTIONAL,
    order=0,
    lead="The same few weights slide over the whole picture, so that a stroke is found wherever it lies.",
    paper=PAPER,
    variants=(
        Variant(
            "lenet5-1998",
            "LeNet-5, as published",
            (1, 32, 32),
            parameters=60_000,
            fixed=840,
            macs=326_520,
            settings={"form": "1998"},
            published=Published(
                "340,908 connections, but only 60,000 trainable free parameters",
                "sec. II.B",
                parameters=60_000,
                why=(
                    "The 840 numbers of the output units are fixed bitmaps, not trained, and not in the paper's 60,000."
                ),
            ),
            note=(
                "C3 sees S2 through a sparse table, pooling has trainable numbers, the output measures distances to "
                "bitmaps."
            ),
        ),
        Variant(
            "lenet5-modern",
            "LeNet-5, as mostly built today",
            (1, 32, 32),
            parameters=61_706,
            macs=416_520,
            settings={"form": "modern"},
            published=Published(
                "60,000 trainable free parameters",
                "sec. II.B, of the network as published",
                parameters=60_000,
                why=(
                    "Common code lets every map of C3 see all of S2 (2,416 for 1,516), pools without parameters (0 "
                    "for 44) and ends in a linear layer (850 for 0)."
                ),
            ),
            note="What most tutorials call LeNet-5.",
        ),
    ),
    knobs=(
        Knob("kernel_size", "kernel", 5, 1, 9, 1, variants=("lenet5-modern",), help="Side of the window of C1 and C3."),
        Knob("maps_c1", "maps of C1", 6, 1, 64, 1, variants=("lenet5-modern",)),
        Knob("maps_c3", "maps of C3", 16, 1, 128, 1, variants=("lenet5-modern",)),
        Knob(
            "image_size",
            "image",
            32,
            16,
            128,
            1,
            variants=("lenet5-modern",),
            help="Side of the picture in pixels; the digits of 28 × 28 were padded to 32.",
        ),
    ),
    tasks=(
        _task(
            "mnist",
            "Digits (MNIST)",
            "images.digits",
            "Ten digits, two convolutions: watch strokes become filters and filters become answers.",
            _knobs((8, 16), 5),
            0.005,
            64,
            Target("test_accuracy", 0.97, seconds=10),
            ("guessing: 10 %", 0.1),
            data_knobs=(
                Knob(
                    "canvas",
                    "canvas",
                    28,
                    choices=(28, 36),
                    help="36: the digit lies in the middle of a wider picture.",
                ),
            ),
        ),
        _task(
            "fashion",
            "Clothes (Fashion-MNIST)",
            "images.clothes",
            "The same size as the digits, and harder: is it a shirt, a coat or a pullover?",
            _knobs((16, 32, 64), 3, 2, "average", True, "adamw", 1800),
            0.012,
            32,
            Target("test_accuracy", 0.89, seconds=15),
            ("guessing: 10 %", 0.1),
            decay=0.01,
        ),
        _task(
            "emoji",
            "Emoji (two artists)",
            "images.emoji",
            "Nine kinds of emoji in colour; the held-out ones are emoji it has never seen from either artist.",
            _knobs((16, 32, 64), 3, 2, "average", True, "adamw", 850),
            0.007,
            64,
            Target("test_accuracy", 0.70, seconds=15),
            ("always the commonest class: 20 %", 0.204),
            dropout=0.5,
            decay=0.1,
        ),
    ),
    lesson=LESSON,
    experiments=EXPERIMENTS,
    ancestors=(Ancestor("feed_forward", "trained end to end by backpropagation, with most weights shared or gone"),),
)
