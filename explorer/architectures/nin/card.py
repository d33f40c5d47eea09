"""Network in Network's card."""

from explorer.architectures.nin.lesson import LESSON
from explorer.spec import Ancestor, Benchmark, Card, Family, Knob, Reference, Result, Variant

PAPER = Reference("Network In Network", "Lin, Chen and Yan", 2013, "ICLR 2014", "arXiv:1312.4400")
OF_CIFAR = ("nin-cifar10", "nin-cifar100")
WIDTHS = "The paper prints neither widths nor a total; the widths are those of the authors' files for cuda-convnet."

CARD = Card(
    key="nin",
    title="NiN",
    family=Family.CONVOLUTIONAL,
    order=12,
    lead="A small network slides over the picture in place of a filter, and one map for each class is the answer.",
    paper=PAPER,
    variants=(
        Variant(
            "nin-cifar10",
            "NiN for CIFAR-10",
            (3, 32, 32),
            parameters=966_986,
            macs=222_486_528,
            settings={"form": "cifar", "num_classes": 10},
            note=WIDTHS,
            short="CIFAR-10",
            results=(Result(Benchmark.CIFAR10, 10.41, "Table 1, with dropout, without augmentation"),),
        ),
        Variant(
            "nin-cifar100",
            "NiN for CIFAR-100",
            (3, 32, 32),
            parameters=984_356,
            macs=223_592_448,
            settings={"form": "cifar", "num_classes": 100},
            note=f"The same with a hundred maps at the end; the paper reports an error of 35.68 %. {WIDTHS}",
            short="CIFAR-100",
        ),
        Variant(
            "nin-imagenet",
            "NiN for ImageNet",
            (3, 224, 224),
            parameters=7_595_176,
            macs=1_100_188_800,
            settings={"form": "imagenet", "num_classes": 1000},
            note="Not in the paper: the authors' own model for Caffe, with four mlpconv layers.",
            short="ImageNet",
        ),
    ),
    knobs=(
        Knob(
            "mlp_layers", "1 × 1 layers", 2, 0, 4, 1,
            help="Layers of the perceptron after each convolution; 0: plain convolutions, straight to the last width.",
        ),
        Knob(
            "read_out", "read-out", "average", choices=("average", "max", "dense"),
            help="How each class map becomes one number: its mean, its largest cell, or weights for every cell.",
        ),
        Knob("image_size", "image", 32, 8, 128, 1, variants=OF_CIFAR, help="Side of the picture in pixels."),
        Knob("image_size", "image", 224, 32, 512, 1, variants=("nin-imagenet",), help="Side of the picture in pixels."),
        Knob("num_classes", "classes", 10, 2, 22_000, 1, help="Maps of the last mlpconv layer."),
    ),
    lesson=LESSON,
    ancestors=(Ancestor("cnn", "convolution and pooling, by turns; the dense layers at the end are gone"),),
)  # fmt: skip
