"""ResNet's card."""

from explorer import dials
from explorer.architectures.resnet.experiments import EXPERIMENTS
from explorer.architectures.resnet.lesson import LESSON
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
    "Deep Residual Learning for Image Recognition",
    "He, Zhang, Ren and Sun",
    2015,
    "CVPR 2016, 770–778",
    "arXiv:1512.03385",
)
BOTTLENECKS = ("resnet50", "resnet101", "resnet152")


def _imagenet(
    layers: int, blocks: tuple[int, ...], parameters: int, macs: int, printed: str, why: str,
    errors: tuple[float, float] | None, source: str = "", note: str = "",
) -> Variant:  # fmt: skip
    """A column of Table 1; `errors`: top-1 and top-5 in percent, 10 crops of each validation picture."""
    benchmarks = (Benchmark.IMAGENET_TOP1, Benchmark.IMAGENET_TOP5)
    return Variant(
        f"resnet{layers}",
        f"ResNet-{layers}",
        (3, 224, 224),
        parameters=parameters,
        macs=macs,
        settings={"form": "bottleneck" if f"resnet{layers}" in BOTTLENECKS else "basic", "blocks": blocks},
        published=Published(f"{printed} × 10⁹ FLOPs; no number of parameters", "Table 1", why=why),
        note=note,
        short=str(layers),
        group="ImageNet",
        results=tuple(Result(*pair, source) for pair in zip(benchmarks, errors, strict=True)) if errors else (),
    )


def _cifar(n: int, parameters: int, macs: int, printed: str, error: float, terms: str = "") -> Variant:
    """A row of Table 6: n blocks for each of three sizes of map."""
    layers = 6 * n + 2
    return Variant(
        f"resnet{layers}-cifar",
        f"ResNet-{layers} for CIFAR-10",
        (3, 32, 32),
        parameters=parameters,
        macs=macs,
        settings={"form": "cifar", "blocks": (n, n, n), "width": 16, "image_size": 32, "num_classes": 10},
        published=Published(
            f"{printed}M parameters",
            "Table 6",
            parameters=round(float(printed) * 1_000_000),
            why=f"The paper rounds: {parameters:,} is {printed} million.",
        ),
        note=f"6n + 2 layers with n = {n}; its shortcuts have no parameters (option A).",
        short=str(layers),
        group="CIFAR-10",
        results=(Result(Benchmark.CIFAR10, error, f"Table 6, test set, with augmentation{terms}"),),
    )


def _task(
    key: str, title: str, dataset: str, lead: str, rate: float, decay_steps: int, guess: tuple[str, float],
    target: Target, batch: int, decay: float = 0.01, mirror: bool = False, shift: int = 0,
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
            *dials.augmentation(mirror=mirror, shift=shift),
        ),
        metrics=dials.CLASSIFICATION,
        lenses=("residual_blocks", "gradient_by_depth", "maps", "embedding", "confusion"),
        inside=("inspect", "saliency", "switch_off", "residual_blocks", "gradient_by_depth", "excites", "embedding"),
        knobs=(
            Knob(
                "shortcut", "shortcut", "residual", choices=("residual", "plain"),
                help="plain: the same convolutions in the same order, and nothing leads around them.",
            ),
            Knob(
                "blocks", "blocks a stage", 3, 1, 9, 1,
                help="On each size of map. n blocks on three sizes make 6n + 2 layers: 20 with 3, 44 with 7.",
            ),
            Knob(
                "channels", "channels", (16, 24, 48), 4, 64,
                help="Of each stage, first to last. Each stage but the first halves the map of the one before.",
            ),
            Knob(
                "first_maps", "first maps", "1/4", choices=("1/4", "1/2"),
                help="Side of the first stage's maps against the picture's. 1/2 keeps more detail and takes longer.",
            ),
            Knob(
                "batch_norm", "batch normalisation", True,
                help="After each convolution, as in the paper. Without it every block begins by adding nothing.",
            ),
            dials.optimizer("adamw"),
            *dials.schedule("linear", decay_steps),
        ),
        targets=(target,),
        references=(("test_accuracy", *guess),),
    )  # fmt: skip


