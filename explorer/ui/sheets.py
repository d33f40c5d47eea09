"""Sheets: lenses that need no component of their own. What is turned on one becomes an option of its next look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import streamlit as st

from explorer.engine.errors import EngineError
from explorer.engine.messages import Frame, Json, LensRequest, Snapshot
from explorer.spec import Card, SpecError, Task, Value, nearest
from explorer.ui import inside_frame
from explorer.ui.inside_answers import Answers
from explorer.ui.live import component
from explorer.ui.session import session
from explorer.ui.text import escape
from explorer.ui.wire import pack

LONGEST = 2000  # characters of a text that a visitor sends


@dataclass
class SheetPanel:
    """What one visitor has turned on one lens's sheet."""

    options: dict[str, Value] = field(default_factory=dict)
    handled: set[float] = field(default_factory=set)
    refused: str = ""
    last: Frame | None = None  # the last that could be drawn, while what was asked since could not


def panel(place: str, lens: str) -> SheetPanel:
    """Return what was turned on this lens's sheet; `place` names the page, the network and the run."""
    return session().panel(SheetPanel, f"{place}/{lens}")


def title_of(lens: str) -> str:
    """Return a lens's key as people write it: `residual_blocks` → `Residual blocks`."""
    return lens.replace("_", " ").capitalize()


def draw(lens: str, frame: Frame, here: SheetPanel, key: str) -> bool:
    """Draw what a lens saw; return whether something was turned since the last time.

    A lens that needs more than a sheet names a component of its own in the fact `component`; it asks as a sheet does.
    """
    here.last = frame
    arrays: Json = {name: dict(pack(array)) for name, array in frame.arrays.items()}  # type: ignore[dict-item]
    drawn_by = component(str(frame.facts.get("component", "sheet")))
    result = drawn_by(key=key, data={**frame.facts, "arrays": arrays}, on_ask_change=lambda: None)
    if here.refused:
        st.warning(here.refused)
    return bool(result.ask) and _take(frame, here, result.ask)


def show(lens: str, card: Card, task: Task, snapshot: Snapshot, answers: Answers) -> None:
    """Draw a lens of the Look inside view below a heading; what it refuses is said, and the last sheet stands."""
    from explorer.ui.inside_pictures import PicturesPanel

    place = f"inside/{card.key}/{task.key}/{snapshot.run}"
    here, picked = panel(place, lens), session().panel(PicturesPanel, f"{card.key}/{task.key}/{snapshot.run}")
    st.html(f'<h2 class="ex-section">{escape(title_of(lens))}</h2>')
    request = LensRequest(lens, {"index": picked.index, **here.options}, picked.own)
    try:
        frame = answers.look(snapshot, request, (picked.origin_id, *sorted(here.options.items())))
        here.refused = ""
    except (EngineError, SpecError) as error:
        here.refused, frame = str(error), here.last
    if frame is None and not here.refused:
        st.html(inside_frame.sentence("Looking …"))
    elif frame is None:
        st.warning(here.refused)
    elif draw(lens, frame, here, f"sheet-{lens}"):
        st.rerun(scope="fragment")


def _take(frame: Frame, here: SheetPanel, asked: Mapping[str, Json]) -> bool:
    """Take over what was turned, once; only options that the sheet offers, only plain values."""
    number, options = asked.get("id"), asked.get("options")
    if not isinstance(number, (int, float)) or number in here.handled or not isinstance(options, dict):
        return False
    here.handled.add(number)
    here.refused = ""
    try:
        here.options |= {name: _value(name, value, _offered(frame)) for name, value in options.items()}
    except SpecError as error:
        here.refused = str(error)
    return True


def _offered(frame: Frame) -> set[str]:
    parts = cast("list[dict[str, Json]]", [*_list(frame, "controls"), *_list(frame, "parts")])
    return {str(part.get("name") or part.get("pick")) for part in parts if part.get("name") or part.get("pick")}


def _list(frame: Frame, name: str) -> list[Json]:
    found = frame.facts.get(name)
    return found if isinstance(found, list) else []


def _value(name: str, value: Json, offered: set[str]) -> Value:
    if name not in offered:
        raise SpecError(f"this sheet has nothing called '{str(name)[:40]}'; {nearest(str(name)[:40], offered)}")
    if isinstance(value, str):
        if len(value) > LONGEST:
            raise SpecError(f"the text has {len(value):,} characters; at most {LONGEST:,} are looked at")
        return value
    if isinstance(value, (bool, int, float)):
        return value
    raise SpecError(f"{name} = {str(value)[:40]} is neither a number nor a text")
