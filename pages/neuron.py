"""The page at `/neuron`."""

from __future__ import annotations

from explorer.ui import neuron


def show() -> None:
    neuron.show()
