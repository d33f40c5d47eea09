"""The page at `/runs`."""

from __future__ import annotations

from explorer.ui import runs


def show() -> None:
    runs.show()
