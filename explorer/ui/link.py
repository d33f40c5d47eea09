"""What needs the browser itself: copying the page's address, and the list of keys on `?`."""

from __future__ import annotations

from streamlit.components.v2 import component

KEYS = (
    ("space", "pause or go on with the run"),
    (".", "one training step"),
    ("arrow keys", "from node to node in the graph, along its edges"),
    ("Enter", "open a block, choose a node"),
    ("Esc", "close the block, or this list"),
    ("?", "this list"),
)


def copy_link(key: str) -> None:
    """Draw the button that copies the page's address."""
    component("explorer.link", css="link.css", js="link.js")(key=key, data={"part": "copy"}, height=34)


def keyboard_help() -> None:
    """Listen for `?` and show which keys do what."""
    keys = [list(each) for each in KEYS]
    listener = component("explorer.link", css="link.css", js="link.js")
    listener(key="keyboard-help", data={"part": "help", "keys": keys}, height="content")
