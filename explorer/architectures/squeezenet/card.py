"""SqueezeNet's card."""

from explorer import dials
from explorer.architectures.squeezenet.experiments import EXPERIMENTS
from explorer.architectures.squeezenet.lesson import LESSON
from explorer.spec import (
    Ancestor,
    Benchmark,
    Card,
    Family,
    Knob,
    Metric,
    Published,
    Reference,
    Result,
    Settings,
    Target,
    Task,
    Variant,
)

PAPER = Reference(
    "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
    "Iandola, Han, Moskewicz, Ashraf, Dally and Keutzer",
    2016,
    "",
    "arXiv:1602.07360",
)
SHAPE = (3, 224, 224)


def _form(version: str, bypass: str = "none") -> Settings:
    return {"version": version, "bypass": bypass}


def _results(top1: float, top5: float, source: str) -> tuple[Result, ...]:
    """Turn the paper's accuracies into errors; both in percent."""
    errors = ((Benchmark.IMAGENET_TOP1, 100 - top1), (Benchmark.IMAGENET_TOP5, 100 - top5))
    return tuple(Result(benchmark, round(error, 1), source) for benchmark, error in errors)


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
            dials.batch_size(64),
            dials.weight_decay(decay, 1.0),
            dials.dropout(),
            *dials.augmentation(mirror=mirror),
        ),
        metrics=dials.CLASSIFICATION,
        lenses=("branches", "maps", "embedding", "gradient_by_depth", "confusion"),
        inside=("inspect", "saliency", "branches", "switch_off", "excites", "embedding"),
        knobs=(
            Knob(
                "expand", "expand filters", (64, 64, 80), 4, 128,
                help="Of each Fire module, first to last. A pooling stands before the last.",
            ),
            Knob(
                "squeeze_ratio", "squeeze ratio", 0.25, 0.03, 1.0, 0.005,
                help="Squeeze filters for each expand filter. The paper goes from 0.125 to 1.",
            ),
            Knob(
                "pct_3x3", "share of 3×3", 0.5, 0.01, 0.99, 0.01,
                help="Share of the expand filters that are 3 × 3; the others are 1 × 1.",
            ),
            Knob(
                "bypass", "bypass", "none", choices=("none", "simple", "complex"),
                help="simple: a wire around modules that keep the channels. complex: a 1 × 1 around the others too.",
            ),
            Knob(
                "batch_norm", "batch normalisation", True,
                help="Not in the paper; brings each map to mean 0 and spread 1 over the batch.",
            ),
            dials.optimizer("adamw"),
            *dials.schedule("linear", decay_steps),
        ),
        targets=(target,),
        references=(("test_accuracy", *guess),),
    )  # fmt: skip


PHOTOGRAPHS = Task(
    key="photographs",
    title="Photographs (ImageNet weights)",
    kind="classification",
    dataset="photographs.samples",
    lead="The whole of version 1.1 with the weights it learnt from 1.28 million photographs: show it your own.",
    hypers=(
        dials.learning_rate(0.0003, 0.1),
        dials.momentum(0.0),
        dials.batch_size(5, 15),
        dials.weight_decay(0.0, 1.0),
        dials.dropout(0.5),
    ),
    metrics=(
        Metric("test_top5", "among the five likeliest", percent=True, held_out=True),
        *dials.CLASSIFICATION,
    ),
    lenses=("maps", "branches"),
    inside=("inspect", "saliency", "branches", "excites"),
    knobs=(
        Knob(
            "weights", "weights", "ImageNet", choices=("ImageNet", "random"),
            help="ImageNet: as the paper's authors trained them. random: the same net that has never seen a picture.",
        ),
        dials.optimizer("adam"),
    ),
    references=(("test_top5", "guessing: 0.5 %", 0.005),),
)  # fmt: skip

