"""The frame around every page: navigation, side bar, style, and a boundary that keeps tracebacks off the page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import groupby
from urllib.parse import unquote, urlsplit

import streamlit as st

from explorer import catalog
from explorer.engine.errors import EngineError
from explorer.spec import Card, SpecError, nearest
from explorer.ui import glyphs, header, theme
from explorer.ui.link import keyboard_help
from explorer.ui.session import is_room, session
from explorer.ui.text import escape

LOG = logging.getLogger("explorer.pages")
ICON = str(glyphs.FRONTEND / "icon.png")
SIDE_BAR = 224  # pixels, as in page.css
BRAND = '<div class="ex-brand"><span class="ex-icon" aria-hidden="true"></span>Explorer</div>'


@dataclass(frozen=True)
class Contents:
    """What the pages folder offers: single pages by their address, and one page for any architecture."""

    home: Callable[[], None]
    single: Mapping[str, tuple[str, Callable[[], None]]]  # address -> (title, page)
    architecture: Callable[[Card], None]


def run(contents: Contents) -> None:
    """Draw the page that the address asks for."""
    room = is_room()
    sidebar = "collapsed" if room else SIDE_BAR
    st.set_page_config("Explorer", page_icon=ICON, layout="wide", initial_sidebar_state=sidebar)
    theme.apply(room, header.style())
    pages = _pages(contents)
    page = st.navigation(list(pages.values()), position="hidden")
    with st.sidebar, boundary():
        _side_bar(pages, contents, page.url_path)
    with boundary():
        page.run()
    keyboard_help()


@contextmanager
def boundary() -> Iterator[None]:
    """Show what goes wrong as a sentence; the traceback goes to the server's log only."""
    try:
        yield
    except (EngineError, SpecError) as error:
        st.warning(_sentence(str(error)))
    except Exception:
        LOG.exception("a page failed")
        st.error(
            "This part of the page could not be drawn. The server's log says why. Your runs are not touched by it; "
            "reload the page, or go back to Home."
        )


def open_page(key: str, params: Mapping[str, str] | None = None) -> None:
    """Switch to the page at `/<key>` ("" is Home) with these query parameters; does not return."""
    size = {"size": "room"} if is_room() else {}
    st.switch_page(session().panel(_Known).pages[key], query_params={**size, **(params or {})})


@dataclass
class _Known:
    pages: dict[str, st.Page] = field(default_factory=dict)  # type: ignore[valid-type]


def _pages(contents: Contents) -> dict[str, st.Page]:  # type: ignore[valid-type]
    """Return every page by its address, with one more for an address that nothing lies at."""
    pages = {"": st.Page(contents.home, title="Home", url_path="", default=True)}
    for key, (title, page) in contents.single.items():
        pages[key] = st.Page(page, title=title, url_path=key)
    for card in catalog.cards():
        pages[card.key] = st.Page(_of(card, contents.architecture), title=card.title, url_path=card.key)
    asked = _asked()
    if asked and asked not in pages:
        page = st.Page(lambda: not_found(asked, tuple(pages)), title="Not found", url_path=asked, visibility="hidden")
        return {**pages, asked: page}
    session().panel(_Known).pages = pages
    return pages


def _of(card: Card, page: Callable[[Card], None]) -> Callable[[], None]:
    return lambda: page(card)


def _asked() -> str:
    """Return the last part of the page's address if it can be a page's name, else nothing."""
    part = unquote(urlsplit(st.context.url or "").path).strip("/").rsplit("/", 1)[-1][:60]
    return part if part and all(character.isalnum() or character in "_-" for character in part) else ""


def not_found(asked: str, known: tuple[str, ...]) -> None:
    """Say that there is no such page, and which name is nearest."""
    st.html('<h1 class="ex-title">There is no page of this name</h1>')
    names = [name for name in known if name and name != asked]
    st.html(f'<p class="ex-lead">Nothing lies at “/{escape(asked)}”; {escape(nearest(asked, names))}</p>')
    for name in get_close_matches(asked, names, n=3, cutoff=0.5):
        if st.button(f"Open {name}", key=f"open-{name}"):
            open_page(name)
    if st.button("Go to Home"):
        open_page("")


def _side_bar(pages: Mapping[str, st.Page], contents: Contents, here: str) -> None:  # type: ignore[valid-type]
    session().panel(_Known).pages = dict(pages)
    st.html(BRAND)
    for key, label in {"": "Home", **{key: title for key, (title, _) in contents.single.items()}}.items():
        _link(pages[key], label, key == here)
    for family, cards in groupby(catalog.cards(), key=lambda card: card.family):
        st.html(f'<div class="ex-family">{glyphs.mark(glyphs.WORN[family])}{family.value.capitalize()}</div>')
        for card in cards:
            _link(pages[card.key], card.title, card.key == here)


def _link(page: st.Page, label: str, here: bool) -> None:  # type: ignore[valid-type]
    with st.container(key="here") if here else nullcontext():
        st.page_link(page, label=label, query_params={"size": "room"} if is_room() else None)


def _sentence(text: str) -> str:
    """Return a message as a sentence, its Markdown signs taken as they are."""
    plain = "".join(f"\\{c}" if c in "\\`*_[]$<>#~:" else c for c in text)
    return plain[:1].upper() + plain[1:] + ("" if text.endswith((".", "?")) else ".")
