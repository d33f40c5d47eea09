"""Experiments with ways of making a map larger."""

from __future__ import annotations

from explorer.judging import always_above, figures, mean, spread
from explorer.spec import Arm, Experiment, Measured, Outcome, Verdict

Runs = tuple[Measured, ...]
ERROR, CHEQUER = "test_loss", "test_checkerboard"
EARLY = 20  # steps
EXACT = 1e-6


def _error(values: tuple[float, ...]) -> str:
    return spread(values, "{:.4f}")


# ---- repeated rows ---------------------------------------------------------------------------------------------------


def _judge_repeat(measured: Runs) -> Verdict:
    learnt, repeated, resized = (figures(measured, arm, ERROR) for arm in ("transposed", "repeat", "resize"))
    difference = max(figures(measured, "repeat", "difference"))
    text = (
        f"Squared error of a pixel after as many steps: rows repeated {_error(repeated)}, repeated with a 3 × 3 "
        f"convolution behind {_error(resized)}, transposed convolution {_error(learnt)}. Repeated rows are a "
        f"transposed convolution of ones with kernel 2 and stride 2: the largest difference is {difference:.1g}."
    )
    if always_above(repeated, learnt + resized):
        return Verdict(Outcome.FAILS, text)
    return Verdict(Outcome.HOLDS if always_above(learnt, repeated) else Outcome.OPEN, text)


def _right_repeat(measured: Runs) -> int:
    learnt, repeated, resized = (figures(measured, arm, ERROR) for arm in ("transposed", "repeat", "resize"))
    return 0 if always_above(repeated, learnt + resized) else 1 if always_above(learnt, repeated) else 2


# ---- checkerboards ---------------------------------------------------------------------------------------------------


def _chequers(measured: Runs, ending: str = "") -> dict[str, tuple[float, ...]]:
    return {arm: figures(measured, arm + ending, CHEQUER) for arm in ("k3", "k4", "resize")}


def _judge_checkerboard(measured: Runs) -> Verdict:
    early, late = _chequers(measured, "_early"), _chequers(measured)
    real = mean(figures(measured, "k3", "real_checkerboard"))
    text = (
        f"Strength of the pattern of period 2 after {EARLY} steps: transposed 3 × 3 {_strength(early['k3'])}, "
        f"transposed 4 × 4 {_strength(early['k4'])}, resized {_strength(early['resize'])}. After 400: "
        f"{_strength(late['k3'])}, {_strength(late['k4'])} and {_strength(late['resize'])}; the pictures themselves "
        f"have {real:.2g}."
    )
    if not always_above(early["k3"], early["resize"]):
        return Verdict(Outcome.FAILS if always_above(early["resize"], early["k3"]) else Outcome.OPEN, text)
    cured = always_above(early["k3"], early["k4"]) and not always_above(early["k4"], early["resize"])
    return Verdict(Outcome.HOLDS if cured else Outcome.PARTLY, text)


def _right_checkerboard(measured: Runs) -> int:
    early = _chequers(measured, "_early")
    if not always_above(early["k3"], early["resize"]):
        return 2
    return 0 if always_above(early["k4"], early["resize"]) else 1


def _strength(values: tuple[float, ...]) -> str:
    return spread(values, "{:.3g}")


# ---- stride 1 --------------------------------------------------------------------------------------------------------

SIZES = {"k3p1": (3, 1), "k3p0": (3, 0), "k3p2": (3, 2), "k4p1": (4, 1), "k4p2": (4, 2)}


def _sides(measured: Runs) -> dict[str, tuple[int, int]]:
    """Return the side before and after the last layer of each arm."""
    return {
        arm: (round(mean(figures(measured, arm, "side_before"))), round(mean(figures(measured, arm, "side_after"))))
        for arm in SIZES
    }


def _judge_same(measured: Runs) -> Verdict:
    sides = _sides(measured)
    fitting = {arm for arm, (kernel, padding) in SIZES.items() if kernel - 1 == 2 * padding}
    kept = {arm for arm, (before, after) in sides.items() if before == after}
    before = sides["k3p1"][0]
    text = f"A map of {before} × {before} came out " + ", ".join(
        f"{sides[arm][1]} × {sides[arm][1]} with kernel {kernel} and padding {padding}"
        for arm, (kernel, padding) in SIZES.items()
    )
    whole, cut = figures(measured, "k3p1", ERROR), figures(measured, "k3p2", ERROR)
    text += f". Error with the size kept {_error(whole)}, with a row lost on each side {_error(cut)}."
    if kept == set(SIZES):
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.PARTLY if kept == fitting else Outcome.FAILS, text)


