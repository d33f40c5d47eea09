"""Experiments with reservoirs."""

from __future__ import annotations

from explorer.judging import always_above, figures, mean, median, spread
from explorer.spec import Arm, Experiment, Measured, Outcome, Verdict

Runs = tuple[Measured, ...]
FAR = "test_nrmse_last"
RADII = (0.5, 0.7, 0.9, 1.1, 1.2, 1.3, 1.4, 1.5)
DENSITIES = (0.01, 0.05, 0.2, 1.0)
SPARSE = 0.01
SMALL, LARGE = 0.1, 1.0
MEMORY_RADII = (0.5, 0.8, 0.95, 1.1, 1.5)


def _by(measured: Runs, arms: dict[float, str], key: str) -> dict[float, tuple[float, ...]]:
    return {value: figures(measured, arm, key) for value, arm in arms.items()}


def _best(found: dict[float, tuple[float, ...]], largest: bool = False) -> float:
    """Return the setting with the best median."""
    return (max if largest else min)(found, key=lambda value: median(found[value]))


RADIUS_ARMS = {radius: f"radius_{radius:g}" for radius in RADII}


def _judge_radius(measured: Runs) -> Verdict:
    far, apart = _by(measured, RADIUS_ARMS, FAR), _by(measured, RADIUS_ARMS, "apart_driven")
    best = _best(far)
    below = far[_best({radius: values for radius, values in far.items() if radius < 1})]
    text = (
        f"The median error after 84 steps alone is smallest at a radius of {best:g}: {_figure(median(far[best]))}, "
        f"against {_figure(median(below))} for the best below 1. At 1.5 the seeds lie between {_figure(min(far[1.5]))} "
        f"and {_figure(max(far[1.5]))}. Two starts of the reservoir agree after 400 steps for every seed up to "
        f"{_largest_agreeing(apart):g}."
    )
    if best < 1:
        return Verdict(Outcome.HOLDS, text)
    beyond = any(always_above(below, values) for radius, values in far.items() if radius > 1)
    return Verdict(Outcome.FAILS if beyond else Outcome.OPEN, text)


def _largest_agreeing(apart: dict[float, tuple[float, ...]]) -> float:
    agreeing = [radius for radius, values in apart.items() if max(values) < -3]
    return max(agreeing, default=0.0)


def _right_radius(measured: Runs) -> int:
    best = _best(_by(measured, RADIUS_ARMS, FAR))
    return 0 if best < 1 else 1 if best < 1.35 else 2


DENSITY_ARMS = {density: f"density_{100 * density:g}" for density in DENSITIES}


def _judge_density(measured: Runs) -> Verdict:
    far = _by(measured, DENSITY_ARMS, FAR)
    text = "Median error after 84 steps alone: " + ", ".join(
        f"{100 * density:g} % {_figure(median(values))} ({_figure(min(values))} to {_figure(max(values))})"
        for density, values in far.items()
    ) + "."  # fmt: skip
    rest = [value for density, values in far.items() if density > SPARSE for value in values]
    if max(far[SPARSE]) < min(rest):
        return Verdict(Outcome.HOLDS, text)
    return Verdict(Outcome.FAILS if _beaten(far) else Outcome.OPEN, text)


def _beaten(far: dict[float, tuple[float, ...]]) -> bool:
    """Whether some denser reservoir beats the sparse one by half in the median, and for all seeds but one at most."""
    sparse = far[SPARSE]
    for density, values in far.items():
        losses = sum(value >= other for value, other in zip(values, sparse, strict=True))
        if density > SPARSE and median(values) * 1.5 < median(sparse) and losses <= 1:
            return True
    return False


def _right_density(measured: Runs) -> int:
    far = _by(measured, DENSITY_ARMS, FAR)
    others = [value for density, values in far.items() if density > SPARSE for value in values]
    return 0 if max(far[SPARSE]) < min(others) else 1 if _beaten(far) else 2


MEMORY_ARMS = {
    (radius, scale): f"memory_{radius:g}_{scale:g}" for scale in (SMALL, LARGE) for radius in MEMORY_RADII
}  # fmt: skip


def _memories(measured: Runs, scale: float) -> dict[float, tuple[float, ...]]:
    return {radius: figures(measured, MEMORY_ARMS[radius, scale], "memory") for radius in MEMORY_RADII}


def _peaks(found: dict[float, tuple[float, ...]]) -> bool:
    """Whether capacity is clearly largest near 1: above that at 0.5 and at 1.5 by a third, for every seed."""
    near = found[0.95]
    return always_above([value * 0.75 for value in near], (*found[0.5], *found[1.5]))


