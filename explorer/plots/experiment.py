"""An experiment's measurements as figures: curves with the spread over seeds, and every seed as a ring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
import plotly.graph_objects as go

from explorer.plots.theme import TOKENS, Theme, run_colours, template
from explorer.spec import Experiment, Measured

DASHES = ("solid", "solid", "solid", "6px,3px", "dot", "2px,2px")
LABELS = 150  # pixels beside the plot for the names of the lines
HEIGHT = 380  # pixels
LINE = 20  # pixels that a name needs
SMOOTHING = 0.9  # of the debiased exponential mean drawn as the line


def names(key: str) -> str:
    """Return a curve's key as words: test_accuracy -> test accuracy."""
    return key.replace("_", " ")


@dataclass(frozen=True)
class _End:
    """Where a line ends, for its name, and between which values its band lies."""

    label: str
    colour: str
    step: float
    value: float
    low: float
    high: float


def curves(
    experiment: Experiment, measured: tuple[Measured, ...], theme: Theme, lines: Sequence[tuple[str, float]] = ()
) -> go.Figure:
    """Return each arm's mean over seeds with a band from the lowest seed to the highest; x is the step.

    `lines` are reference values with their names. Where nothing is measured yet, the axes stand and say so.
    """
    margin = {"l": 44, "r": LABELS, "t": 16, "b": 40}
    figure = go.Figure(layout={"template": template(theme), "height": HEIGHT, "margin": margin})
    found = [_add_arm(figure, experiment, index, measured, theme) for index in range(len(experiment.arms))]
    ends = [end for end in found if end is not None]
    last = max((end.step for end in ends), default=experiment.steps)
    figure.update_xaxes(title="step", range=[0, last])  # fixed: names beyond the end would widen it
    if not ends:
        return _empty(figure, theme)
    for label, value in lines:
        _add_line(figure, label, value, theme)
    _name(figure, ends)
    return figure


def _empty(figure: go.Figure, theme: Theme) -> go.Figure:
    figure.update_yaxes(range=[0, 1], showticklabels=False)
    figure.add_annotation(
        text="Not measured yet",
        x=0.5,
        y=0.5,
        xref="paper",
        yref="paper",
        showarrow=False,
        font={"size": 14, "color": TOKENS[theme]["text3"]},
    )
    return figure


def _look(index: int, theme: Theme) -> tuple[str, str]:
    colours = run_colours(theme)
    return colours[index % len(colours)], DASHES[index % len(DASHES)]


def _add_arm(
    figure: go.Figure, experiment: Experiment, index: int, measured: tuple[Measured, ...], theme: Theme
) -> _End | None:
    """Draw one arm's band, mean and last point; return where it ends, None if it has no curve yet."""
    arm, (colour, dash) = experiment.arms[index], _look(index, theme)
    runs = [
        each.curves[experiment.curve] for each in measured if each.arm == arm.key and experiment.curve in each.curves
    ]
    steps, stacked = aligned(runs)
    if not len(steps):
        return None
    low, high, mean = stacked.min(0), stacked.max(0), stacked.mean(0)
    fill = f"rgba({int(colour[1:3], 16)},{int(colour[3:5], 16)},{int(colour[5:7], 16)},0.15)"
    band = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    figure.add_scatter(x=steps, y=low, **band)
    figure.add_scatter(x=steps, y=high, fill="tonexty", fillcolor=fill, **band)
    figure.add_scatter(x=steps, y=mean, mode="lines", name=arm.label, line={"color": colour, "width": 2, "dash": dash})
    dot = {"color": colour, "size": 8}
    figure.add_scatter(x=steps[-1:], y=mean[-1:], mode="markers", marker=dot, hoverinfo="skip", cliponaxis=False)
    return _End(arm.label, colour, float(steps[-1]), float(mean[-1]), float(low.min()), float(high.max()))


def _add_line(figure: go.Figure, label: str, value: float, theme: Theme) -> None:
    colour = TOKENS[theme]["text2"]
    figure.add_hline(
        y=value,
        line={"dash": "dot", "width": 1, "color": colour},
        annotation={"text": label, "font": {"size": 12, "color": colour}},
        annotation_position="top right",
    )


def _name(figure: go.Figure, ends: Sequence[_End]) -> None:
    """Write the lines' names at their ends, apart from each other where these lie close together."""
    extent = max(end.high for end in ends) - min(end.low for end in ends)
    a_line = (extent or 1.0) * LINE / HEIGHT  # in the axis' unit
    level = float("inf")
    for end in sorted(ends, key=lambda end: -end.value):
        level = min(level - a_line, end.value)
        figure.add_annotation(
            x=end.step,
            y=end.value,
            text=f"<b>{end.label}</b>",
            showarrow=False,
            xanchor="left",
            xshift=10,
            yshift=(level - end.value) / a_line * LINE,
            font={"color": end.colour, "size": 13},
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
    if not measured:
        return "Not measured yet."
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
