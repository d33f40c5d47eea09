"""Xception's card."""

from explorer.architectures.xception.lesson import LESSON
from explorer.spec import Ancestor, Benchmark, Card, Family, Knob, Published, Reference, Result, Variant

PAPER = Reference(
    "Xception: Deep Learning with Depthwise Separable Convolutions", "Chollet", 2016, "CVPR 2017", "arXiv:1610.02357"
)

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
    lesson=LESSON,
    ancestors=(
        Ancestor("googlenet", "Inception's hypothesis, to the end: space and channels can be looked at apart"),
        Ancestor("resnet", "shortcuts around nearly every module"),
    ),
)  # fmt: skip
