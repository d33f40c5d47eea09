"""AlexNet's card."""

from explorer.architectures.alexnet.lesson import LESSON
from explorer.spec import Ancestor, Benchmark, Card, Family, Knob, Published, Reference, Result, Variant

PAPER = Reference(
    "ImageNet Classification with Deep Convolutional Neural Networks",
    "Krizhevsky, Sutskever and Hinton",
    2012,
    "Advances in Neural Information Processing Systems 25",
    "doi:10.1145/3065386",
)
OF_2012 = ("alexnet-2012", "alexnet-ungrouped")
PRINTED = "60 million parameters and 650,000 neurons"

CARD = Card(
    key="alexnet",
    title="AlexNet",
    family=Family.CONVOLUTIONAL,
    order=9,
    lead="Eight layers, two graphics cards, 1.2 million photographs: the network that made depth worth its cost.",
    paper=PAPER,
    variants=(
        Variant(
            "alexnet-2012",
            "AlexNet, two towers",
            (3, 227, 227),
            parameters=60_965_224,
            macs=724_406_816,
            settings={"form": "2012", "groups": 2},
            published=Published(PRINTED, "abstract, both rounded"),
            note="As published: half of the maps on each graphics card; only layer 3 and the dense layers read both.",
            short="two towers",
            results=(
                Result(Benchmark.IMAGENET_TOP1, 40.7, "Table 2, one network, ILSVRC-2012 validation"),
                Result(Benchmark.IMAGENET_TOP5, 18.2, "Table 2, one network, ILSVRC-2012 validation"),
            ),
        ),
        Variant(
            "alexnet-ungrouped",
            "AlexNet, towers joined",
            (3, 227, 227),
            parameters=62_378_344,
            macs=1_135_256_096,
            settings={"form": "2012", "groups": 1},
            published=Published(PRINTED, "abstract, of the network with two towers"),
            note=(
                "The same widths in one tower: what one gets by forgetting the groups. 2 % more parameters, 57 % more "
                "work."
            ),
            short="towers joined",
        ),
        Variant(
            "alexnet-torchvision",
            "AlexNet, as mostly built today",
            (3, 224, 224),
            parameters=61_100_840,
            macs=714_188_480,
            settings={"form": "2014", "groups": 1, "response_norm": False, "pool_window": 3, "image_size": 224},
            published=Published(PRINTED, "abstract of 2012, of the network with two towers"),
            note=(
                "The one-tower network of Krizhevsky's \"One weird trick\" (2014), as torchvision builds it: 64, 192, "
                "384, 256 and 256 maps, no response normalisation, and a border that makes 224 fit."
            ),
            short="torchvision",
        ),
    ),
    knobs=(
        Knob(
            "groups", "towers", 2, choices=(1, 2, 4), variants=OF_2012,
            help="Into how many towers the convolutions are split; they meet in layer 3 and in the dense layers.",
        ),
        Knob(
            "image_size", "image", 227, 67, 515, 4,
            help="Side of the picture in pixels. Without a border it has to be 11 and a multiple of 4.",
        ),
        Knob(
            "pool_window", "pooling window", 3, choices=(3, 2), variants=OF_2012,
            help="Pooling moves by 2. Windows of 3 overlap, as published; windows of 2 do not.",
        ),
        Knob(
            "response_norm", "response normalisation", True, variants=OF_2012,
            help="Strong answers damp those of neighbouring maps at the same place; after layers 1 and 2.",
        ),
        Knob("hidden", "hidden units", 4096, 64, 8192, 64, help="Units of fc6 and fc7."),
        Knob("num_classes", "classes", 1000, 2, 22_000, 1),
    ),
    lesson=LESSON,
    ancestors=(Ancestor("cnn", "convolution and pooling, by turns, then dense layers; larger, with ReLU and dropout"),),
)  # fmt: skip
