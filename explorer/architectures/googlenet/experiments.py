"""Experiments with Inception modules."""

from __future__ import annotations

from explorer.judging import always_above, figures, mean, percent, spread
from explorer.spec import Arm, Experiment, Measured, Outcome, Settings, Verdict

Runs = tuple[Measured, ...]
BRANCHES = {"1": "1 × 1", "3": "3 × 3", "5": "5 × 5", "pool": "pooling"}
RESOLVED = 0.01  # a smaller difference of accuracies is not resolved by 3,000 held-out pictures

CLEAR = 0.02  # so much more is lost than a draw of held-out pictures explains


def _judge_reductions(measured: Runs) -> Verdict:
    reduced, naive = figures(measured, "reduced", "test_accuracy"), figures(measured, "naive", "test_accuracy")
    work = [mean(figures(measured, arm, "macs")) / 1e6 for arm in ("reduced", "naive")]
    text = (
        f"With reductions {work[0]:.2f} million multiply–adds a picture, without {work[1]:.2f} million: "
        f"{work[1] / work[0]:.1f} times. Right answers: {percent(reduced)} with, {percent(naive)} without."
    )
    if work[1] < 1.5 * work[0]:
        return Verdict(Outcome.FAILS, text)
    if always_above(naive, reduced):
        return Verdict(Outcome.PARTLY, text)
    return Verdict(Outcome.HOLDS if mean(reduced) >= mean(naive) - RESOLVED else Outcome.OPEN, text)


def _right_reductions(measured: Runs) -> int:
    reduced, naive = figures(measured, "reduced", "test_accuracy"), figures(measured, "naive", "test_accuracy")
    if always_above(naive, reduced):
        return 1
    return 2 if always_above(reduced, naive) else 0


def _lost(measured: Runs, kind: str = "lost") -> dict[str, tuple[float, ...]]:
    return {name: figures(measured, "two", f"{kind}_{name}") for name in BRANCHES}


def _dearest(measured: Runs) -> str:
    """Return the branch whose loss costs most with every seed, or nothing."""
    lost = _lost(measured)
    for name, values in lost.items():
        if all(value > lost[other][seed] for seed, value in enumerate(values) for other in lost if other != name):
            return name
    return ""


def _judge_branch(measured: Runs) -> Verdict:
    lost, random = _lost(measured), _lost(measured, "random")
    text = (
        "Of the last module, points of accuracy lost: "
        + ", ".join(f"{words} {_points(lost[name])}" for name, words in BRANCHES.items())
        + ". With as many random channels off: "
        + ", ".join(f"{words} {_points(random[name])}" for name, words in BRANCHES.items())
        + "."
    )
    if any(value > lost["3"][seed] + CLEAR for values in lost.values() for seed, value in enumerate(values)):
        return Verdict(Outcome.FAILS, text)  # one net in which another branch clearly matters more is enough
    if _dearest(measured) != "3":
        return Verdict(Outcome.OPEN, text)
    beyond_size = all(branch > chance for branch, chance in zip(lost["3"], random["3"], strict=True))
    return Verdict(Outcome.HOLDS if beyond_size else Outcome.PARTLY, text)


def _points(shares: tuple[float, ...]) -> str:
    return spread([100 * share for share in shares], "{:.1f}")


def _right_branch(measured: Runs) -> int:
    dearest = _dearest(measured)
    return list(BRANCHES).index(dearest) if dearest else len(BRANCHES)


def _judge_head(measured: Runs) -> Verdict:
    without, light, heavy = (figures(measured, arm, "test_accuracy") for arm in ("none", "light", "heavy"))
    text = f"Right answers: without a head {percent(without)}, weight 0.3 {percent(light)}, weight 1 {percent(heavy)}."
    if always_above(light, without):
        return Verdict(Outcome.HOLDS if mean(light) > mean(without) + RESOLVED else Outcome.PARTLY, text)
    return Verdict(Outcome.FAILS if always_above(without, light) else Outcome.OPEN, text)


def _right_head(measured: Runs) -> int:
    without, light = (figures(measured, arm, "test_accuracy") for arm in ("none", "light"))
    return 0 if always_above(light, without) else 1 if always_above(without, light) else 2


SHORT: Settings = {"decay_steps": 300}
WHOLE: Settings = {"dropout": 0.0}  # too short to overfit

EXPERIMENTS = (
    Experiment(
        key="reductions",
        title="What 1 × 1 reductions save",
        claim="A 1 × 1 convolution before the large windows saves most of the arithmetic and costs no accuracy.",
        source="Szegedy et al. 2014, sec. 4, figure 2",
        question="The same module with and without reductions, as many steps each. Which is right more often?",
        options=(
            "No clear difference, and the one with reductions has far less to compute",
            "The one without: its windows see all channels",
            "The one with reductions",
        ),
        right=_right_reductions,
        arms=(
            Arm("reduced", "with reductions", "fashion", {**SHORT, "heads": False}, WHOLE),
            Arm("naive", "without", "fashion", {**SHORT, "heads": False, "reductions": "none"}, WHOLE),
        ),
        steps=300,
        curve="test_accuracy",
        figure="test_accuracy",
        judge=_judge_reductions,
        small_print=(
            "As in figure 2(a), the module without reductions passes all its input on through the pooling branch, so "
            "its output is wider as well.",
            "Less arithmetic is not as much less time: four branches are many small operations, each with its price.",
        ),
        probe="work",
    ),
    Experiment(
        key="branch",
        title="Switch off a branch",
        claim="Of the four branches, the 3 × 3 is the one that matters most.",
        source="a guess from Table 1, which gives it the most channels",
        question="A trained net, and one branch of its last module gives zeros. The loss of which one costs most?",
        options=(*BRANCHES.values(), "That differs from net to net"),
        right=_right_branch,
        arms=(
            Arm("two", "two modules", "fashion", SHORT, {**WHOLE, "batch_size": 64}),
            Arm("one", "one module", "fashion", {**SHORT, "modules": 1}, {**WHOLE, "batch_size": 64}),
        ),
        steps=300,
        curve="test_accuracy",
        figure="lost_3",
        judge=_judge_branch,
        small_print=("The verdict is about the net with two modules; the other stands beside it.",),
        probe="without_branches",
    ),
    Experiment(
        key="head",
        title="An auxiliary head",
        claim="A small classifier in the middle helps the net to learn.",
        source="Szegedy et al. 2014, sec. 5",
        question="The same net without a head, with one that counts 0.3, and with one that counts 1. Which ends best?",
        options=("The net with a head", "The net without", "No clear difference"),
        right=_right_head,
        arms=(
            Arm("none", "without a head", "fashion", {**SHORT, "heads": False}, WHOLE),
            Arm("light", "head, weight 0.3", "fashion", SHORT, WHOLE),
            Arm("heavy", "head, weight 1", "fashion", SHORT, {**WHOLE, "aux_weight": 1.0}),
        ),
        steps=300,
        curve="test_accuracy",
        figure="test_accuracy",
        judge=_judge_head,
        small_print=("Two modules are not deep: the gradient reaches the first without help. The paper had nine.",),
    ),
)
