"""VGG's card."""

from explorer import dials
from explorer.architectures.vgg.experiments import EXPERIMENTS
from explorer.architectures.vgg.lesson import LESSON
from explorer.spec import (
    Ancestor,
    Benchmark,
    Card,
    Family,
    Knob,
    Published,
    Reference,
    Result,
    Settings,
    Target,
    Task,
    Variant,
)

PAPER = Reference(
    "Very Deep Convolutional Networks for Large-Scale Image Recognition",
    "Simonyan and Zisserman",
    2014,
    "ICLR 2015",
    "arXiv:1409.1556",
)
A, B, D, E = (1, 1, 2, 2, 2), (2, 2, 2, 2, 2), (2, 2, 3, 3, 3), (2, 2, 4, 4, 4)
FIXED_SCALE = "trained and tested at scale 256"
ANY_SCALE = "trained at scales 256–512, tested at 384"


def _paper(
    id: str, letter: str, layers: int, parameters: int, macs: int, settings: Settings,
    millions: int, top1: float, top5: float, scales: str, note: str,
) -> Variant:  # fmt: skip
    """One column of Table 1, with its best row of Table 3."""
    place = f"Table 3, one network, {scales}, validation"
    return Variant(
        id,
        f"VGG-{layers} ({letter})",
        (3, 224, 224),
        parameters=parameters,
        macs=macs,
        settings=settings,
        published=Published(f"{millions} million parameters", "Table 2, which rounds to millions"),
        note=note,
        short=f"{letter} {layers}",
        group="Table 1",
        results=(Result(Benchmark.IMAGENET_TOP1, top1, place), Result(Benchmark.IMAGENET_TOP5, top5, place)),
    )


def _normalised(
    id: str, letter: str, layers: int, parameters: int, macs: int, convolutions: tuple[int, ...]
) -> Variant:
    """The same with batch normalisation after every convolution, as libraries offer it."""
    return Variant(
        id,
        f"VGG-{layers} with batch norm",
        (3, 224, 224),
        parameters=parameters,
        macs=macs,
        settings={"convolutions": convolutions, "batch_norm": True},
        note=f"Configuration {letter} with two more numbers for every map; not in the paper, which is older.",
        short=str(layers),
        group="batch norm",
    )


def _knobs(convolutions: tuple[int, ...], channels: tuple[int, ...], hidden: int, decay_steps: int) -> tuple[Knob, ...]:
    return (
        Knob(
            "convolutions", "convolutions", convolutions, 1, 6,
            help="How many each stage has, first to last, such as 2-2. Each stage ends in pooling.",
        ),
        Knob(
            "channels", "channels", channels, 1, 64,
            help="Maps of each stage, such as 16-32; further stages have as many as the last one named.",
        ),
        Knob("kernel_size", "kernel", 3, choices=(1, 3, 5, 7), help="Side of every window; the paper's is 3."),
        Knob(
            "batch_norm", "batch normalisation", True,
            help="Brings each map to mean 0 and spread 1 over the batch. Younger than the paper.",
        ),
        Knob(
            "entry", "halve at once", True,
            help="On: a first 2 × 2 convolution that moves by 2, so that the stages have a quarter of the places.",
        ),
        Knob("hidden", "hidden units", hidden, 16, 512, 16, help="Of the dense layer before the output."),
        Knob(
            "weights", "first weights", "he", choices=("he", "default"),
            help="he: as large as ReLU needs them. default: what torch draws, too small for ReLU by √6.",
        ),
        dials.optimizer("adamw"),
        *dials.schedule("linear", decay_steps),
        dials.warmup(150),
    )  # fmt: skip


def _task(
    key: str, title: str, dataset: str, lead: str, target: Target | None, guess: tuple[str, float],
    knobs: tuple[Knob, ...],
    rate: float, dropout: float, decay: float, mirror: bool = False,
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
            dials.batch_size(64),
            dials.weight_decay(decay, 1.0),
            dials.dropout(dropout),
            *dials.augmentation(mirror),
        ),
        metrics=dials.CLASSIFICATION,
        lenses=("receptive_fields", "maps", "confusion", "embedding"),
        inside=("inspect", "receptive_fields", "saliency", "excites", "embedding"),
        knobs=knobs,
        targets=() if target is None else (target,),
        references=(("test_accuracy", *guess),),
    )  # fmt: skip


