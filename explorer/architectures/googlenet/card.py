"""GoogLeNet's card."""

from explorer import dials
from explorer.architectures.googlenet.experiments import EXPERIMENTS
from explorer.architectures.googlenet.lesson import LESSON
from explorer.spec import (
    Ancestor,
    Benchmark,
    Card,
    Family,
    Hyper,
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
    "Going Deeper with Convolutions",
    "Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke and Rabinovich",
    2014,
    "CVPR 2015",
    "arXiv:1409.4842",
)
SHAPE = (3, 224, 224)
METRICS = (
    Metric("test_accuracy", "right, held out", percent=True, held_out=True),
    Metric("accuracy", "right, training batch", percent=True),
    Metric("aux_accuracy", "the head's right, training batch", percent=True),
    Metric("loss", "loss, net and head", higher_is_better=False),
    Metric("net_loss", "loss of the net", higher_is_better=False),
    Metric("aux_loss", "loss of the auxiliary head", higher_is_better=False),
    Metric("test_loss", "loss, held out", held_out=True, higher_is_better=False),
)


def _task(
    key: str, title: str, dataset: str, lead: str, rate: float, decay_steps: int, guess: tuple[str, float],
    target: Target, decay: float = 0.01, mirror: bool = False,
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
            dials.batch_size(32),
            dials.weight_decay(decay, 1.0),
            Hyper(
                "aux_weight", "weight of the head's loss", 0.3, 0.0, 2.0, 0.05,
                help="How much the auxiliary head's loss counts beside the net's own: 0.3 in the paper.",
            ),
            dials.dropout(0.2),
            *dials.augmentation(mirror=mirror),
        ),
        metrics=METRICS,
        lenses=("branches", "maps", "embedding", "gradient_by_depth", "confusion"),
        inside=("inspect", "saliency", "branches", "switch_off", "excites", "gradient_by_depth", "embedding"),
        knobs=(
            Knob("modules", "Inception modules", 2, 1, 3, 1, help="One after the other, on maps of one size."),
            Knob(
                "reductions", "reductions", "1×1", choices=("1×1", "none"),
                help="none: the naive module, without a 1 × 1 before large windows and behind pooling.",
            ),
            Knob("width", "width", 1.0, 0.25, 2.0, 0.25, help="Times the channels of every convolution."),
            Knob(
                "heads", "auxiliary head", True,
                help="A small classifier after the first module. It helps while training and is not asked afterwards.",
            ),
            dials.optimizer("adamw"),
            *dials.schedule("linear", decay_steps),
        ),
        targets=(target,),
        references=(("test_accuracy", *guess),),
    )  # fmt: skip


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
    tasks=(
        _task(
            "fashion", "Clothes (Fashion-MNIST)", "images.clothes",
            "Two modules with four branches each: watch which window finds what.",
            0.012, 1100, ("guessing: 10 %", 0.1), Target("test_accuracy", 0.87, seconds=15),
        ),
        _task(
            "emoji", "Emoji (two artists)", "images.emoji",
            "Nine kinds of emoji in colour; the held-out ones are emoji it has never seen from either artist.",
            0.008, 850, ("always the commonest class: 20 %", 0.204), Target("test_accuracy", 0.68, seconds=15),
            decay=0.1, mirror=True,
        ),
    ),
    lesson=LESSON,
    experiments=EXPERIMENTS,
    ancestors=(
        Ancestor("nin", "1 × 1 convolutions, and means of the last maps instead of dense layers"),
        Ancestor("alexnet", "ReLU, local response normalisation, overlapping max pooling and dropout"),
    ),
    face="googlenet-noaux",
)  # fmt: skip
