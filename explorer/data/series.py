"""Series of one number a step to be continued: two noisy sines, a chaotic equation, the yearly sunspots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from explorer import paths
from explorer.data import Dataset, number
from explorer.spec import Settings

PERIODS, HEIGHTS = (20.0, 7.0), (1.0, 0.5)  # of the two sines, in steps
DELAY, FINE = 17, 10  # of the Mackey–Glass equation; steps of the integration in one of the series
SETTLING = 1000  # steps until the equation has forgotten how it began


@dataclass(frozen=True)
class Continued(Dataset):
    """Windows of a series and what comes after each; the part held out lies later in time.

    Inputs (N, W, 1). To learn from, targets (N, W): the value after each. Held out, targets (N,): the value after the
    window, and `future` (N, horizon): the values from there on, without noise where it is known.
    """

    learnt: np.ndarray  # (steps,) the whole series to learn from
    future: np.ndarray
    first: float = 0.0  # time of the first value learnt
    begins: float = 0.0  # time of the first value of the first future
    stride: int = 1  # steps from one held-out window to the next
    mean: float = 0.0  # of the values as they are written; the network sees (value − mean) / spread
    spread: float = 1.0
    unit: str = ""

    @property
    def horizon(self) -> int:
        """How many steps of each future there are."""
        return self.future.shape[1]

    def written(self, values: np.ndarray) -> np.ndarray:
        """Return values in the unit that people know."""
        return values * self.spread + self.mean


def sines(random: np.random.Generator, steps: int) -> np.ndarray:
    """Return the sum of two sines from random phases on, (steps,), with spread 0.79."""
    time, phases = np.arange(steps), random.uniform(0, 2 * np.pi, 2)
    waves = [h * np.sin(2 * np.pi * time / p + f) for h, p, f in zip(HEIGHTS, PERIODS, phases, strict=True)]
    return np.sum(waves, 0)


def mackey_glass(random: np.random.Generator, steps: int) -> np.ndarray:
    """Return the Mackey–Glass series with delay 17, squashed to tanh(x − 1), (steps,).

    x' = 0.2 x(t − 17) / (1 + x(t − 17)¹⁰) − 0.1 x, integrated by Runge and Kutta's rule at a tenth of a step.
    """
    lag, h = DELAY * FINE, 1.0 / FINE
    x = [1.2 + 0.1 * float(random.uniform(-1, 1))] * (lag + 1)
    for t in range((steps + SETTLING) * FINE):
        now, old, after = x[-1], _fed(x[t]), _fed(x[t + 1])
        between = _fed((x[t] + x[t + 1]) / 2)
        a = old - 0.1 * now
        b = between - 0.1 * (now + h / 2 * a)
        c = between - 0.1 * (now + h / 2 * b)
        d = after - 0.1 * (now + h * c)
        x.append(now + h / 6 * (a + 2 * b + 2 * c + d))
    return np.tanh(np.array(x[lag + SETTLING * FINE :: FINE][:steps]) - 1)


def _fed(x: float) -> float:
    return 0.2 * x / (1 + x**10)


def _windows(series: np.ndarray, window: int) -> tuple[np.ndarray, np.ndarray]:
    """Return every window (N, window, 1) that has a value after it, and the values after each of its own."""
    views = np.lib.stride_tricks.sliding_window_view(series, window + 1).astype(np.float32)
    return np.ascontiguousarray(views[:, :-1, None]), np.ascontiguousarray(views[:, 1:])


def _ahead(
    seen: np.ndarray, true: np.ndarray, begins: range, window: int, horizon: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the windows before each beginning (N, window, 1), and the values from it on (N, horizon)."""
    before = np.stack([seen[begin - window : begin] for begin in begins])
    after = np.stack([true[begin : begin + horizon] for begin in begins])
    return before[:, :, None].astype(np.float32), after.astype(np.float32)


def _two_sines(settings: Settings, seed: int) -> Continued:
    """2,000 noisy values to learn from; 200 windows of 64 held out, whose 50 next values are judged without noise."""
    noise, window, horizon, learn = number(settings, "noise", 0.1), 64, 50, 2000
    random = np.random.default_rng(seed)
    true = sines(random, learn + 1000)
    seen = true + noise * random.normal(size=len(true))
    before, after = _ahead(seen, true, range(learn + 2 * window, len(true) - horizon, 4)[:200], window, horizon)
    return Continued(
        *_windows(seen[:learn], window), before, after[:, 0], ("value",),
        f"Two sines with noise, {learn:,} values to learn from, 1,000 later ones held out, generated with seed {seed}",
        seen[:learn].astype(np.float32), after, begins=learn + 2 * window, stride=4,
    )  # fmt: skip


@cache
def _chaos(seed: int) -> Continued:
    """2,600 values to learn from; 40 windows of 300 held out, each with the 84 values that come next."""
    window, horizon, learn, held_out = 300, 84, 2600, 1700
    true = mackey_glass(np.random.default_rng(seed), learn + held_out)
    begins = range(learn + window, learn + held_out - horizon, 32)[:40]
    before, after = _ahead(true, true, begins, window, horizon)
    return Continued(
        *_windows(true[:learn], window), before, after[:, 0], ("value",),
        f"The Mackey–Glass equation with delay 17, {learn:,} values to learn from and {held_out:,} later ones held out",
        true[:learn], after, begins=learn + window, stride=32,
    )  # fmt: skip


@cache
def _sunspots() -> Continued:
    """The years to 1919 to learn from; held out are 1920 to 2008, eleven years from each of them on."""
    file = paths.assets() / "data" / "sunspots.csv"
    years, counts = np.loadtxt(file, delimiter=",", skiprows=1, unpack=True)
    window, horizon, learn = 64, 11, int(np.searchsorted(years, 1920))
    mean, spread = float(counts[:learn].mean()), float(counts[:learn].std())
    scaled = (counts - mean) / spread
    before, after = _ahead(scaled, scaled, range(learn, len(scaled) - horizon + 1), window, horizon)
    return Continued(
        *_windows(scaled[:learn], window), before, after[:, 0], ("sunspots",),
        f"Yearly sunspot numbers, {years[0]:.0f}–1919 to learn from, 1920–{years[-1]:.0f} held out",
        scaled[:learn], after, float(years[0]), 1920.0, mean=mean, spread=spread, unit="sunspots",
    )  # fmt: skip


DATASETS: dict[str, Callable[[Settings, int], Dataset]] = {
    "sines": _two_sines,
    "mackey_glass": lambda settings, seed: _chaos(seed),
    "sunspots": lambda settings, seed: _sunspots(),
}
