"""The live figures: from a run's snapshot to the canvas components, one component a lens."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit.components.v2 as components

from explorer.blueprint import layer_name
from explorer.engine.messages import Frame, Json, LensRequest, RunState, Snapshot
from explorer.spec import Settings
from explorer.ui.wire import pack

Data = dict[str, "Json"]


@dataclass(frozen=True)
class Figure:
    """How a lens is watched: the component that draws it, what it is asked, what it may send back."""

    component: str
    options: Settings
    trigger: str = ""  # a value that the component sends to Python
    input: str = ""  # the option that follows the learner's choice


FIGURES: Mapping[str, Figure] = {
    "plane": Figure("plane", {"points": True, "histogram": True}, trigger="edit"),
    "line": Figure("line", {}),
    "maps": Figure("maps", {}, trigger="index", input="index"),
    "confusion": Figure("confusion", {}),
}


def component(name: str) -> Callable[..., Any]:
    """Return one of our components by its name in pyproject.toml."""
    return components.component(f"explorer.{name}", css=f"{name}.css", js=f"{name}.js")


def request(lens: str, index: int, turned: Settings) -> LensRequest:
    """Return what is asked of a lens: `index` is the picture chosen, `turned` what was turned on its sheet."""
    figure = FIGURES.get(lens)
    if figure is None:
        return LensRequest(lens, {"index": index, **turned})
    return LensRequest(lens, {**figure.options, **({figure.input: index} if figure.input else {})})


def draw(lens: str, snapshot: Snapshot, frame: Frame) -> Mapping[str, Json] | None:
    """Draw what a lens saw; return what the learner sent from the picture, if anything."""
    figure = FIGURES[lens]
    callbacks = {f"on_{figure.trigger}_change": _nothing} if figure.trigger else {}
    result = component(figure.component)(key=f"live_{lens}", data=_data(snapshot, frame), **callbacks)
    return getattr(result, figure.trigger, None) if figure.trigger else None


def _data(snapshot: Snapshot, frame: Frame) -> Data:
    return {
        **frame.facts,
        "arrays": {name: dict(pack(array)) for name, array in frame.arrays.items()},  # type: ignore[dict-item]
        "names": _names(frame),
        "step": snapshot.step,
        "live": snapshot.state is RunState.LIVE,
        "speed": snapshot.steps_per_second,
        "editable": not snapshot.state.over,
        "gradients": {each.path: each.gradient_norm for each in snapshot.layers if math.isfinite(each.gradient_norm)},
        "points_key": f"{snapshot.run}/{snapshot.hypers.get('noise', '')}",
    }


def _names(frame: Frame) -> dict[str, Json]:
    """Return the words for every layer that the frame speaks of, by its path."""
    told = [each for key in ("layers", "filters") if isinstance(found := frame.facts.get(key), list) for each in found]
    return {str(each["path"]): layer_name(str(each["path"])) for each in told if isinstance(each, dict)}


def _nothing() -> None:
    """Streamlit wants a callback for every value that a component may send."""
