"""Xception's card."""

from explorer import dials
from explorer.architectures.xception.experiments import EXPERIMENTS
from explorer.architectures.xception.lesson import LESSON
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
    "Xception: Deep Learning with Depthwise Separable Convolutions", "Chollet", 2016, "CVPR 2017", "arXiv:1610.02357"
)

FASHION = Task(
    key="fashion",
    title="Clothes (Fashion-MNIST)",
    kind="classification",
    dataset="images.clothes",
    lead="Small pictures, seven convolutions: watch filters over space and weights over channels learn apart.",
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
    lenses=("separable", "maps", "residual_blocks", "confusion", "embedding"),
    inside=("inspect", "saliency", "separable", "residual_blocks", "switch_off", "excites", "embedding"),
    knobs=(
        Knob(
            "convolutions", "convolutions", "separable", choices=("separable", "full"),
            help="full: ordinary 3 × 3 convolutions in the same places, with about eight times the weights.",
        ),
        Knob(
            "between", "between the halves", "none", choices=("none", "relu", "elu"),
            help="What stands between the depthwise and the pointwise half; full convolutions have no halves.",
        ),
        Knob("residual", "residual", True, help="The shortcut around each module of the middle flow."),
        Knob("middle_modules", "middle modules", 2, 0, 6, 1, help="Each has two convolutions at 7 × 7."),
        Knob("width", "channels", 64, 8, 128, 8, help="Channels that go through the modules."),
        dials.optimizer("adamw"),
        *dials.schedule("linear", 1400),
    ),
    targets=(Target("test_accuracy", 0.88, seconds=15),),
    references=(("test_accuracy", "guessing: 10 %", 0.1),),
)  # fmt: skip

CARD = Card(
    key="xception",
    title="Xception",
    family=Family.CONVOLUTIONAL,
    order=15,
    lead="Look at each channel by itself, then mix the channels at each pixel: two small questions for one large one.",
    paper=PAPER,
    variants=(
        Variant(
            "xception",
            "Xception",
            (3, 299, 299),
            parameters=22_855_952,
            macs=8_357_403_496,
            published=Published("22,855,952 parameters", "Table 3", parameters=22_855_952),
            note=(
                "36 convolutional layers in 14 modules, a separable convolution counted as one. The 54,528 running "
                "means and variances of batch normalisation are not trained and not counted."
            ),
            results=(
                Result(Benchmark.IMAGENET_TOP1, 21.0, "Table 1, one crop, one model, validation (accuracy 0.790)"),
                Result(Benchmark.IMAGENET_TOP5, 5.5, "Table 1, one crop, one model, validation (accuracy 0.945)"),
            ),
        ),
    ),
    knobs=(
        Knob(
            "middle_modules", "middle modules", 8, 1, 24, 1,
            help="How often the middle flow repeats its module; figure 5 says eight times.",
        ),
        Knob(
            "segments", "segments", "all", choices=("all", "4", "2", "1"),
            help=(
                "Groups of channels that the 3 × 3 filters see together: one for each channel is Xception, a few are "
                "like Inception's towers, 1 is an ordinary convolution followed by a 1 × 1."
            ),
        ),
        Knob(
            "between", "between the halves", "none", choices=("none", "relu", "elu"),
            help="A non-linearity between depthwise and pointwise; figure 10 finds none to be best.",
        ),
        Knob("residual", "residual", True, help="The shortcuts around twelve of the modules; figure 9 tries without."),
        Knob(
            "hidden_layers", "hidden layers", False,
            help="Two fully connected layers of 4,096 units before the last, as tried on JFT (table 2).",
        ),
        Knob("image_size", "image", 299, 71, 512, 1, help="Side of the picture in pixels."),
    ),
    tasks=(FASHION,),
    lesson=LESSON,
    experiments=EXPERIMENTS,
    ancestors=(
        Ancestor("googlenet", "Inception's hypothesis, to the end: space and channels can be looked at apart"),
        Ancestor("resnet", "shortcuts around nearly every module"),
    ),
)  # fmt: skip
