"""Turns an experiment's arms into runs, and finished runs into measurements; shared by the app and the command line."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.engine.messages import Series
from explorer.runspec import make_spec
from explorer.spec import Arm, Card, Experiment, Measured, RunSpec


def arm_spec(card: Card, experiment: Experiment, arm: Arm, seed: int, device: str = "cpu") -> RunSpec:
    """Return the run of one arm with one seed; raises SpecError if the arm names what its task does not have."""
    steps = arm.steps or experiment.steps
    return make_spec(card, arm.task, arm.knobs, arm.hypers, arm.data, seed, device, steps, probe=experiment.probe)


def plan(card: Card, experiment: Experiment, seeds: int = 0, device: str = "cpu") -> tuple[tuple[Arm, RunSpec], ...]:
    """Return every run of the experiment, seed by seed (seeds 0: as many as the experiment asks for)."""
    return tuple(
        (arm, arm_spec(card, experiment, arm, seed, device))
        for seed in range(seeds or experiment.seeds)
        for arm in experiment.arms
    )


def measured(arm: Arm, seed: int, latest: Mapping[str, float], series: Mapping[str, Series]) -> Measured:
    """Return what a finished run measured: its last figures (probe's included) and its curves."""
    curves = {key: (tuple(one.steps.tolist()), tuple(one.values.tolist())) for key, one in series.items()}
    return Measured(arm.key, seed, {key: float(value) for key, value in latest.items()}, curves)
