"""Experiments with separable convolutions."""

from __future__ import annotations

from explorer.judging import always_above, figures, mean, percent
from explorer.spec import Arm, Experiment, Measured, Outcome, Verdict

Runs = tuple[Measured, ...]
LEVEL = 0.01  # a point: what 3,000 held-out pictures can tell apart, about


def _judge_apart(measured: Runs) -> Verdict:
    apart, full = _accuracies(measured, "separable", "full")
    share, told = _share(measured), mean(figures(measured, "separable", "share_by_formula"))
    macs = mean(figures(measured, "separable", "macs")) / mean(figures(measured, "full", "macs"))
    text = (
        f"The 3 × 3 layers have {100 * share:.1f} % of the weights, and 1/N + 1/k² says {100 * told:.1f} %; of all "
        f"multiply–adds, stem and read-out with them, {100 * macs:.1f} % are left. "
        f"After as many steps the separable net is right on {percent(apart)}, the full one on {percent(full)}."
    )
    if abs(share - told) > 1e-6:
        return Verdict(Outcome.FAILS, text)
    if always_above(full, apart):
        return Verdict(Outcome.PARTLY, text)
    return Verdict(Outcome.HOLDS if mean(full) - mean(apart) < LEVEL else Outcome.OPEN, text)


def _right_apart(measured: Runs) -> int:
    apart, full = _accuracies(measured, "separable", "full")
    if _share(measured) > 0.5:
        return 2
    return 1 if always_above(full, apart) else 0


def _share(measured: Runs) -> float:
    apart, full = (mean(figures(measured, arm, "conv_weights")) for arm in ("separable", "full"))
    return apart / full


def _accuracies(measured: Runs, *arms: str) -> tuple[tuple[float, ...], ...]:
    return tuple(figures(measured, arm, "test_accuracy") for arm in arms)


def _judge_between(measured: Runs) -> Verdict:
    none, relu, elu = _accuracies(measured, "none", "relu", "elu")
    text = f"With nothing between the halves {percent(none)}, with ReLU {percent(relu)}, with ELU {percent(elu)}."
    behind = [always_above(none, other) for other in (relu, elu)]
    if any(always_above(other, none) for other in (relu, elu)):
        return Verdict(Outcome.FAILS, text)
    return Verdict(Outcome.HOLDS if all(behind) else Outcome.PARTLY if any(behind) else Outcome.OPEN, text)


def _right_between(measured: Runs) -> int:
    none, relu, elu = _accuracies(measured, "none", "relu", "elu")
    if always_above(none, relu):
        return 0
    return 1 if always_above(relu, none) or always_above(elu, none) else 2


def _arm(key: str, label: str, convolutions: str = "separable", between: str = "none") -> Arm:
    return Arm(key, label, "fashion", {"convolutions": convolutions, "between": between, "decay_steps": 500})


EXPERIMENTS = (
    Experiment(
        key="apart",
        title="A separable convolution taken apart",
        claim="Looked at apart, space and channels cost 1/N + 1/k² of looking at both at once, and nothing is lost.",
        source="the hypothesis of Chollet 2016, sec. 1.1; the share as in Howard et al. 2017, sec. 3.1",
        question=(
            "Two equal networks, one with separable and one with ordinary convolutions, learn for as many steps. "
            "What does the separable one save, and what does it lose?"
        ),
        options=(
            "About eight ninths of the weights, and no accuracy",
            "About eight ninths of the weights, and some accuracy",
            "Less than half of the weights",
        ),
        right=_right_apart,
        arms=(_arm("separable", "separable"), _arm("full", "full 3 × 3", "full")),
        steps=500,
        curve="test_accuracy",
        figure="test_accuracy",
        judge=_judge_apart,
        small_print=(
            "Equal in steps and learning rate, which was chosen for the separable net.",
            "Multiply–adds of the whole net, stem and read-out included. Fewer of them is not the same as faster: "
            "MobileNet's experiment measures that.",
            "The paper compares networks of equal size, not of equal shape: there the saved weights are spent on more "
            "channels.",
        ),
        probe="cost",
    ),
    Experiment(
        key="between",
        title="Nothing between the halves",
        claim="A non-linearity between the depthwise and the pointwise half makes the network worse.",
        source="Chollet 2016, sec. 4.7 and figure 10",
        question="A ReLU after nearly every layer has served well. What does one between the two halves do?",
        options=("It costs accuracy", "It helps, or ELU does", "No clear difference"),
        right=_right_between,
        arms=(_arm("none", "nothing"), _arm("relu", "ReLU", between="relu"), _arm("elu", "ELU", between="elu")),
        steps=500,
        curve="test_accuracy",
        figure="test_accuracy",
        judge=_judge_between,
        small_print=(
            "When this was first run, ReLU lost about half a point with every seed and ELU nothing; in the paper's "
            "figure both stay behind.",
            "No normalisation between the halves; MobileNet has one there, and a ReLU after it.",
            "Five layers of 64 channels on grey pictures of 28 × 28; the paper had 34 such layers and ImageNet.",
        ),
    ),
)