def _right_same(measured: Runs) -> int:
    sides = _sides(measured)
    kept = [arm for arm, (before, after) in sides.items() if before == after]
    if len(kept) == len(SIZES):
        return 0
    return 1 if kept == ["k3p1"] else 2


def _up(key: str, label: str, upsampling: str, kernel: int = 4, steps: int = 0) -> Arm:
    knobs = {"upsampling": upsampling, "kernel_size": kernel, "decay_steps": 400, "warmup_steps": 40}
    return Arm(key, label, "fashion", knobs, steps=steps)


def _last(key: str) -> Arm:
    kernel, padding = SIZES[key]
    words = f"{kernel} × {kernel}, padding {padding}"
    return Arm(key, words, "fashion", {"finish": words, "channels": (8, 16)})


EXPERIMENTS = (
    Experiment(
        key="repeat",
        title="Repeated rows",
        claim="Upsampling in a network means repeating rows and columns.",
        source="a sentence of many introductions; true of nearest-neighbour upsampling only",
        question="Three decoders, equal otherwise: does the one that only repeats rows and columns keep up?",
        options=(
            "No: it is far behind the two that learn what lies between",
            "Yes: it does better than transposed convolutions",
            "No clear difference",
        ),
        right=_right_repeat,
        arms=(
            _up("transposed", "transposed convolution", "transposed"),
            _up("repeat", "rows repeated", "repeat"),
            _up("resize", "repeated, then 3 × 3", "resize"),
        ),
        steps=300,
        curve=ERROR,
        figure=ERROR,
        judge=_judge_repeat,
        small_print=(
            "Rows repeated: between them only 1 × 1 convolutions, so every 4 × 4 block of the picture is one colour.",
            "Nearest-neighbour upsampling is one special transposed convolution: kernel 2, stride 2, all ones, not "
            "trained.",
            "Equal in steps, not in parameters or time.",
        ),
        probe="repeated",
    ),
    Experiment(
        key="checkerboard",
        title="Checkerboards",
        claim="Transposed convolutions draw checkerboards unless the stride divides the kernel; resizing does not.",
        source="Odena, Dumoulin and Olah 2016, “Deconvolution and checkerboard artifacts”, Distill",
        question="After 20 steps: whose pictures have a pattern of every second pixel?",
        options=(
            "Those of transposed convolutions, of either kernel, not the resized ones",
            "Only those of the kernel of 3, which a stride of 2 does not divide",
            "Nobody's",
        ),
        right=_right_checkerboard,
        arms=(
            _up("k3_early", "transposed 3 × 3, 20 steps", "transposed", 3, EARLY),
            _up("k4_early", "transposed 4 × 4, 20 steps", "transposed", 4, EARLY),
            _up("resize_early", "resized, 20 steps", "resize", 4, EARLY),
            _up("k3", "transposed 3 × 3, 400 steps", "transposed", 3),
            _up("k4", "transposed 4 × 4, 400 steps", "transposed", 4),
            _up("resize", "resized, 400 steps", "resize", 4),
        ),
        steps=400,
        curve=CHEQUER,
        figure=CHEQUER,
        judge=_judge_checkerboard,
        small_print=(
            "Measured in the spectrum of 300 held-out reconstructions: power at one half cycle a pixel along both "
            "axes, over the median power nearby. 1 is nothing special.",
            "An even overlap removes the pattern of a constant kernel. The kernels here start at random and are not "
            "constant.",
            "A squared error on whole pictures punishes the pattern, so most of it goes with training. Where a loss "
            "sees less of it, it may stay.",
        ),
        probe="checkerboards",
    ),
    Experiment(
        key="same",
        title="Stride 1 keeps the size?",
        claim="A transposed convolution with stride 1 gives a map of the size that it is given.",
        source="a sentence of many introductions; one framework's padding “same” makes it true",
        question="A last layer with stride 1 is put behind the decoder. When does a map of 28 × 28 stay 28 × 28?",
        options=("Always, with stride 1", "Only where the kernel is 2p + 1 wide", "Never"),
        right=_right_same,
        arms=tuple(_last(key) for key in SIZES),
        steps=60,
        curve=ERROR,
        figure="side_after",
        judge=_judge_same,
        small_print=(
            "i − 1 − 2p + k is i only for k = 2p + 1. An even kernel cannot keep the size with equal padding on both "
            "sides.",
            "To compare errors, a map that is too large is cut here and one that is too small gets zeros around it.",
        ),
        probe="finished_side",
    ),
)
