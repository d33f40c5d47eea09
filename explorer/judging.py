"""Reads what an experiment measured: figures by arm, and whether two arms are apart for every seed."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import mean, median

from explorer.spec import Measured, SpecError, nearest

__all__ = ["always_above", "best", "figures", "mean", "median", "percent", "spread"]


def figures(measured: Sequence[Measured], arm: str, key: str) -> tuple[float, ...]:
    """Return one arm's final figure for each seed; raises SpecError if no run measured it."""
    found = tuple(one.figures[key] for one in measured if one.arm == arm and key in one.figures)
    if not found:
        known = sorted({name for one in measured for name in (one.arm, *one.figures)})
        raise SpecError(f"no run of '{arm}' measured '{key}'; {nearest(key, known)}")
    return found


def best(measured: Sequence[Measured], arm: str, key: str) -> tuple[float, ...]:
    """Return the highest value that one arm's curve reached, for each seed."""
    return tuple(max(one.curves[key][1]) for one in measured if one.arm == arm and one.curves.get(key, ((), ()))[1])


def always_above(high: Sequence[float], low: Sequence[float], margin: float = 0.0) -> bool:
    """Whether the worst of `high` beats the best of `low` by more than the margin: the seeds do not overlap."""
    return min(high) > max(low) + margin


def percent(values: Sequence[float]) -> str:
    """Return the mean as a percentage with the range over seeds, e.g. "97.2 % (96.8 to 97.5)"."""
    return f"{100 * mean(values):.1f} %" + _range([100 * value for value in values], "{:.1f}")


def spread(values: Sequence[float], form: str = "{:.2f}") -> str:
    """Return the mean with the range over seeds, e.g. "0.31 (0.28 to 0.35)"."""
    return form.format(mean(values)) + _range(values, form)


def _range(values: Sequence[float], form: str) -> str:
    low, high = form.format(min(values)), form.format(max(values))
    return "" if low == high else f" ({low} to {high})"
