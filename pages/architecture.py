"""One architecture: its head, and the view that the address asks for."""

from __future__ import annotations

import importlib

import streamlit as st

from explorer.spec import Card
from explorer.ui import header
from explorer.ui.address import read
from explorer.ui.frame import boundary
from explorer.ui.session import params


def show(card: Card) -> None:
    """Draw the page; what the address asks for in vain is said above the view."""
    address, notes = read(card, params())
    header.draw(card, address)
    for note in notes:
        st.warning(note)
    with boundary():
        view = importlib.import_module(
            f"explorer.ui.{address.view.value}"
        )  # a view's own imports wait until it is opened
        view.show(card, address)
