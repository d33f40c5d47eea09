"""Network in Network's card."""

from explorer import dials
from explorer.architectures.nin.experiments import EXPERIMENTS
from explorer.architectures.nin.lesson import LESSON
from explorer.spec import Ancestor, Benchmark, Card, Family, Knob, Reference, Result, Target, Task, Variant

PAPER = Reference("Network In Network", "Lin, Chen and Yan", 2013, "ICLR 2014", "arXiv:1312.4400")
OF_CIFAR = ("nin-cifar10", "nin-cifar100")
WIDTHS = "The paper prints neither widths nor a total; the widths are those of the authors' files for cuda-convnet."


def _knobs(channels: tuple[int, ...], decay_steps: int) -> tuple[Knob, ...]:
    return (
        Knob("channels", "channels", channels, 1, 128, help="Maps of each mlpconv layer, such as 16-40-48."),
        Knob(
            "mlp_layers", "1 × 1 layers", 2, 0, 3, 1,
            help="Layers of the perceptron after each convolution; 0: plain convolutions.",
        ),
        Knob(
            "read_out", "read-out", "average", choices=("average", "max", "cells", "dense"),
            help="Each class map's mean; its largest cell; a weight for each cell; or two dense layers, without maps.",
        ),
        Knob(
            "batch_norm", "batch normalisation", True,
            help="Before every ReLU. Younger than the paper; bears larger learning rates.",
        ),
        dials.optimizer("adamw"),
        *dials.schedule("linear", decay_steps),
        dials.warmup(150),
    )  # fmt: skip


def _task(
    key: str, title: str, dataset: str, lead: str, target: Target | None, guess: tuple[str, float],
    knobs: tuple[Knob, ...],
    most_pictures: int, rate: float, batch: int, dropout: float, decay: float, mirror: bool = False,
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
        lenses=("class_maps", "maps", "confusion", "embedding"),
        inside=("inspect", "class_maps", "saliency", "excites", "embedding"),
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
    tasks=(
        _task(
            "fashion",
            "Clothes (Fashion-MNIST)",
            "images.clothes",
            "One map for each kind of clothing: watch where in the picture each of them is seen.",
            Target("test_accuracy", 0.885, seconds=15),
            ("guessing: 10 %", 0.1),
            _knobs((16, 40, 48), 1200),
            most_pictures=12_000,
            rate=0.012,
            batch=64,
            dropout=0.1,
            decay=0.01,
        ),
        _task(
            "emoji",
            "Emoji (two artists)",
            "images.emoji",
            "In colour, and seldom in the middle of the picture: what speaks for a face, what for a flag?",
            None,
            ("always the commonest class: 20 %", 0.204),
            _knobs((16, 40, 48), 900),
            most_pictures=3000,
            rate=0.008,
            batch=64,
            dropout=0.3,
            decay=0.1,
            mirror=True,
        ),
    ),
    lesson=LESSON,
    experiments=EXPERIMENTS,
    ancestors=(Ancestor("cnn", "convolution and pooling, by turns; the dense layers at the end are gone"),),
)  # fmt: skip