CARD = Card(
    key="squeezenet",
    title="SqueezeNet",
    family=Family.CONVOLUTIONAL,
    order=14,
    lead="As accurate as AlexNet with a fiftieth of its parameters: squeeze the channels before you look at 3 × 3.",
    paper=PAPER,
    variants=(
        Variant(
            "squeezenet1_1",
            "SqueezeNet 1.1",
            SHAPE,
            parameters=1_235_496,
            macs=349_151_936,
            settings=_form("1.1"),
            published=Published(
                "0.72 GFLOPS a picture, 2.4 times less than 1.0",
                "the authors' repository; 1.1 is not in the paper",
                why=(
                    "Multiplications and additions are counted apart there. On 224 × 224 we count 0.35 G "
                    "multiply–adds, which are 0.70 G operations: 2.3 times less than version 1.0."
                ),
            ),
            note="conv1 has 64 filters of 3 × 3 instead of 96 of 7 × 7, and the maps are halved earlier.",
            short="1.1",
        ),
        Variant(
            "squeezenet1_0",
            "SqueezeNet 1.0",
            SHAPE,
            parameters=1_248_424,
            macs=818_924_576,
            settings=_form("1.0"),
            published=Published("1,248,424 (total)", "Table 1", parameters=1_248_424),
            note="The first map is 109 × 109; the paper's 111 × 111 needs a picture of 227. Turn the image knob.",
            short="1.0",
            results=_results(57.5, 80.3, "Table 2, 100 − accuracy, validation"),
        ),
        Variant(
            "squeezenet1_0-simple-bypass",
            "SqueezeNet 1.0 with simple bypass",
            SHAPE,
            parameters=1_248_424,
            macs=818_924_576,
            settings=_form("1.0", "simple"),
            published=Published("4.8 MB, as without bypass", "Table 3", why="Adding what goes in needs no parameters."),
            note="Wires around fire3, fire5, fire7 and fire9, which keep the number of channels.",
            short="simple bypass",
            results=_results(60.4, 82.5, "Table 3, 100 − accuracy, validation"),
        ),
        Variant(
            "squeezenet1_0-complex-bypass",
            "SqueezeNet 1.0 with complex bypass",
            SHAPE,
            parameters=1_589_672,
            macs=1_165_298_720,
            settings=_form("1.0", "complex"),
            published=Published(
                "7.7 MB",
                "Table 3",
                why=(
                    "Figure 2 adds four 1 × 1 convolutions, 341,248 parameters. With 32 bits each, the whole net then "
                    "has 6.1 MB of 2²⁰ bytes, as the 4.8 MB of the other two are counted. What makes up the rest, "
                    "the paper does not say."
                ),
            ),
            note="Also 1 × 1 convolutions around fire2, fire4, fire6 and fire8, which change the number of channels.",
            short="complex bypass",
            results=_results(58.8, 82.0, "Table 3, 100 − accuracy, validation"),
        ),
    ),
    knobs=(
        Knob(
            "squeeze_ratio", "squeeze ratio", 0.125, 0.01, 1.0, 0.005,
            help="Squeeze filters for each expand filter. The paper goes from 0.125 to 1.",
        ),
        Knob(
            "pct_3x3", "share of 3×3", 0.5, 0.01, 0.99, 0.01,
            help="Share of the expand filters that are 3 × 3; the others are 1 × 1. The paper goes from 1 % to 99 %.",
        ),
        Knob("base_e", "expand filters", 128, 16, 512, 16, help="Expand filters of the first two Fire modules."),
        Knob("incr_e", "growth", 128, 0, 512, 16, help="So many more expand filters after every second module."),
        Knob(
            "image_size", "image", 224, 32, 512, 1,
            help="Side of the picture in pixels; 227 gives the maps that the paper prints.",
        ),
        Knob("num_classes", "classes", 1000, 2, 21_841, 1, help="Things to tell apart: maps of conv10."),
    ),
    tasks=(
        _task(
            "fashion", "Clothes (Fashion-MNIST)", "images.clothes",
            "Three Fire modules with fewer than 30,000 parameters: few channels are enough to look through.",
            0.015, 1000, ("guessing: 10 %", 0.1), Target("test_accuracy", 0.88, seconds=15),
        ),
        _task(
            "emoji", "Emoji (two artists)", "images.emoji",
            "Nine kinds of emoji in colour; the held-out ones are emoji it has never seen from either artist.",
            0.012, 900, ("always the commonest class: 20 %", 0.204), Target("test_accuracy", 0.68, seconds=15),
            decay=0.1, mirror=True,
        ),
        PHOTOGRAPHS,
    ),
    lesson=LESSON,
    experiments=EXPERIMENTS,
    ancestors=(
        Ancestor("nin", "a map for each class and its mean, instead of dense layers"),
        Ancestor("googlenet", "1 × 1 convolutions before larger windows, and windows of two sizes side by side"),
    ),
    face="squeezenet1_0",
)  # fmt: skip
