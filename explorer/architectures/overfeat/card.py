"""OverFeat's card."""

from explorer.architectures.overfeat.experiments import EXPERIMENTS
from explorer.architectures.overfeat.lesson import LESSON
from explorer.architectures.overfeat.tasks import TASKS
from explorer.spec import Ancestor, Benchmark, Card, Family, Knob, Published, Reference, Result, Variant

PAPER = Reference(
    "OverFeat: Integrated Recognition, Localization and Detection using Convolutional Networks",
    "Sermanet, Eigen, Zhang, Mathieu, Fergus and LeCun",
    2013,
    "ICLR 2014",
    "arXiv:1312.6229",
)
CLASSIFIERS, REGRESSORS = ("overfeat-fast", "overfeat-accurate"), ("overfeat-regressor-scr", "overfeat-regressor-pcr")
HEAD = Published(
    "two fully connected hidden layers of 4,096 and 1,024 channels, on 256 maps of 5 × 5",
    "sec. 4.2 and Figure 8; no total is printed",
    why=(
        "Tables 1 and 3 give 1,024 maps where text and figure say 256; with 1,024 a regressor would have 78,643,200 "
        "parameters more."
    ),
)

CARD = Card(
    key="overfeat",
    title="OverFeat",
    family=Family.CONVOLUTIONAL,
    order=10,
    lead="A classifier that slides over a picture of any size at hardly any extra cost, and says where things are.",
    paper=PAPER,
    variants=(
        Variant(
            "overfeat-fast",
            "OverFeat, fast",
            (3, 231, 231),
            parameters=145_920_872,
            macs=2_801_403_904,
            settings={"form": "fast"},
            published=Published(
                "145 million parameters and 2,810 million connections",
                "Table 4",
                why="The table gives no terms for connections; multiply-adds are 0.3 % fewer.",
            ),
            note="Table 1: eight layers with weights. Close to AlexNet, without its towers and its normalisation.",
            short="fast",
            results=(
                Result(Benchmark.IMAGENET_TOP1, 38.12, "Table 2, one network, six scales, fine stride, validation"),
                Result(Benchmark.IMAGENET_TOP5, 16.27, "Table 2, one network, six scales, fine stride, validation"),
            ),
        ),
        Variant(
            "overfeat-accurate",
            "OverFeat, accurate",
            (3, 221, 221),
            parameters=144_656_488,
            macs=5_355_446_784,
            settings={"form": "accurate"},
            published=Published(
                "144 million parameters and 5,369 million connections",
                "Table 4, cut to millions",
                why="The table gives no terms for connections; multiply-adds are 0.3 % fewer.",
            ),
            note=(
                "Table 3: nine layers with weights. A finer first look: fewer parameters than fast, almost twice the "
                "work."
            ),
            short="accurate",
            results=(
                Result(Benchmark.IMAGENET_TOP1, 35.74, "Table 2, one network, four scales, fine stride, validation"),
                Result(Benchmark.IMAGENET_TOP5, 14.18, "Table 2, one network, four scales, fine stride, validation"),
            ),
        ),
        Variant(
            "overfeat-regressor-scr",
            "Box regressor, one for all classes",
            (256, 5, 5),
            parameters=30_417_924,
            macs=30_412_800,
            settings={"form": "one box"},
            published=HEAD,
            note="Single-class regression (SCR): four numbers at every place, whatever the object is.",
            short="one box",
        ),
        Variant(
            "overfeat-regressor-pcr",
            "Box regressor, one for each class",
            (256, 5, 5),
            parameters=34_513_824,
            macs=34_504_704,
            settings={"form": "box per class"},
            published=HEAD,
            note="Per-class regression (PCR): 4 × 1,000 numbers at every place. In the paper it did worse.",
            short="box per class",
        ),
    ),
    knobs=(
        Knob(
            "image_size", "image", 231, 231, 583, 32, variants=("overfeat-fast",),
            help="Side of the picture in pixels. A larger one gives more answers, 32 pixels apart.",
        ),
        Knob(
            "image_size", "image", 221, 221, 581, 36, variants=("overfeat-accurate",),
            help="Side of the picture in pixels. A larger one gives more answers, 36 pixels apart.",
        ),
        Knob(
            "feature_maps", "feature maps", 256, choices=(256, 1024), variants=REGRESSORS,
            help="Maps that the regressor reads: 256 by the text and Figure 8, 1,024 by Tables 1 and 3.",
        ),
        Knob(
            "map_side", "side of the maps", 5, 5, 24, 1, variants=REGRESSORS,
            help="Cells of the feature maps along a side; a box is predicted from each 5 × 5 of them.",
        ),
        Knob(
            "num_classes", "classes", 1000, 2, 22_000, 1,
            variants=(*CLASSIFIERS, "overfeat-regressor-pcr"),
        ),
    ),
    tasks=TASKS,
    lesson=LESSON,
    experiments=EXPERIMENTS,
    ancestors=(
        Ancestor("alexnet", "its layers and its training, without normalisation and without overlapping pooling"),
    ),
    face="overfeat-accurate",
)  # fmt: skip
