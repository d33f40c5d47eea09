"""An experiment's measurements as figures: curves with the spread over seeds, and every seed as a ring."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

import numpy as np
import plotly.graph_objects as go

from explorer.plots.theme import TOKENS, Theme, run_colours, template
from explorer.spec import Arm, Experiment, Measured

DASHES = ("solid", "solid", "solid", "6px,3px", "dot", "2px,2px")
SMOOTHING = 0.9  # of the debiased exponential mean drawn as the line


def names(key: str) -> str:
    """Return a curve's key as words: test_accuracy -> test accuracy."""
    return key.replace("_", " ")


def curves(experiment: Experiment, measured: tuple[Measured, ...], theme: Theme) -> go.Figure:
    """Return each arm's mean over seeds with a band from the worst seed to the best; x is the step."""
    figure = go.Figure(
        layout={"template": template(theme), "height": 380, "margin": {"l": 44, "r": 150, "t": 16, "b": 40}}
    )
    for index, arm in enumerate(experiment.arms):
        runs = [each for each in measured if each.arm == arm.key and experiment.curve in each.curves]
        if runs:
            _add_arm(figure, arm, [each.curves[experiment.curve] for each in runs], _look(index, theme))
    figure.update_xaxes(title="step")
    return figure


def _look(index: int, theme: Theme) -> tuple[str, str]:
    colours = run_colours(theme)
    return colours[index % len(colours)], DASHES[index % len(DASHES)]


def _add_arm(
    figure: go.Figure, arm: Arm, lines: Sequence[tuple[Sequence[int], Sequence[float]]], look: tuple[str, str]
) -> None:
    steps, stacked = aligned(lines)
    if not len(steps):
        return
    colour, dash = look
    low, high, mean = stacked.min(0), stacked.max(0), stacked.mean(0)
    figure.add_scatter(x=steps, y=low, mode="lines", line={"width": 0}, hoverinfo="skip")
    fill = f"rgba({int(colour[1:3], 16)},{int(colour[3:5], 16)},{int(colour[5:7], 16)},0.15)"
    figure.add_scatter(
        x=steps, y=high, mode="lines", line={"width": 0}, fill="tonexty", fillcolor=fill, hoverinfo="skip"
    )
    figure.add_scatter(x=steps, y=mean, mode="lines", name=arm.label, line={"color": colour, "width": 2, "dash": dash})
    figure.add_annotation(
        x=steps[-1],
        y=mean[-1],
        text=arm.label,
        showarrow=False,
        xanchor="left",
        xshift=8,
        font={"color": colour, "size": 13},
    )


def aligned(lines: Sequence[tuple[Sequence[int], Sequence[float]]]) -> tuple[np.ndarray, np.ndarray]:
    """Return common steps and one smoothed row a seed; points where any seed was not finite are left out."""
    lines = [line for line in lines if len(line[0])]
    if not lines:
        return np.zeros(0), np.zeros((0, 0))
    steps = np.asarray(max(lines, key=lambda line: len(line[0]))[0])
    steps = steps[steps <= min(line[0][-1] for line in lines)]
    rows = np.stack([np.interp(steps, line[0], smoothed(line[1])) for line in lines])
    keep = np.isfinite(rows).all(0)
    return steps[keep], rows[:, keep]


def smoothed(values: Sequence[float]) -> np.ndarray:
    """Return the debiased exponential mean; short curves (held-out figures) are left as they are."""
    if len(values) < 60:
        return np.asarray(values, dtype=float)
    out, mean = np.empty(len(values)), 0.0
    for i, value in enumerate(values):
        mean = SMOOTHING * mean + (1 - SMOOTHING) * value
        out[i] = mean / (1 - SMOOTHING ** (i + 1))
    return out


def seeds(experiment: Experiment, measured: tuple[Measured, ...], theme: Theme) -> go.Figure:
    """Return one row an arm with every seed as a ring, joined from the lowest to the highest, and the mean in words."""
    height = 46 + 34 * len(experiment.arms)
    figure = go.Figure(
        layout={"template": template(theme), "height": height, "margin": {"l": 150, "r": 70, "t": 6, "b": 30}}
    )
    for index, arm in enumerate(experiment.arms):
        colour, _ = _look(index, theme)
        values = [
            each.figures[experiment.figure]
            for each in measured
            if each.arm == arm.key and experiment.figure in each.figures
        ]
        values = [value for value in values if np.isfinite(value)]
        if not values:
            continue
        ring = {"symbol": "circle-open", "size": 11, "line": {"width": 2}, "color": colour}
        figure.add_scatter(
            x=values, y=[arm.label] * len(values), mode="markers+lines", marker=ring, line={"color": colour}
        )
        text = f"<b>{fmean(values):.3g}</b>"
        figure.add_annotation(
            x=max(values), y=arm.label, text=text, showarrow=False, xanchor="left", xshift=12, font={"color": colour}
        )
    order = [arm.label for arm in experiment.arms]
    figure.update_yaxes(categoryorder="array", categoryarray=order[::-1], showgrid=False)
    figure.update_xaxes(showgrid=True, gridcolor=TOKENS[theme]["line"], showline=False)
    return figure


def reading(experiment: Experiment, measured: tuple[Measured, ...]) -> str:
    """Return the figures' main reading in words, for those who cannot see them."""
    parts = []
    for arm in experiment.arms:
        values = [
            each.figures[experiment.figure]
            for each in measured
            if each.arm == arm.key and experiment.figure in each.figures
        ]
        if values:
            parts.append(
                f"{arm.label} {fmean(values):.3g}, from {min(values):.3g} to {max(values):.3g} over {len(values)} seeds"
            )
    return f"{names(experiment.figure).capitalize()}: {'; '.join(parts)}."
