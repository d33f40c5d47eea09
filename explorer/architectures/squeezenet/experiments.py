"""Experiments with Fire modules."""

from __future__ import annotations

from explorer.judging import always_above, figures, mean, percent
from explorer.spec import Arm, Experiment, Measured, Outcome, Settings, Verdict

Runs = tuple[Measured, ...]
RATIOS = (0.0625, 0.125, 0.25, 0.5, 1.0)
UNHURT = 0.005  # of accuracy: less is not resolved by 3,000 held-out pictures


def _ratio_arm(ratio: float) -> str:
    return f"sr{ratio:g}"


def _by_ratio(measured: Runs) -> list[tuple[float, ...]]:
    return [figures(measured, _ratio_arm(ratio), "test_accuracy") for ratio in RATIOS]


def _judge_ratio(measured: Runs) -> Verdict:
    accuracy = _by_ratio(measured)
    sizes = [mean(figures(measured, _ratio_arm(ratio), "kilobytes")) for ratio in RATIOS]
    told = [
        f"{ratio:g}: {percent(a)} with {size:.0f} KB" for ratio, a, size in zip(RATIOS, accuracy, sizes, strict=True)
    ]
    text = "By squeeze ratio, " + "; ".join(told) + "."
    if not always_above(accuracy[-1], accuracy[0]):
        return Verdict(Outcome.FAILS if always_above(accuracy[0], accuracy[-1]) else Outcome.OPEN, text)
    return Verdict(Outcome.HOLDS if _flattens(accuracy) else Outcome.PARTLY, text)


def _flattens(accuracy: list[tuple[float, ...]]) -> bool:
    """Whether the first two doublings of the ratio bring more than the last two."""
    means = [mean(each) for each in accuracy]
    return means[2] - means[0] > means[-1] - means[2]


def _right_ratio(measured: Runs) -> int:
    accuracy = _by_ratio(measured)
    if not always_above(accuracy[-1], accuracy[0]):
        return 2
    return 0 if _flattens(accuracy) else 1


def _judge_bypass(measured: Runs) -> Verdict:
    none, simple, heavy = (figures(measured, arm, "test_accuracy") for arm in ("none", "simple", "complex"))
    text = f"Right answers: no bypass {percent(none)}, a wire {percent(simple)}, convolutions too {percent(heavy)}."
    if not always_above(simple, none):
        return Verdict(Outcome.FAILS if always_above(none, simple) else Outcome.OPEN, text)
    return Verdict(Outcome.HOLDS if mean(simple) >= mean(heavy) else Outcome.PARTLY, text)


def _right_bypass(measured: Runs) -> int:
    none, simple, heavy = (figures(measured, arm, "test_accuracy") for arm in ("none", "simple", "complex"))
    if not always_above(simple, none):
        return 2
    return 0 if mean(simple) >= mean(heavy) else 1


def _losses(measured: Runs, bits: int) -> list[float]:
    """Return how much accuracy goes with so many bits a weight, for each run of both nets."""
    pairs = zip(
        (one.figures["accuracy_32"] for one in measured),
        (one.figures[f"accuracy_{bits}"] for one in measured),
        strict=True,
    )
    return [whole - rounded for whole, rounded in pairs]


def _judge_formats(measured: Runs) -> Verdict:
    size = [mean(figures(measured, "quarter", f"kilobytes_{bits}")) for bits in (32, 8)]
    told = [f"{bits} bits {percent(figures(measured, 'quarter', f'accuracy_{bits}'))}" for bits in (32, 16, 8, 6, 4, 3)]
    text = (
        f"With a squeeze ratio of 0.25: {', '.join(told)}. {size[0]:.0f} KB with 32 bits, {size[1]:.0f} KB with 8: "
        f"{size[0] / size[1]:.1f} times less."
    )
    worst = max(_losses(measured, 8))
    if worst <= UNHURT:
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.PARTLY if mean(_losses(measured, 8)) <= 2 * UNHURT else Outcome.FAILS, text)