CARD = Card(
    key="vgg",
    title="VGG",
    family=Family.CONVOLUTIONAL,
    order=11,
    lead="Nothing but 3 × 3 windows, stacked until they see the whole picture: depth decides.",
    paper=PAPER,
    variants=(
        _paper(
            "vgg11", "A", 11, 132_863_336, 7_609_090_048, {"convolutions": A}, 133, 29.6, 10.4, FIXED_SCALE,
            "Shallow enough to train from random weights; the deeper ones started from its layers.",
        ),
        _paper(
            "vgg13", "B", 13, 133_047_848, 11_308_466_176, {"convolutions": B}, 133, 28.7, 9.9, FIXED_SCALE,
            "Two convolutions in every stage.",
        ),
        _paper(
            "vgg16-c", "C", 16, 133_638_952, 11_770_888_192, {"convolutions": D, "third_kernel": 1}, 134, 27.3, 8.8,
            ANY_SCALE, "As deep as D, but the third convolution of a stage looks at one cell only.",
        ),
        _paper(
            "vgg16", "D", 16, 138_357_544, 15_470_264_320, {"convolutions": D}, 138, 25.6, 8.1, ANY_SCALE,
            "What is meant where people say VGG-16.",
        ),
        _paper(
            "vgg19", "E", 19, 143_667_240, 19_632_062_464, {"convolutions": E}, 144, 25.5, 8.0, ANY_SCALE,
            "The deepest of the paper, a tenth of a point better than D.",
        ),
        _normalised("vgg11_bn", "A", 11, 132_868_840, 7_609_090_048, A),
        _normalised("vgg13_bn", "B", 13, 133_053_736, 11_308_466_176, B),
        _normalised("vgg16_bn", "D", 16, 138_365_992, 15_470_264_320, D),
        _normalised("vgg19_bn", "E", 19, 143_678_248, 19_632_062_464, E),
    ),
    knobs=(
        Knob(
            "convolutions", "convolutions", D, 1, 8,
            help="How many each stage has, first to last, such as 2-2-3-3-3; up to six stages.",
        ),
        Knob("width", "width", 64, 8, 128, 8, help="Channels of the first stage; they double up to eightfold."),
        Knob(
            "third_kernel", "third kernel", 3, choices=(3, 1),
            help="Window of a stage's third convolution and those after it; 1 × 1 in configuration C.",
        ),
        Knob("hidden", "hidden units", 4096, 64, 8192, 64, help="Units of fc6 and fc7, where most parameters sit."),
        Knob("image_size", "image", 224, 32, 512, 32, help="Side of the picture in pixels, halved by every stage."),
        Knob("num_classes", "classes", 1000, 2, 22_000, 1),
    ),
    tasks=(
        _task(
            "fashion",
            "Clothes (Fashion-MNIST)",
            "images.clothes",
            "Two stages of two convolutions, all windows 3 × 3: the paper's recipe, small enough to watch.",
            Target("test_accuracy", 0.88, seconds=15),
            ("guessing: 10 %", 0.1),
            _knobs((2, 2), (16, 32), 128, 1350),
            rate=0.012,
            dropout=0.2,
            decay=0.01,
        ),
        _task(
            "emoji",
            "Emoji (two artists)",
            "images.emoji",
            "Nine kinds of emoji in colour; the held-out ones are emoji it has never seen from either artist.",
            None,
            ("always the commonest class: 20 %", 0.204),
            _knobs((2, 2), (16, 32), 128, 1000),
            rate=0.008,
            dropout=0.5,
            decay=0.1,
            mirror=True,
        ),
    ),
    lesson=LESSON,
    experiments=EXPERIMENTS,
    ancestors=(
        Ancestor("alexnet", "convolutions, ReLU, dropout and three fully connected layers; no response normalisation"),
    ),
    face="vgg16",
)  # fmt: skip