def _judge_memory(measured: Runs) -> Verdict:
    soft, loud = _memories(measured, SMALL), _memories(measured, LARGE)
    text = (
        f"With a soft input (scale {SMALL:g}) the reservoir recalls {spread(soft[0.5], '{:.1f}')} steps at a radius of "
        f"0.5, {spread(soft[0.95], '{:.1f}')} at 0.95 and {spread(soft[1.5], '{:.1f}')} at 1.5. With a loud one (scale "
        f"{LARGE:g}): {spread(loud[0.5], '{:.1f}')}, {spread(loud[0.95], '{:.1f}')} and {spread(loud[1.5], '{:.1f}')}."
    )
    if _peaks(soft):
        return Verdict(Outcome.HOLDS if _peaks(loud) else Outcome.PARTLY, text)
    lowest = mean(soft[0.95]) < min(mean(soft[0.5]), mean(soft[1.5]))
    return Verdict(Outcome.FAILS if lowest else Outcome.OPEN, text)


def _right_memory(measured: Runs) -> int:
    soft, loud = _peaks(_memories(measured, SMALL)), _peaks(_memories(measured, LARGE))
    return 0 if soft and loud else 1 if soft else 2


def _figure(value: float) -> str:
    return f"{value:.2g}"


ONE_GO = {"values_a_step": 3000, "method": "ridge regression"}
EXPERIMENTS = (
    Experiment(
        key="radius",
        title="Over the edge",
        claim="A reservoir works best with a spectral radius just below 1, since beyond it there are no echo states.",
        source="a rule of many introductions; Jaeger 2001 states the border for a reservoir without input",
        question="The same reservoir, scaled to radii from 0.5 to 1.5. Where does it forecast best, running alone?",
        options=("Just below 1", "A little above 1", "The larger the better"),
        right=_right_radius,
        arms=tuple(
            Arm(
                arm, f"{radius:g}", "mackey_glass", {"units": 300}, {**ONE_GO, "spectral_radius": radius, "leak": 1.0}
            )
            for radius, arm in RADIUS_ARMS.items()
        ),
        steps=1,
        curve="test_nrmse_last",
        figure=FAR,
        judge=_judge_radius,
        small_print=(
            "300 units without leak, one series; the read-out by ridge regression, in a single step.",
            "Look at the seeds, not only at the medians: past the best place they scatter, and what does well on one "
            "draw fails on the next.",
            "One step ahead all of these are right to a thousandth. Only running alone tells them apart.",
        ),
        probe="echo",
    ),
    Experiment(
        key="density",
        title="One connection in a hundred",
        claim="Sparse reservoirs, of about 1 %, are better than dense ones.",
        source="repeated from Jaeger and Haas 2004, whose network of 1,000 units has 1 %",
        question="300 units with 1, 5, 20 or 100 % of their connections, scaled to one radius. Which forecasts best?",
        options=("The one with 1 %", "A denser one", "No clear difference"),
        right=_right_density,
        arms=tuple(
            Arm(arm, f"{100 * density:g} %", "mackey_glass", {"units": 300},
                {**ONE_GO, "density": density, "spectral_radius": 1.1, "leak": 0.3})
            for density, arm in DENSITY_ARMS.items()
        ),
        steps=1,
        curve="test_nrmse_last",
        figure=FAR,
        judge=_judge_density,
        small_print=(
            "1 % of 300 is three connections a unit; of 1,000 units it would be ten, which is another thing.",
            "All are scaled to the radius 1.1, with a leak of 0.3. Without scaling, more connections are a larger "
            "radius, and that is what would be seen.",
            "The draws of one seed are the same for all densities, so seeds are compared pair by pair. Between 5 and "
            "100 % the differences are no larger than those between seeds.",
            "Sparse matrices save work where they are stored as such; here they are not.",
        ),
        seeds=5,
    ),
    Experiment(
        key="memory",
        title="How far back",
        claim="A reservoir remembers longest at the edge, with a spectral radius near 1.",
        source="Jaeger 2001, on short-term memory; a common picture since",
        question="100 units hear noise. Over how many steps can it be read back, and where is that largest?",
        options=("Near 1, for any input", "Near 1, if the input is soft", "It hardly depends on the radius"),
        right=_right_memory,
        arms=tuple(
            Arm(arm, f"{radius:g}, {'soft' if scale == SMALL else 'loud'}", "mackey_glass", {"units": 100},
                {**ONE_GO, "spectral_radius": radius, "input_scale": scale, "leak": 1.0, "density": 0.1})
            for (radius, scale), arm in MEMORY_ARMS.items()
        ),
        steps=1,
        curve="test_nrmse_last",
        figure="memory",
        judge=_judge_memory,
        small_print=(
            "Memory capacity: for each delay of 1 to 100 steps r² between the input and its best linear recall, in "
            "sum. It cannot exceed the number of units, here 100, and stays far below.",
            "A loud input bends the units by itself, and what is bent is forgotten sooner.",
            "Noise even between −1 and 1, times the input scale; the network's own task plays no part.",
        ),
        probe="memory",
    ),
)  # fmt: skip
