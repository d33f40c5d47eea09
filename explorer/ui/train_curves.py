"""From a run's scalars to the panels that the curves component draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from explorer.engine.messages import Json, RunState, Series, Snapshot
from explorer.spec import Metric, Sense, Target, Task
from explorer.ui.wire import pack

TRAINING = ("text", "loss", "linear")  # colours of the curves on training data, in turn
HELD_OUT = "convolution"


def curves_data(task: Task, snapshot: Snapshot, ghost: Mapping[str, Series]) -> dict[str, Json]:
    """Return what the curves component draws: a panel for the scores in percent, and one for each other scalar."""
    groups = _groups(task.metrics)
    return {
        "panels": [_panel(task, metrics, snapshot.series, ghost) for metrics in groups],
        "marks": [{"step": mark.step, "text": mark.text} for mark in snapshot.marks],
        "step": snapshot.step,
        "diverged": snapshot.divergence.step if snapshot.state is RunState.DIVERGED and snapshot.divergence else None,
    }


def _groups(metrics: Sequence[Metric]) -> list[list[Metric]]:
    """Put metrics that share an axis together: all in percent, each other one with its held-out twin; losses first."""
    groups: dict[str, list[Metric]] = {}
    for metric in metrics:
        groups.setdefault("percent" if metric.percent else metric.key.removeprefix("test_"), []).append(metric)
    return sorted(groups.values(), key=lambda group: group[0].percent)


def _panel(task: Task, metrics: list[Metric], series: Mapping[str, Series], ghost: Mapping[str, Series]) -> Json:
    trained = [metric for metric in metrics if not metric.held_out]
    ordered = [*trained, *(metric for metric in metrics if metric.held_out)]
    colours = dict(zip((metric.key for metric in trained), TRAINING, strict=False))
    keys = {metric.key for metric in metrics}
    target = next((target for target in task.targets if target.metric in keys or f"test_{target.metric}" in keys), None)
    if target is None and metrics[0].percent:
        target = next((each for each in task.targets if each.metric.removeprefix("test_") in keys), None)
    return {
        "title": _title(ordered),
        "percent": metrics[0].percent,
        "series": [
            _line(metric, series, colours, len(trained) > 1, len(ordered) - len(trained) > 1) for metric in ordered
        ],
        "ghosts": [_packed(ghost[metric.key]) for metric in trained[:1] if metric.key in ghost],
        "references": [{"label": label, "value": value} for key, label, value in task.references if key in keys],
        "target": _target(target, metrics[0].percent) if target else None,
    }


def _title(metrics: list[Metric]) -> str:
    """Return the words that the labels of a panel share, e.g. "Loss (cross-entropy)"."""
    names = {metric.label.partition(",")[0] for metric in metrics}
    if len(names) > 1:
        names = (
            {min(names, key=lambda name: ("(" not in name, len(name)))} if not metrics[0].percent else {"right answers"}
        )
    name = names.pop()
    return name[:1].upper() + name[1:]


def _line(metric: Metric, series: Mapping[str, Series], colours: Mapping[str, str], several: bool, tests: bool) -> Json:
    empty = Series(np.zeros(0, np.int32), np.zeros(0, np.float32))
    name = metric.label.partition(",")[0]
    label = ("test" if not tests else f"{name}, test") if metric.held_out else name if several else "training"
    return {
        "label": label,
        "colour": colours.get(metric.key, HELD_OUT),
        "dash": [5, 2.5] if metric.held_out else [],
        "smooth": not metric.held_out,
        **_packed(series.get(metric.key, empty)),
    }


def _packed(series: Series) -> dict[str, Json]:
    steps, values = pack(series.steps.astype(np.int32)), pack(series.values.astype(np.float32))
    return {"steps": dict(steps), "values": dict(values)}  # type: ignore[dict-item]


def _target(target: Target, percent: bool) -> Json:
    figure = f"{100 * target.value:g}\u2009%" if percent else f"{target.value:g}"
    where = " on test" if target.metric.startswith("test_") else ""
    bound = "at most " if target.sense is Sense.AT_MOST else ""
    return {"label": f"the page's target: {bound}{figure}{where}", "value": target.value}
