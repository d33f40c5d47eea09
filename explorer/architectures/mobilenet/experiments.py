"""Experiments with thin networks."""

from __future__ import annotations

from itertools import pairwise

from explorer.judging import always_above, figures, mean, percent, spread
from explorer.spec import Arm, Experiment, Measured, Outcome, Settings, Verdict

Runs = tuple[Measured, ...]
AS_PROMISED = 0.8  # share of the saved multiply–adds that must show as saved time for the claim to hold
NOTICED = 1.25  # times as fast: less is not worth the name
WIDTHS = {"a025": 0.25, "a050": 0.5, "a100": 1.0, "a200": 2.0}


def _times_less(measured: Runs, figure: str) -> float:
    """Return how many times more the ordinary net has or takes of something."""
    ordinary, separable = (mean(figures(measured, arm, figure)) for arm in ("ordinary", "separable"))
    return ordinary / separable


def _judge_latency(measured: Runs) -> Verdict:
    macs, one, many = (_times_less(measured, figure) for figure in ("macs", "ms_1", "ms_64"))
    planes = [_times_less(measured, f"ms_{batch}_planes") for batch in (1, 64)]
    text = (
        f"{macs:.1f} times fewer multiply–adds made the answer for one picture {one:.1f} times as fast "
        f"({_ms(measured, 'ms_1')}), and for 64 at once {many:.1f} times ({_ms(measured, 'ms_64')}). "
        f"With one plane a channel in memory, torch's usual layout, it is {planes[0]:.1f} and {planes[1]:.1f} times. "
        f"Right on {percent(figures(measured, 'separable', 'test_accuracy'))}, the ordinary net on "
        f"{percent(figures(measured, 'ordinary', 'test_accuracy'))}."
    )
    if min(one, many) >= AS_PROMISED * macs:
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.PARTLY if min(one, many) >= NOTICED else Outcome.FAILS, text)


def _ms(measured: Runs, figure: str) -> str:
    ordinary, separable = (figures(measured, arm, figure) for arm in ("ordinary", "separable"))
    return f"{spread(separable)} ms instead of {spread(ordinary)}"


def _right_latency(measured: Runs) -> int:
    macs, one, many = (_times_less(measured, figure) for figure in ("macs", "ms_1", "ms_64"))
    if min(one, many) >= AS_PROMISED * macs:
        return 0
    return 1 if min(one, many) >= NOTICED else 2


def _judge_width(measured: Runs) -> Verdict:
    right = {arm: figures(measured, arm, "test_accuracy") for arm in WIDTHS}
    lost = _lost(measured)
    millions = {arm: mean(figures(measured, arm, "macs")) / 1e6 for arm in WIDTHS}
    text = (
        ", ".join(
            f"α = {width:g}: {percent(right[arm])} with {millions[arm]:.2f} M multiply–adds"
            for arm, width in WIDTHS.items()
        )
        + f". From 2 to 1 it loses {100 * lost[0]:.1f} points, from 1 to ½ {100 * lost[1]:.1f}, from ½ to ¼ "
        f"{100 * lost[2]:.1f}."
    )
    if not always_above(right["a100"], right["a025"]):
        return Verdict(Outcome.FAILS if always_above(right["a025"], right["a100"]) else Outcome.OPEN, text)
    steps_down = always_above(right["a050"], right["a025"]) and lost[2] > max(lost[:2])
    return Verdict(Outcome.HOLDS if steps_down else Outcome.PARTLY, text)


def _lost(measured: Runs) -> list[float]:
    """Return what each halving of the width costs, from 2 to 1 first."""
    means = [mean(figures(measured, arm, "test_accuracy")) for arm in reversed(WIDTHS)]
    return [wide - thin for wide, thin in pairwise(means)]


def _right_width(measured: Runs) -> int:
    thin, whole = (figures(measured, arm, "test_accuracy") for arm in ("a025", "a100"))
    if not always_above(whole, thin):
        return 2
    lost = _lost(measured)
    return 0 if lost[2] > max(lost[:2]) else 1


def _arm(key: str, label: str, knobs: Settings) -> Arm:
    return Arm(key, label, "fashion", {"decay_steps": 600, **knobs})


EXPERIMENTS = (
    Experiment(
        key="latency",
        title="Fewer multiply–adds, and the clock",
        claim="A network with so many times fewer multiply–adds answers so many times faster.",
        source="the usual reading of Howard et al. 2017, Table 4; sec. 3.2 says itself that counting is not enough",
        question=(
            "Separable blocks take about a seventh of the multiply–adds of ordinary ones. How much faster are they "
            "on this machine?"
        ),
        options=("About seven times as fast", "Faster, but far from seven times", "Hardly faster, or slower"),
        right=_right_latency,
        arms=(
            _arm("separable", "separable", {}),
            _arm("ordinary", "ordinary 3 × 3", {"convolutions": "ordinary"}),
        ),
        steps=600,
        curve="test_accuracy",
        figure="ms_1",
        judge=_judge_latency,
        small_print=(
            "Measured on this machine's processor with one thread: the time it computes, the median of nine "
            "measurements. Another machine, a graphics card or another library can tell another story.",
            "A layer this small costs mostly its call: fetching numbers, starting loops. The larger the maps and the "
            "more channels, the nearer time comes to the count.",
            "Both nets learnt with the rate that was chosen for the separable one.",
        ),
        probe="latency",
    ),
    Experiment(
        key="width",
        title="How thin may it be?",
        claim="Accuracy falls smoothly as the network gets thinner, until at α = ¼ it is too thin.",
        source="Howard et al. 2017, sec. 4.2 and Table 6",
        question="Each halving of α takes about three quarters of the work away. Which halving costs most accuracy?",
        options=(
            "The last one, from ½ to ¼",
            "An earlier one, or all about the same",
            "None costs anything that can be told apart",
        ),
        right=_right_width,
        arms=tuple(_arm(key, f"α = {width:g}", {"width": width}) for key, width in WIDTHS.items()),
        steps=600,
        curve="test_accuracy",
        figure="test_accuracy",
        judge=_judge_width,
        small_print=(
            "Equal in steps, not in time: the thin nets are done sooner and could have learnt for longer.",
            "One learning rate for all widths.",
            "The stem has 4 channels at α = ¼; in the paper it has 8, and a hundred times as many classes follow.",
        ),
        probe="size",
    ),
)