CARD = Card(
    key="resnet",
    title="ResNet",
    family=Family.STANDARD,
    order=3,
    lead="Let each block learn only what to add to its input, and a network can be a hundred layers deep.",
    paper=PAPER,
    variants=(
        _imagenet(
            18, (2, 2, 2, 2), 11_689_512, 1_814_073_344, "1.8",
            "The paper counts a multiplication with its addition as one FLOP, as we do: 1.81 G. It prints no numbers "
            "of parameters for its ImageNet nets; ours is counted, with projections where shapes change (option B).",
            None,
            note="The paper's 27.88 % top-1 error (Table 2) is of a ResNet-18 with padded shortcuts instead of "
            "projections, so it does not stand beside this one.",
        ),
        _imagenet(
            34, (3, 4, 6, 3), 21_797_672, 3_663_761_408, "3.6",
            "A multiplication with its addition is one FLOP, in the paper as here. Without the three projections it "
            "is 3.64 G, with them 3.66 G. No numbers of parameters are printed for the ImageNet nets.",
            (24.52, 7.46), "Table 3, ResNet-34 B, 10 crops, validation",
        ),
        _imagenet(
            50, (3, 4, 6, 3), 25_557_032, 4_089_184_256, "3.8",
            "The paper's bottlenecks halve the map in their first 1 × 1, which takes 3.86 G. Most libraries halve it "
            "in the 3 × 3: 4.09 G with the same parameters. Set \"stride in\" to see either.",
            (22.85, 6.71), "Table 3, 10 crops, validation; stride in the 1 × 1",
        ),
        _imagenet(
            101, (3, 4, 23, 3), 44_549_160, 7_801_405_440, "7.6",
            "With the stride in the first 1 × 1, as in the paper, it is 7.57 G; in the 3 × 3, as most libraries have "
            "it, 7.80 G. The parameters are the same; the paper prints none.",
            (21.75, 6.05), "Table 3, 10 crops, validation; stride in the 1 × 1",
        ),
        _imagenet(
            152, (3, 8, 36, 3), 60_192_808, 11_513_626_624, "11.3",
            "With the stride in the first 1 × 1, as in the paper, it is 11.28 G; in the 3 × 3, as most libraries have "
            "it, 11.51 G. The parameters are the same; the paper prints none.",
            (21.43, 5.71), "Table 3, 10 crops, validation; stride in the 1 × 1",
        ),
        _cifar(3, 269_722, 40_551_040, "0.27", 8.75),
        _cifar(5, 464_154, 68_862_592, "0.46", 7.51),
        _cifar(7, 658_586, 97_174_144, "0.66", 7.17),
        _cifar(9, 853_018, 125_485_696, "0.85", 6.97),
        _cifar(18, 1_727_962, 252_887_680, "1.7", 6.43, "; the best of five runs (6.61 ± 0.16)"),
    ),
    knobs=(
        Knob(
            "shortcut", "shortcut", "residual", choices=("residual", "plain"),
            help="plain: the same convolutions in the same order, and nothing leads around them.",
        ),
        Knob(
            "stride_in", "stride in", "3×3", choices=("3×3", "1×1"), variants=BOTTLENECKS,
            help="The convolution of a bottleneck that halves the map: 1×1 in the paper, 3×3 in most libraries.",
        ),
        Knob(
            "blocks", "blocks", (3, 4, 6, 3), 1, 36,
            help="Blocks on each size of map, first to last: four numbers for ImageNet, three for CIFAR-10.",
        ),
        Knob(
            "width", "width", 64, 8, 256, 8,
            help="Channels of the first stage; every later stage has twice as many as the one before.",
        ),
        Knob(
            "image_size", "image", 224, 16, 512, 16,
            help="Side of the picture in pixels. The parameters stay: the last maps are averaged, whatever their side.",
        ),
        Knob("num_classes", "classes", 1000, 2, 21_841, 1, help="Things to tell apart: outputs of the last layer."),
    ),
    tasks=(
        _task(
            "fashion", "Clothes (Fashion-MNIST)", "images.clothes",
            "Twenty layers on small pictures: watch how much each block adds to what it gets.",
            0.012, 850, ("guessing: 10 %", 0.1), Target("test_accuracy", 0.875, seconds=15), 64,
        ),
        _task(
            "emoji", "Emoji (two artists)", "images.emoji",
            "Nine kinds of emoji in colour; the held-out ones are emoji it has never seen from either artist.",
            0.008, 900, ("always the commonest class: 20 %", 0.204), Target("test_accuracy", 0.68, seconds=15), 32,
            decay=0.1, mirror=True,
        ),
    ),
    lesson=LESSON,
    experiments=EXPERIMENTS,
    ancestors=(
        Ancestor("vgg", "3 × 3 convolutions, and twice as many channels wherever the map halves"),
        Ancestor("lstm", "a way along which a state passes unchanged, by way of the gates of highway networks"),
    ),
    face="resnet50",
)  # fmt: skip
