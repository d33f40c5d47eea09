"""One visitor's state, typed, and the engine all visitors share. The only place that touches `st.session_state`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from explorer.engine.client import Client
from explorer.spec import Card, SpecError, Value
from explorer.ui import address as addresses
from explorer.ui.address import Address

KEY = "explorer"
_T = TypeVar("_T")


@dataclass
class Session:
    """All that is remembered of one visitor and is not in the address."""

    last_run: tuple[str, str, str] | None = None  # (architecture, task, run) to continue
    runs: dict[tuple[str, str], str] = field(default_factory=dict)  # newest run by (architecture, task)
    predictions: dict[tuple[str, str], int] = field(default_factory=dict)  # option chosen by (architecture, experiment)
    experiments: dict[tuple[str, str], str] = field(default_factory=dict)  # engine's id by (architecture, experiment)
    room: bool = False  # projector setting
    notes: list[str] = field(default_factory=list)  # sentences to show once on the next page
    pill: DeltaGenerator | None = None  # where the page shows the run's state; see explorer/ui/header.py
    panels: dict[tuple[type, str], object] = field(default_factory=dict)  # see `panel`

    def panel(self, kind: type[_T], name: str = "") -> _T:
        """Return the state of one panel, made by `kind()` on first use; `kind` is a dataclass of an imported module."""
        found = self.panels.setdefault((kind, name), kind())
        assert isinstance(found, kind)
        return found


def session() -> Session:
    """Return this visitor's state."""
    if KEY not in st.session_state:
        st.session_state[KEY] = Session()
    return st.session_state[KEY]


@st.cache_resource(show_spinner=False)
def client() -> Client:
    """Return the engine, one a server; the environment's EXPLORER_DEVICE, …_WORKERS, …_ENGINE, …_DATA_DIR set it up."""
    engine = os.environ.get("EXPLORER_ENGINE", "local")
    if engine != "local":
        raise SpecError(f"there is no engine '{engine}' here; did you mean 'local'?")
    data_dir = os.environ.get("EXPLORER_DATA_DIR")
    workers = int(os.environ.get("EXPLORER_WORKERS", "0") or 0)
    return Client.open(Path(data_dir) if data_dir else None, workers, os.environ.get("EXPLORER_DEVICE", ""))


def params() -> dict[str, str]:
    """Return the address's query parameters, the last value where one is repeated."""
    return {str(key): str(value) for key, value in st.query_params.to_dict().items()}


def address(card: Card) -> Address:
    """Return what the page's address means for this card; what it cannot use is said once by the frame."""
    return addresses.read(card, params())[0]


def go(card: Card, **changes: Value | Mapping[str, Value]) -> None:
    """Change parts of the address, e.g. `go(card, view=View.TRAIN, run=id)`.

    Outside of a callback call `st.rerun()` after it.
    """
    changed = replace(address(card), **changes)  # type: ignore[arg-type]
    room = {"size": "room"} if is_room() else {}
    st.query_params.from_dict(addresses.write(card, changed) | room)


def is_room() -> bool:
    """Return whether the page is set for a projector (`?size=room`); remembered from page to page."""
    if st.query_params.get("size") in ("room", "desk"):
        session().room = st.query_params["size"] == "room"
    return session().room


def restore(name: str, value: Value | None) -> None:
    """Set a widget's value by its key; only before the widget is drawn or in a callback.

    A value that stands already is not set again: the browser would take it over something chosen in the meantime.
    """
    if name not in st.session_state or st.session_state[name] != value:
        st.session_state[name] = value


def value_of(name: str, otherwise: _T) -> _T:
    """Return a widget's value by its key, or `otherwise` if it was never drawn."""
    return st.session_state.get(name, otherwise)
