"""MobileNet's card."""

from explorer import dials
from explorer.architectures.mobilenet.experiments import EXPERIMENTS
from explorer.architectures.mobilenet.lesson import LESSON
from explorer.spec import (
    Ancestor,
    Benchmark,
    Card,
    Family,
    Knob,
    Metric,
    Published,
    Reference,
    Result,
    Target,
    Task,
    Variant,
)

PAPER = Reference(
    "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
    "Howard, Zhu, Chen, Kalenichenko, Wang, Weyand, Andreetto and Adam",
    2017,
    "",
    "arXiv:1704.04861",
)


def _width(width: str, parameters: int, macs: int, printed: str, top1_error: float) -> Variant:
    """A row of Table 6; `printed`: what it says of multiply–adds and parameters, in millions."""
    millions, of_parameters = printed.split()
    return Variant(
        f"mobilenet_v1_{width}",
        f"MobileNet {width}",
        (3, 224, 224),
        parameters=parameters,
        macs=macs,
        settings={"width": float(width)},
        published=Published(
            f"{of_parameters} million parameters, {millions} million multiply–adds", "Table 6, which rounds"
        ),
        note=f"The paper writes {width} MobileNet-224: width multiplier α = {width}, pictures of 224 × 224.",
        short=width,
        group="Width α",
        results=(
            Result(
                Benchmark.IMAGENET_TOP1,
                top1_error,
                f"Table 6, validation (accuracy {100 - top1_error:.1f} %)",
            ),
        ),
    )


FASHION = Task(
    key="fashion",
    title="Clothes (Fashion-MNIST)",
    kind="classification",
    dataset="images.clothes",
    lead="Two dials make it as thin as you like. Turn them, train again, and see what they cost.",
    hypers=(
        dials.learning_rate(0.012, 0.5),
        dials.momentum(0.9),
        dials.batch_size(32),
        dials.weight_decay(0.01, 1.0),
        *dials.augmentation(),
    ),
    metrics=(
        Metric("test_accuracy", "right, held out", percent=True, held_out=True),
        Metric("accuracy", "right, training batch", percent=True),
        Metric("loss", "loss (cross-entropy)", higher_is_better=False),
        Metric("test_loss", "loss, held out", held_out=True, higher_is_better=False),
    ),
    lenses=("separable", "maps", "confusion", "embedding"),
    inside=("inspect", "saliency", "separable", "excites", "embedding"),
    knobs=(
        Knob(
            "width", "width α", 1.0, choices=(0.25, 0.5, 0.75, 1.0, 1.5, 2.0),
            help="Multiplies the channels of every layer; at 1 they are 16, 32, 64, 64, 128.",
        ),
        Knob(
            "resolution", "resolution", 28, choices=(28, 20, 14),
            help="Side to which the picture is brought first. Fewer pixels, as many weights.",
        ),
        Knob(
            "convolutions", "convolutions", "separable", choices=("separable", "ordinary"),
            help="ordinary: full 3 × 3 convolutions in the same places.",
        ),
        dials.optimizer("adamw"),
        *dials.schedule("linear", 1600),
    ),
    targets=(Target("test_accuracy", 0.875, seconds=15),),
    references=(("test_accuracy", "guessing: 10 %", 0.1),),
)  # fmt: skip

CARD = Card(
    key="mobilenet",
    title="MobileNet",
    family=Family.CONVOLUTIONAL,
    order=16,
    lead="A network made thin on purpose, with two dials for how thin: its width and its picture.",
    paper=PAPER,
    variants=(
        _width("1.0", 4_231_976, 568_740_352, "569 4.2", 29.4),
        _width("0.75", 2_585_560, 325_400_448, "325 2.6", 31.6),
        _width("0.5", 1_331_592, 149_497_088, "149 1.3", 36.3),
        _width("0.25", 470_072, 41_030_272, "41 0.5", 49.4),
    ),
    knobs=(
        Knob(
            "width", "width α", 1.0, 0.125, 2.0, 0.03125,
            help="Multiplies the channels of every layer. Steps of 1/32, since the first layer has 32 channels.",
        ),
        Knob(
            "image_size", "image", 224, 32, 512, 32,
            help="Side of the picture; the paper tries 224, 192, 160 and 128. Parameters stay as they are.",
        ),
        Knob(
            "blocks_512", "blocks of 512", 5, 0, 16, 1,
            help="Equal blocks in the middle, at 14 × 14; without them it is the shallow network of Table 5.",
        ),
        Knob(
            "convolutions", "convolutions", "separable", choices=("separable", "ordinary"),
            help="ordinary: the rival of Table 4, which takes 8.6 times the multiply–adds for one point of accuracy.",
        ),
    ),
    tasks=(FASHION,),
    lesson=LESSON,
    experiments=EXPERIMENTS,
    ancestors=(Ancestor("xception", "depthwise separable convolutions all the way through"),),
    face="mobilenet_v1_1.0",
)  # fmt: skip
