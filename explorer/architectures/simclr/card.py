"""SimCLR's card."""

from explorer.architectures.simclr.experiments import EXPERIMENTS
from explorer.architectures.simclr.lesson import LESSON
from explorer.architectures.simclr.tasks import TASKS
from explorer.spec import Ancestor, Benchmark, Card, Family, Knob, Published, Reference, Result, Variant

PAPER = Reference(
    "A Simple Framework for Contrastive Learning of Visual Representations",
    "Chen, Kornblith, Norouzi and Hinton",
    2020,
    "ICML 2020",
    "arXiv:2002.05709",
)
IMAGE = (3, 224, 224)
TRAINED, KEPT = "As trained: f and g", "As used: f alone"
LINEAR = "Table 6, a linear classifier on the frozen encoder"


def _encoder(width: int, parameters: int, macs: int, millions: int, top1: float, top5: float) -> Variant:
    """f alone; the errors are those of Table 6."""
    return Variant(
        f"simclr-r50x{width}-encoder",
        f"SimCLR encoder, ResNet-50 ({width}×)",
        IMAGE,
        parameters=parameters,
        macs=macs,
        settings={"part": "encoder", "width": width},
        published=Published(
            f"{millions}M",
            "Table 6",
            parameters=millions * 1_000_000,
            why="The table rounds to millions.",
        ),
        note="ResNet-50 without its last layer: what remains of SimCLR once it is trained.",
        short=f"encoder {width}×",
        group=KEPT,
        results=(
            Result(Benchmark.IMAGENET_TOP1, top1, LINEAR),
            Result(Benchmark.IMAGENET_TOP5, top5, LINEAR),
        ),
    )


def _full(width: int, parameters: int, macs: int) -> Variant:
    return Variant(
        f"simclr-r50x{width}",
        f"SimCLR, ResNet-50 ({width}×)",
        IMAGE,
        parameters=parameters,
        macs=macs,
        settings={"part": "full", "width": width},
        note=(
            "Encoder and head for one view. Training sends two views of every picture through the same weights: set "
            "views to 2 to see both."
        ),
        short=f"{width}×",
        group=TRAINED,
    )


CARD = Card(
    key="simclr",
    title="SimCLR",
    family=Family.CONTRASTIVE,
    order=23,
    lead="Two views of one picture are pulled together, views of different pictures pushed apart: no labels needed.",
    paper=PAPER,
    variants=(
        Variant(
            "simclr-r50x1-pair",
            "SimCLR, two views",
            IMAGE,
            parameters=27_968_704,
            macs=8_183_185_920,
            settings={"part": "full", "width": 1, "views": 2},
            note=(
                "Both views pass the same encoder and head: parameters count once, multiply–adds twice, 4,091,592,704 "
                "for each view. The head is that of the authors' code, normalised and without biases; two plain linear "
                "layers would make it 27,966,656."
            ),
            short="1×, two views",
            group=TRAINED,
        ),
        _full(1, 27_968_704, 4_091_592_704),
        _full(2, 111_216_896, 16_129_818_624),
        _full(4, 443_552_128, 64_046_170_112),
        _encoder(1, 23_508_032, 4_087_136_256, 24, 30.7, 11.0),
        _encoder(2, 93_907_072, 16_112_517_120, 94, 25.8, 8.0),
        _encoder(4, 375_378_176, 63_978_012_672, 375, 23.5, 6.8),
    ),
    face="simclr-r50x1-pair",
    knobs=(
        Knob(
            "views",
            "views",
            1,
            choices=(1, 2),
            variants=("simclr-r50x1-pair", "simclr-r50x1", "simclr-r50x2", "simclr-r50x4"),
            help="2: both views of a picture and their similarity, as in training.",
        ),
        Knob(
            "head",
            "head",
            "nonlinear",
            choices=("nonlinear", "linear", "none"),
            variants=("simclr-r50x1-pair", "simclr-r50x1", "simclr-r50x2", "simclr-r50x4"),
            help="What stands between the representation h and the loss: the three forms of figure 8.",
        ),
        Knob(
            "dim",
            "size of z",
            128,
            8,
            2048,
            1,
            variants=("simclr-r50x1-pair", "simclr-r50x1", "simclr-r50x2", "simclr-r50x4"),
            help="Numbers that the head gives for a view; figure 8 finds that they matter little.",
        ),
        Knob(
            "depth", "ResNet", 50, choices=(18, 34, 50, 101, 152), help="Layers of the ResNet, as varied in figure 7."
        ),
        Knob("width", "width", 1, choices=(1, 2, 4), help="How many times as many channels as in the usual ResNet."),
        Knob("image_size", "image", 224, 32, 448, 1, help="Side of a view in pixels."),
    ),
    tasks=TASKS,
    lesson=LESSON,
    experiments=EXPERIMENTS,
    ancestors=(
        Ancestor("resnet", "its encoder is a ResNet"),
        Ancestor("moco", "pictures told from each other, with the batch in place of the queue"),
    ),
)
