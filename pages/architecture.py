"""One architecture: its head, and the view that the address asks for."""

from __future__ import annotations

import streamlit as st

from explorer.spec import Card
from explorer.ui import header, inside, learn, structure, train
from explorer.ui.address import View, read
from explorer.ui.frame import boundary
from explorer.ui.session import params

VIEWS = {View.STRUCTURE: structure.show, View.TRAIN: train.show, View.INSIDE: inside.show, View.LEARN: learn.show}


def show(card: Card) -> None:
    """Draw the page; what the address asks for in vain is said above the view."""
    address, notes = read(card, params())
    header.draw(card, address)
    for note in notes:
        st.warning(note)
    with boundary():
        VIEWS[address.view](card, address)
