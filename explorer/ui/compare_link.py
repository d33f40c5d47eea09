"""Changing the address of the Compare page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from explorer.spec import Benchmark
from explorer.ui.compare_address import LEAST, PLACES, Address, Choice, partner, read, write
from explorer.ui.session import is_room, params


def go(**changes: str | int | Benchmark | tuple[Choice, ...] | None) -> None:
    """Change parts of the address, e.g. `go(view=View.CHART)`. Outside of a callback call `st.rerun()` after it."""
    changed = replace(read(params())[0], **changes)  # type: ignore[arg-type]
    room = {"size": "room"} if is_room() else {}
    st.query_params.from_dict(write(changed) | room)


def lined_up(choices: Sequence[Choice], address: Address) -> tuple[Choice, ...]:
    """Return two to four of the choices; where too few are left, one that goes with the first."""
    found = tuple(choices[: len(PLACES)]) or address.choices[:1]
    return found if len(found) >= LEAST else (found[0], partner(found[0]))
