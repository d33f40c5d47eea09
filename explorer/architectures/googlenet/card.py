"""GoogLeNet's card."""

from explorer.architectures.googlenet.lesson import LESSON
from explorer.spec import Ancestor, Benchmark, Card, Family, Knob, Published, Reference, Result, Variant

PAPER = Reference(
    "Going Deeper with Convolutions",
    "Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke and Rabinovich",
    2014,
    "CVPR 2015",
    "arXiv:1409.4842",
)
SHAPE = (3, 224, 224)

CARD = Card(
    key="googlenet",
    title="GoogLeNet",
    family=Family.CONVOLUTIONAL,
    order=13,
    lead="Look through windows of several sizes at once, and let cheap 1 × 1 convolutions pay for it.",
    paper=PAPER,
    variants=(
        Variant(
            "googlenet-noaux",
            "GoogLeNet",
            SHAPE,
            parameters=6_998_552,
            macs=1_582_671_872,
            settings={"form": "paper", "heads": False},
            published=Published(
                "12 times fewer parameters than Krizhevsky's net; 1.5 billion multiply–adds",
                "sec. 1",
                why=(
                    "AlexNet's 60,965,224 are 8.7 times as many. The multiply–adds of Table 1 add up to 1.50 G because "
                    "it gives conv1 2.7 K weights, where a full 7 × 7 convolution has 9,408; with all of these it is "
                    "1.58 G. Its parameters for 4c and 5a do not fit the widths in the same rows either."
                ),
            ),
            note="The net that answers: the auxiliary heads are thrown away after training.",
            short="as published",
            results=(Result(Benchmark.IMAGENET_TOP5, 9.15, "Table 3, one net, 10 crops, validation"),),
        ),
        Variant(
            "googlenet-aux",
            "GoogLeNet with auxiliary heads",
            SHAPE,
            parameters=13_378_280,
            macs=1_591_044_096,
            settings={"form": "paper", "heads": True},
            note="The net while it trains: two small classifiers look at the maps of 4a and 4d. They add 3,188,840 and "
            "3,190,888 parameters; the paper prints no count of them.",
            short="with heads",
        ),
        Variant(
            "googlenet-torchvision-noaux",
            "torchvision's GoogLeNet",
            SHAPE,
            parameters=6_624_904,
            macs=1_498_376_192,
            settings={"form": "torchvision", "heads": False},
            note="Batch normalisation in place of biases, no local response normalisation, 3 × 3 in the 5 × 5 branch.",
            short="torchvision",
        ),
        Variant(
            "googlenet-torchvision-aux",
            "torchvision's GoogLeNet with auxiliary heads",
            SHAPE,
            parameters=13_004_888,
            macs=1_498_376_192,
            settings={"form": "torchvision", "heads": True, "phase": "inference"},
            note="As it answers: the heads count as parameters, see no picture and cost no multiply–adds. Set "
            "the phase to training to let them work, for 8.4 M more.",
            short="torchvision, with heads",
        ),
    ),
    knobs=(
        Knob(
            "reductions", "reductions", "1×1", choices=("1×1", "none"),
            help="none: the naive module of figure 2(a), without a 1 × 1 before large windows and behind pooling.",
        ),
        Knob(
            "phase", "phase", "training", choices=("training", "inference"),
            variants=("googlenet-aux", "googlenet-torchvision-aux"),
            help="training: the auxiliary heads answer too. inference: they see no picture and cost nothing.",
        ),
        Knob(
            "width", "width", 1.0, 0.25, 2.0, 0.25,
            help="Times the channels of every convolution in the stem and the modules.",
        ),
        Knob(
            "image_size", "image", 224, 32, 512, 16,
            help="Side of the picture in pixels. The paper's heads need 80 or more.",
        ),
        Knob("num_classes", "classes", 1000, 2, 21_841, 1, help="Things to tell apart: outputs of the last layer."),
    ),
    lesson=LESSON,
    ancestors=(
        Ancestor("nin", "1 × 1 convolutions, and means of the last maps instead of dense layers"),
        Ancestor("alexnet", "ReLU, local response normalisation, overlapping max pooling and dropout"),
    ),
    face="googlenet-noaux",
)  # fmt: skip
