"""Where things lie on disk: in a checkout beside the package, in a wheel inside it; the user's data apart."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import platformdirs

PACKAGE = Path(__file__).resolve().parent


@cache
def assets() -> Path:
    """Return the folder of data extracts, recorded runs, fonts and pictures."""
    return _part("assets")


@cache
def pages() -> Path:
    """Return the folder of the app's pages."""
    return _part("pages")


def recorded() -> Path:
    """Return the folder of the runs shipped with Explorer: <architecture>/<task>/ inside it is a run directory."""
    return assets() / "recorded"


def data_dir() -> Path:
    """Return the user's data directory (not necessarily there yet); EXPLORER_DATA_DIR overrides it."""
    chosen = os.environ.get("EXPLORER_DATA_DIR")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("explorer", appauthor=False))


def _part(name: str) -> Path:
    installed = PACKAGE / f"_{name}"
    return installed if installed.is_dir() else PACKAGE.parent / name