def _right_formats(measured: Runs) -> int:
    """Return the first option: at which number of bits the accuracy first goes, 3 points or more on average."""
    for option, bits in enumerate((16, 8, 6, 4, 3)):
        if mean(_losses(measured, bits)) >= 0.03:
            return option
    return 5


SHORT: Settings = {"decay_steps": 350}
DEEP: Settings = {"expand": (64, 64, 64, 64, 64, 64, 80), "decay_steps": 250}

EXPERIMENTS = (
    Experiment(
        key="ratio",
        title="How much to squeeze",
        claim="Accuracy rises with the squeeze ratio and then levels off, while the size goes on rising.",
        source="Iandola et al. 2016, sec. 5.2, figure 3(a)",
        question="From 1 squeeze filter for 16 expand filters to as many of both: what do more squeeze filters bring?",
        options=(
            "Much at first, little at the end",
            "As much at the end as at first",
            "Nothing that can be seen",
        ),
        right=_right_ratio,
        arms=tuple(
            Arm(_ratio_arm(ratio), f"squeeze ratio {ratio:g}", "fashion", {**SHORT, "squeeze_ratio": ratio})
            for ratio in RATIOS
        ),
        steps=350,
        curve="test_accuracy",
        figure="test_accuracy",
        judge=_judge_ratio,
        small_print=(
            "As many steps for each, with one learning rate that was chosen for a ratio of 0.25.",
            "In the paper the curve levels off from 0.75 on; the place of the bend depends on the net and the data.",
        ),
        probe="size",
    ),
    Experiment(
        key="bypass",
        title="A wire around",
        claim="A bare wire around Fire modules raises accuracy, more than one with weights on it.",
        source="Iandola et al. 2016, sec. 6, Table 3",
        question="Seven modules: nothing around them, a wire where the channels stay, or 1 × 1 convolutions as well?",
        options=(
            "The wire is best",
            "The one with convolutions too is best: it has more parameters",
            "A wire does not help here",
        ),
        right=_right_bypass,
        arms=(
            Arm("none", "no bypass", "fashion", DEEP),
            Arm("simple", "simple bypass", "fashion", {**DEEP, "bypass": "simple"}),
            Arm("complex", "complex bypass", "fashion", {**DEEP, "bypass": "complex"}),
        ),
        steps=250,
        curve="test_accuracy",
        figure="test_accuracy",
        judge=_judge_bypass,
        small_print=(
            "Short training: what is shown is how fast the nets learn, as much as where they end.",
            "The simple bypass adds no parameters; the complex one adds two 1 × 1 convolutions here.",
        ),
        probe="size",
    ),
    Experiment(
        key="bits",
        title="Fewer bits a weight",
        claim="Weights of 8 bits instead of 32 make the net several times smaller at no loss of accuracy.",
        source="Iandola et al. 2016, sec. 4, Table 2",
        question="Trained weights are rounded to fewer and fewer bits. Where is accuracy lost first, 3 points or more?",
        options=("At 16 bits", "At 8 bits", "At 6 bits", "At 4 bits", "At 3 bits", "Not even at 3 bits"),
        right=_right_formats,
        arms=(
            Arm("quarter", "squeeze ratio 0.25", "fashion", SHORT),
            Arm("half", "squeeze ratio 0.5", "fashion", {**SHORT, "squeeze_ratio": 0.5}),
        ),
        steps=350,
        curve="test_accuracy",
        figure="accuracy_8",
        judge=_judge_formats,
        small_print=(
            "Plain rounding of the convolutions, one scale for each filter, and no training afterwards. When this was "
            "first run, that lost nothing down to 6 bits, a point with 4 and eight points with 3. The paper's Deep "
            "Compression also cuts small weights, shares values and trains again, which makes its file smaller still.",
            "Smaller in storage. Whether it also runs faster depends on the processor.",
        ),
        probe="formats",
    ),
)
