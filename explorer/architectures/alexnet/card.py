"""AlexNet's card."""

from explorer import dials
from explorer.architectures.alexnet.experiments import EXPERIMENTS
from explorer.architectures.alexnet.lesson import LESSON
from explorer.spec import (
    Ancestor,
    Benchmark,
    Card,
    Family,
    Knob,
    Published,
    Reference,
    Result,
    Target,
    Task,
    Variant,
)

PAPER = Reference(
    "ImageNet Classification with Deep Convolutional Neural Networks",
    "Krizhevsky, Sutskever and Hinton",
    2012,
    "Advances in Neural Information Processing Systems 25",
    "doi:10.1145/3065386",
)
OF_2012 = ("alexnet-2012", "alexnet-ungrouped")
PRINTED = "60 million parameters and 650,000 neurons"


def _knobs(dense_layers: int, hidden: int, decay_steps: int) -> tuple[Knob, ...]:
    return (
        Knob(
            "channels", "channels", (24, 48, 64), 1, 96,
            help="Maps of each convolution, such as 24-48-64; the first and the last are pooled.",
        ),
        Knob("activation", "activation", "relu", choices=("relu", "tanh"), help="tanh was usual before AlexNet."),
        Knob("pooling", "pooling", "max", choices=("max", "average"), help="A window's largest cell, or its mean."),
        Knob(
            "overlapping", "overlapping windows", True,
            help="On: pooling windows of 3 × 3 that move by 2, as in the paper. Off: of 2 × 2, side by side.",
        ),
        Knob(
            "norm", "normalisation", "batch", choices=("batch", "response", "none"),
            help="response: neighbouring maps damp each other, as in the paper. batch: three years younger; quicker.",
        ),
        Knob("dense_layers", "dense layers", dense_layers, 1, 3, 1, help="Before the output; the paper has two."),
        Knob("hidden", "hidden units", hidden, 16, 512, 16, help="Of each dense layer; dropout switches them off."),
        dials.optimizer("adamw"),
        *dials.schedule("linear", decay_steps),
        dials.warmup(150),
    )  # fmt: skip


def _task(
    key: str, title: str, dataset: str, lead: str, target: Target | None, guess: tuple[str, float], most_pictures: int,
    rate: float, batch: int, dropout: float, decay: float, knobs: tuple[Knob, ...],
    mirror: bool = False,
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
            *dials.augmentation(mirror),
        ),
        metrics=dials.CLASSIFICATION,
        lenses=("dropout_masks", "augmented_views", "maps", "confusion", "embedding"),
        inside=("inspect", "dropout_masks", "augmented_views", "saliency", "excites", "embedding"),
        knobs=knobs,
        data_knobs=(
            Knob(
                "pictures", "learn from", 0, 0, most_pictures, 500,
                help="How many pictures to learn from; 0: all. With few of them it learns them by heart.",
            ),
        ),
        targets=() if target is None else (target,),
        references=(("test_accuracy", *guess),),
    )  # fmt: skip


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
    tasks=(
        _task(
            "fashion",
            "Clothes (Fashion-MNIST)",
            "images.clothes",
            "Eight layers became six, a million pictures 12,000: dropout and changed copies still do what they did.",
            Target("test_accuracy", 0.875, seconds=15),
            ("guessing: 10 %", 0.1),
            most_pictures=12_000,
            rate=0.008,
            batch=64,
            dropout=0.2,
            decay=0.01,
            knobs=_knobs(2, 128, 1250),
        ),
        _task(
            "emoji",
            "Emoji (two artists)",
            "images.emoji",
            "Few pictures, in colour: the network that knows them by heart is not the one that knows new ones.",
            None,
            ("always the commonest class: 20 %", 0.204),
            most_pictures=3000,
            rate=0.005,
            batch=64,
            dropout=0.3,
            decay=0.1,
            knobs=_knobs(1, 256, 800),
            mirror=True,
        ),
    ),
    lesson=LESSON,
    experiments=EXPERIMENTS,
    ancestors=(Ancestor("cnn", "convolution and pooling, by turns, then dense layers; larger, with ReLU and dropout"),),
)  # fmt: skip
