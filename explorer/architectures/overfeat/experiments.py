"""Experiments with windows that slide, and with what is learnt when."""

from __future__ import annotations

from explorer.judging import always_above, figures, mean, percent, spread
from explorer.spec import Arm, Experiment, Measured, Outcome, Verdict

Runs = tuple[Measured, ...]
ROUNDING = 1e-3  # of logits of about 10: more than float32 loses on its way, far less than a changed answer
ACCURACY, OVERLAP = "test_accuracy", "test_iou"


# ---- one pass or many windows ----------------------------------------------------------------------------------------


def _exact(measured: Runs, arm: str) -> bool:
    return max(figures(measured, arm, "difference")) < ROUNDING


def _judge_dense(measured: Runs) -> Verdict:
    ratio = mean(figures(measured, "border", "macs_windows")) / mean(figures(measured, "border", "macs_dense"))
    parts = [
        f"{words}: largest difference {max(figures(measured, arm, 'difference')):.1g}, same answer at "
        f"{percent(figures(measured, arm, 'same'))} of the places"
        for arm, words in (("border", "padded once around the scene"), ("every", "padded in every layer"))
    ]
    text = (
        f"{parts[0][0].upper()}{parts[0][1:]}. {parts[1][0].upper()}{parts[1][1:]}. One pass over 128 × 128 pixels "
        f"takes {ratio:.1f} times fewer multiply-adds than its windows one by one, and "
        f"{spread(figures(measured, 'border', 'time_ratio'), '{:.1f}')} times less time."
    )
    if ratio <= 1:
        return Verdict(Outcome.FAILS, text)
    exact = [_exact(measured, arm) for arm in ("border", "every")]
    return Verdict(Outcome.HOLDS if all(exact) else Outcome.PARTLY if any(exact) else Outcome.FAILS, text)


def _right_dense(measured: Runs) -> int:
    exact = [_exact(measured, arm) for arm in ("border", "every")]
    return 0 if all(exact) else 1 if exact[0] else 2


# ---- at once or in turn ----------------------------------------------------------------------------------------------


def _judge_once(measured: Runs) -> Verdict:
    turn = {key: figures(measured, "turn", key) for key in (ACCURACY, OVERLAP)}
    once = {key: figures(measured, "once", key) for key in (ACCURACY, OVERLAP)}
    text = (
        f"In turn: {percent(turn[ACCURACY])} of the classes, overlap {percent(turn[OVERLAP])}. At once, with as many "
        f"steps: {percent(once[ACCURACY])} and {percent(once[OVERLAP])}."
    )
    better = {key: always_above(once[key], turn[key]) for key in once}
    worse = {key: always_above(turn[key], once[key]) for key in once}
    if any(better.values()) and any(worse.values()):
        return Verdict(Outcome.PARTLY, text)
    if any(better.values()):
        return Verdict(Outcome.HOLDS if all(better.values()) else Outcome.PARTLY, text)
    return Verdict(Outcome.FAILS if any(worse.values()) else Outcome.OPEN, text)


def _right_once(measured: Runs) -> int:
    turn, once = figures(measured, "turn", OVERLAP), figures(measured, "once", OVERLAP)
    if always_above(once, turn):
        return 0
    return 1 if always_above(turn, once) else 2


EXPERIMENTS = (
    Experiment(
        key="dense",
        title="One pass or many windows",
        claim="Sliding the whole network over a scene gives what cutting out every window would, for a fraction of "
        "the work.",
        source="Sermanet et al. 2013, sec. 3.5: convolutions share what neighbouring windows have in common",
        question="169 windows of a scene, cut out one by one or in one pass: are the answers the same?",
        options=(
            "Yes, always",
            "Yes, if the layers do not pad their maps",
            "No, never quite",
        ),
        right=_right_dense,
        arms=(
            Arm("border", "padded once, around the scene", "single"),
            Arm("every", "zeros around every map", "single", {"padding": "every layer"}),
        ),
        steps=250,
        curve=ACCURACY,
        figure="difference",
        judge=_judge_dense,
        small_print=(
            "In a window that is cut out, padding puts zeros where the whole scene has the window's neighbours.",
            "The window step must be a multiple of the strides, 2 · 2 · 2 = 8 pixels, and pooling must begin where the "
            "window does.",
            "The nets are trained for a few seconds only. What is compared is two ways to compute the same thing.",
            "Normalisation uses its running mean and spread, as it does whenever a network is asked and not trained.",
        ),
        probe="windows",
    ),
    Experiment(
        key="at_once",
        title="At once or in turn",
        claim="Classes and boxes are learnt at once, and each helps the other.",
        source="the abstract's “learned simultaneously using a single shared network”, as it is often retold",
        question="As many steps for both: classifier first and boxes on its fixed features, or one loss for all. Whose "
        "boxes fit better?",
        options=("Those learnt at once", "Those learnt in turn", "No clear difference"),
        right=_right_once,
        arms=(
            Arm("turn", "in turn, as in the paper", "single", {"box_steps": 250}, {"classify_until": 550}),
            Arm("once", "at once", "single", {"training": "at once", "box_steps": 250}, {"classify_until": 550}),
        ),
        steps=800,
        curve=OVERLAP,
        figure=OVERLAP,
        judge=_judge_once,
        small_print=(
            "The paper trains in turn: the classifier first (sec. 3), then the regressor on fixed feature layers "
            "(sec. 4.2). Only at test time all run together.",
            "In turn, classes get 550 steps and boxes 250; at once, both get all 800. A step at once takes longer.",
            "The two losses are added with one weight for the boxes, which was not tuned.",
        ),
    ),
)
