"""The entry script: gathers the pages and hands them to the frame."""

from __future__ import annotations

import importlib
from types import ModuleType

from explorer import paths
from explorer.ui import frame


def contents() -> frame.Contents:
    """Return the pages; in a checkout they are the package `pages`, in a wheel `explorer._pages`."""
    return frame.Contents(
        home=_page("home").show,
        single={
            "neuron": ("Neuron", _page("neuron").show),
            "compare": ("Compare", _page("compare").show),
            "runs": ("Runs", _page("runs").show),
        },
        architecture=_page("architecture").show,
    )


def _page(name: str) -> ModuleType:
    package = "explorer._pages" if paths.pages().parent == paths.PACKAGE else "pages"
    return importlib.import_module(f"{package}.{name}")


if __name__ == "__main__":  # worker processes import this script again; only Streamlit runs it
    frame.run(contents())
