"""The page at `/`."""

from __future__ import annotations

from explorer.ui import home


def show() -> None:
    home.show()
