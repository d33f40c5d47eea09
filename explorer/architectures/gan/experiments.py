"""Experiments with the game of two nets."""

from __future__ import annotations

from explorer.judging import always_above, figures, mean, percent, spread
from explorer.spec import Arm, Experiment, Measured, Outcome, Verdict

Runs = tuple[Measured, ...]
FAR = 20.0  # distance to the nearest digit from which a picture is nothing but grey noise; digits lie about 10 away
SMALL = {"widths_g": (64, 64), "average": 0.0}  # scored as it is in the game
COLLAPSED = 3  # modes of eight: with so few or fewer it is called a collapse
EQUAL = {"rate_g": 1e-3, "rate_d": 1e-3}
WHOLE = 7  # … and with so many the ring is covered


# ---- which loss ------------------------------------------------------------------------------------------------------


def _learnt(measured: Runs, arm: str) -> bool:
    return max(figures(measured, arm, "distance")) < FAR


def _stuck(measured: Runs, arm: str) -> bool:
    return min(figures(measured, arm, "distance")) > FAR


def _judge_loss(measured: Runs) -> Verdict:
    away = {
        arm: spread(figures(measured, arm, "distance"), "{:.1f}")
        for arm in ("sgd", "sgd_minimax", "adam", "adam_minimax")
    }
    ratio = mean(figures(measured, "ahead", "gradient")) / max(
        mean(figures(measured, "ahead", "gradient_minimax")), 1e-12
    )
    text = (
        f"After 50 steps of D alone, the gradient of the minimax loss is {ratio:,.0f} times smaller. Distance to the "
        f"nearest real digit in the end, by gradient descent: non-saturating {away['sgd']}, minimax "
        f"{away['sgd_minimax']}. By Adam: non-saturating {away['adam']}, minimax {away['adam_minimax']}."
    )
    if not _learnt(measured, "sgd"):
        return Verdict(Outcome.OPEN, text)
    if _stuck(measured, "sgd_minimax"):
        return Verdict(Outcome.HOLDS if _stuck(measured, "adam_minimax") else Outcome.PARTLY, text)
    return Verdict(Outcome.FAILS if _learnt(measured, "sgd_minimax") else Outcome.OPEN, text)


def _right_loss(measured: Runs) -> int:
    if not _stuck(measured, "sgd_minimax"):
        return 2
    return 0 if _stuck(measured, "adam_minimax") else 1


def _loss_arm(key: str, label: str, loss: str, optimizer: str, rate: float, steps: int = 0) -> Arm:
    knobs = {"optimizer_g": optimizer, "head_start": 50, "steady_steps": 0}
    return Arm(key, label, "digits", knobs, {"loss": loss, "rate_g": rate}, steps=steps)


# ---- mode collapse ---------------------------------------------------------------------------------------------------


def _whole(measured: Runs, arm: str) -> bool:
    return min(figures(measured, arm, "live_modes")) >= WHOLE


def _collapsed(measured: Runs, arm: str) -> bool:
    return max(figures(measured, arm, "live_modes")) <= COLLAPSED


def _judge_collapse(measured: Runs) -> Verdict:
    names = (
        ("uneven", "uneven rates"),
        ("momentum", "only β1 lowered"),
        ("even", "only the rates made equal"),
        ("both", "both"),
    )
    text = "Modes covered: " + ", ".join(
        f"{name} {spread(figures(measured, arm, 'live_modes'), '{:.0f}')}" for arm, name in names
    )
    text += f". With uneven rates {percent(figures(measured, 'uneven', 'live_top'))} of the points are at one mode."
    if not _collapsed(measured, "uneven"):
        return Verdict(Outcome.OPEN, text)
    if _whole(measured, "even") and _collapsed(measured, "momentum"):
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.PARTLY if _whole(measured, "both") else Outcome.FAILS, text)


def _right_collapse(measured: Runs) -> int:
    even, momentum = _whole(measured, "even"), _whole(measured, "momentum")
    if even and not momentum:
        return 0
    if momentum and not even:
        return 1
    return 2 if _whole(measured, "both") and not even else 3


def _ring(key: str, label: str, rate_g: float, rate_d: float, beta1: float) -> Arm:
    return Arm(key, label, "ring", {**SMALL, "beta1": beta1}, {"rate_g": rate_g, "rate_d": rate_d})


# ---- a discriminator that is too good --------------------------------------------------------------------------------


def _judge_strong(measured: Runs) -> Verdict:
    usual, strong = (figures(measured, arm, "gradient") for arm in ("one", "ten"))
    covered = {arm: figures(measured, arm, "live_modes") for arm in ("one", "ten", "minimax")}
    text = (
        f"Length of G's gradient: with one step of D {spread(usual)}, with ten {spread(strong)}. Modes covered: "
        f"{spread(covered['one'], '{:.0f}')} and {spread(covered['ten'], '{:.0f}')}; by the minimax loss with ten "
        f"{spread(covered['minimax'], '{:.0f}')}."
    )
    fainter, fewer = always_above(usual, strong), always_above(covered["one"], covered["ten"])
    if fainter:
        return Verdict(Outcome.HOLDS if fewer else Outcome.PARTLY, text)
    if always_above(strong, usual):
        return Verdict(Outcome.PARTLY if fewer else Outcome.FAILS, text)
    return Verdict(Outcome.OPEN, text)


