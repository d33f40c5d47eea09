"""Made-up measurements, to see what a judge says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from explorer.spec import Measured

Figures = Mapping[str, Sequence[float]]  # by figure's key: one value for each seed


def runs(arms: Mapping[str, Figures]) -> tuple[Measured, ...]:
    """Return a run for each arm and seed; every figure is also the only point of a curve of that name."""
    return tuple(
        _run(arm, seed, {key: values[seed] for key, values in figures.items()})
        for arm, figures in arms.items()
        for seed in range(len(next(iter(figures.values()))))
    )


def _run(arm: str, seed: int, figures: Mapping[str, float]) -> Measured:
    return Measured(arm, seed, figures, {key: ((1,), (value,)) for key, value in figures.items()})
