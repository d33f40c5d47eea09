"""Colours: one palette for pages and components, and enough contrast for text and for what can be pressed."""

from __future__ import annotations

import re
import tomllib

import pytest

from explorer import paths
from explorer.ui import glyphs
from explorer.ui.theme import tokens

CONFIG = tomllib.loads((paths.PACKAGE / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def token(name: str, dark: bool) -> str:
    return re.findall(rf"--{name}:\s*(#[0-9A-Fa-f]{{6}})", tokens(dark))[-1]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_text_and_controls_stand_out(dark: bool) -> None:
    for ground in (token("bg", dark), token("sunken", dark)):
        assert all(contrast(token(name, dark), ground) >= 4.5 for name in ("text", "text2", "text3", "hand"))
        assert contrast(token("control", dark), ground) >= 3


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_borders_of_widgets_are_those_of_controls(name: str) -> None:
    theme, dark = CONFIG[name], name == "dark"
    assert theme["borderColor"] == token("control", dark)
    assert theme["backgroundColor"] == token("bg", dark)
    assert theme["textColor"] == token("text", dark)
    assert theme["sidebar"]["borderColor"] == token("line", dark)


def test_the_page_uses_no_token_that_is_not_there() -> None:
    used = set(re.findall(r"var\(--([a-z0-9]+)\)", (glyphs.FRONTEND / "page.css").read_text("utf-8")))
    for dark in (False, True):
        assert used <= set(re.findall(r"--([a-z0-9]+):", tokens(dark)))
