"""The only place where random generators are made, and where a run's own random state is swapped in and out.

Dropout and weight initialisation draw from torch's global generators. Many runs share one process, so each keeps its
own state and puts it in only while its own code runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType

import torch
from torch import Tensor


def generator(device: torch.device, seed: int) -> torch.Generator:
    """Return a generator on the run's device: one for another device cannot be used with the run's tensors."""
    return torch.Generator(device=device).manual_seed(seed)


class Randomness:
    """A run's global random state; `with randomness:` makes it the process's, and puts the old one back at the end.

    May be entered again while it is already active, at almost no cost: enter once around a slice of many steps.
    """

    def __init__(self, seed: int, device: torch.device) -> None:
        self._device = device
        self._depth = 0
        self._outside: dict[str, Tensor] = {}
        before = _read(device)
        torch.manual_seed(seed)
        self._inside = _read(device)
        _write(before, device)

    def __enter__(self) -> None:
        if self._depth == 0:
            self._outside = _read(self._device)
            _write(self._inside, self._device)
        self._depth += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._depth -= 1
        if self._depth == 0:
            self._inside = _read(self._device)
            _write(self._outside, self._device)

    def state(self) -> dict[str, Tensor]:
        """Return the run's random state by kind of device (uint8 tensors)."""
        return _read(self._device) if self._depth else dict(self._inside)

    def load(self, state: Mapping[str, Tensor]) -> None:
        """Go on from the given random state."""
        if self._depth:
            _write(state, self._device)
        else:
            self._inside = dict(state)


class Preserved:
    """`with Preserved(device):` whatever is drawn inside leaves the global random state as it was."""

    def __init__(self, device: torch.device) -> None:
        self._device = device

    def __enter__(self) -> None:
        self._before = _read(self._device)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _write(self._before, self._device)


def _read(device: torch.device) -> dict[str, Tensor]:
    state = {"cpu": torch.get_rng_state()}
    if device.type == "cuda":
        state["cuda"] = torch.cuda.get_rng_state(device)
    elif device.type == "mps":
        state["mps"] = torch.mps.get_rng_state()
    return state


def _write(state: Mapping[str, Tensor], device: torch.device) -> None:
    torch.set_rng_state(state["cpu"])
    if device.type == "cuda":
        torch.cuda.set_rng_state(state["cuda"], device)
    elif device.type == "mps":
        torch.mps.set_rng_state(state["mps"])
