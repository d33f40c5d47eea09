"""What a checkpoint holds beside the network: the run's standing and curves, so that a reopened run shows them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from explorer.engine.messages import Divergence, Json, RunState, Series
from explorer.training.checkpoint import CheckpointError, State

if TYPE_CHECKING:
    from explorer.training.run import Run


def pack(state: State, run: Run) -> State:
    """Return the state with the run's curves and standing added."""
    tensors: dict[str, Tensor] = dict(state.tensors)
    for name, one in run.curves.series().items():
        tensors[f"curve/{name}/steps"] = torch.from_numpy(one.steps)
        tensors[f"curve/{name}/values"] = torch.from_numpy(one.values)
    facts: dict[str, Json] = {
        **state.facts,
        "state": run.state.value,
        "message": run.message,
        "latest": dict(run.curves.latest),
        "divergence": dataclasses.asdict(run.divergence) if run.divergence else None,
    }
    return State(state.step, tensors, facts)


def unpack(state: State, run: Run) -> None:
    """Put curves and standing back."""
    facts = state.facts
    try:
        latest, broken = facts["latest"], facts["divergence"]
        run.state = RunState(str(facts["state"]))
        run.message = str(facts["message"])
        run.curves.load(curves(state.tensors), {k: float(str(v)) for k, v in latest.items()})  # type: ignore[union-attr]
        run.divergence = Divergence(**broken) if isinstance(broken, dict) else None  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(f"the checkpoint of step {state.step} lacks its run's standing: {error!r}") from error


def curves(tensors: Mapping[str, Tensor]) -> dict[str, Series]:
    """Return the curves in a checkpoint's tensors."""
    names = [name.removeprefix("curve/").removesuffix("/steps") for name in tensors if name.startswith("curve/")]
    return {
        name: Series(_array(tensors, name, "steps", np.int32), _array(tensors, name, "values", np.float32))
        for name in names
        if f"curve/{name}/steps" in tensors
    }


def _array(tensors: Mapping[str, Tensor], name: str, part: str, kind: type) -> np.ndarray:
    return tensors[f"curve/{name}/{part}"].numpy().astype(kind)