def _right_strong(measured: Runs) -> int:
    usual, strong = (figures(measured, arm, "gradient") for arm in ("one", "ten"))
    if always_above(usual, strong):
        return 0
    return 1 if always_above(strong, usual) else 2


EXPERIMENTS = (
    Experiment(
        key="loss",
        title="Minimax or non-saturating",
        claim="With the loss that the game is written with, G does not learn once D is ahead.",
        source="Goodfellow et al. 2014, sec. 3: early in learning log(1 − D(G(z))) saturates",
        question="D gets 50 steps ahead. Can G still learn by lowering log(1 − D(G(z)))?",
        options=(
            "No, with no optimiser",
            "Not by gradient descent, but with Adam",
            "Yes, as well as with the other loss",
        ),
        right=_right_loss,
        arms=(
            _loss_arm("ahead", "D alone, 50 steps", "non-saturating", "adam", 2e-3, steps=50),
            _loss_arm("sgd", "descent, non-saturating", "non-saturating", "sgd", 0.1),
            _loss_arm("sgd_minimax", "descent, minimax", "minimax", "sgd", 0.1),
            _loss_arm("adam", "Adam, non-saturating", "non-saturating", "adam", 2e-3),
            _loss_arm("adam_minimax", "Adam, minimax", "minimax", "adam", 2e-3),
        ),
        steps=300,
        curve="generator_loss",
        figure="distance",
        judge=_judge_loss,
        small_print=(
            "The paper trained G by gradient descent with momentum. Adam divides each gradient by its usual size, so a "
            "thousandth of a gradient gives it the same step.",
            "D is trained by Adam in all arms. A longer head start could stop Adam too: a gradient of exactly 0 helps "
            "nobody.",
            "The distance tells noise (27) from digits (13), not good digits from bad ones.",
        ),
        probe="distances",
    ),
    Experiment(
        key="collapse",
        title="Mode collapse, and what cures it",
        claim="Mode collapse comes from learning rates that do not fit each other, and equal rates cure it.",
        source="to be tested here; DCGAN (2015, sec. 4) lowered β1 to 0.5 for stability, which is the rival answer",
        question="G learns ten times as fast as D, with β1 = 0.9, and jumps from mode to mode. What brings all eight?",
        options=(
            "Equal rates",
            "β1 = 0.5",
            "Only both together",
            "Neither, or either",
        ),
        right=_right_collapse,
        arms=(
            _ring("uneven", "G 0.005, D 0.0005, β1 0.9", 5e-3, 5e-4, 0.9),
            _ring("momentum", "the same, β1 0.5", 5e-3, 5e-4, 0.5),
            _ring("even", "both 0.0005, β1 0.9", 5e-4, 5e-4, 0.9),
            _ring("both", "both 0.001, β1 0.5", 1e-3, 1e-3, 0.5),
        ),
        steps=2000,
        curve="modes",
        figure="live_modes",
        judge=_judge_collapse,
        small_print=(
            "Measured on G as it is, not on an average of it: the average of a G that jumps lies between the modes and "
            "hides what happens.",
            "A mode counts with at least 1 % of 2,000 points within four standard deviations. A jumping G that never "
            "settles may have none.",
            "Eight clouds in the plane and small nets. Other nets collapse for other reasons.",
        ),
        probe="modes",
    ),
    Experiment(
        key="strong",
        title="A discriminator that is too good",
        claim="If D gets too good, G's gradient fades and it stops learning.",
        source="often said; Goodfellow et al. 2014, sec. 3, say it of the minimax loss only",
        question="D gets ten steps for each of G's, by the non-saturating loss. What becomes of G's gradient?",
        options=(
            "It gets weaker",
            "It gets stronger",
            "Neither, clearly",
        ),
        right=_right_strong,
        arms=(
            Arm("one", "one step of D", "ring", SMALL, EQUAL),
            Arm("ten", "ten steps of D", "ring", SMALL, {**EQUAL, "d_steps": 10}),
            Arm("minimax", "ten steps of D, minimax", "ring", SMALL, {**EQUAL, "d_steps": 10, "loss": "minimax"}),
        ),
        steps=800,
        curve="generator_loss",
        figure="gradient",
        judge=_judge_strong,
        small_print=(
            "When this was first run, ten steps of D did cost G modes, yet with a gradient fifteen times as long, not "
            "with a fainter one. The gradient that fades is that of the minimax loss, at the start: see the experiment "
            "on both losses.",
            "Equal in steps of G, not in work: with ten steps of D each takes about six times as long.",
            "The gradient is measured at the end of each run, where the nets have gone different ways.",
            "Theory wants D at its best before each step of G (2014, sec. 4); in practice k = 1 is the paper's choice.",
        ),
        probe="modes",
    ),
)
