"""What Streamlit's own theme does not have: tokens, type roles, hairlines, widget borders, the projector size."""

from __future__ import annotations

import re
from functools import cache

import streamlit as st

from explorer.ui import glyphs

PAGE = {  # components take these three from Streamlit's own variables, which the page does not have
    False: "--bg: #FCFBF8; --text: #1C1E21; --ink: #2B3442;",
    True: "--bg: #15171B; --text: #ECE9E2; --ink: #D8DCE3;",
}
LOGO = (  # three neurons in ink; the fourth, in the learner's red, is drawn by page.css
    '<circle cx="4" cy="4" r="3"/><circle cx="4" cy="20" r="3"/><circle cx="11.5" cy="12" r="2.6"/>'
    '<path d="M4 4L11.5 12L4 20M11.5 12H20" fill="none" stroke-width="2"/>'
)
ROOM = '[data-testid="stMain"] { zoom: 1.25; }'
PRIMARY_IN_THE_DARK = '[data-testid="stBaseButton-primary"]:not(:disabled) p { color: #15171B !important; }'


def is_dark() -> bool:
    """Return whether the visitor's page is dark; Streamlit tells it from the ground's colour."""
    return st.context.theme.type == "dark"


def apply(room: bool, more: str = "") -> None:
    """Put the style into the page, `more` rules after it; `room` is the projector setting."""
    dark = is_dark()
    extra = (PRIMARY_IN_THE_DARK if dark else "") + (ROOM if room else "")
    st.html(f"<style>:root {{ {tokens(dark)} }}\n{_style()}\n{glyphs.style()}\n{more}\n{extra}</style>")


@cache
def tokens(dark: bool) -> str:
    """Return the visual language's tokens as CSS declarations; tokens.css holds the light ones, then the dark ones."""
    blocks = re.findall(r"\{([^}]*)\}", (glyphs.FRONTEND / "tokens.css").read_text("utf-8"))
    return blocks[0] + (blocks[1] if dark else "") + PAGE[dark]


@cache
def _style() -> str:
    logo = f".ex-icon::before {{ {glyphs.masked(LOGO, 24)} }}"
    return (glyphs.FRONTEND / "page.css").read_text("utf-8") + logo
