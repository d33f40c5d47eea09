"""The page at `/compare`."""

from __future__ import annotations

from explorer.ui import compare


def show() -> None:
    compare.show()
