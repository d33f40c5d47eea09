"""A run's whole state as tensors and facts: copied in memory, saved as safetensors with JSON in the header, no pickle.

One file holds both, and it is renamed into place, so that a checkpoint is there as a whole or not at all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from explorer.engine.messages import Json
from explorer.spec import Value
from explorer.training.randomness import Randomness
from explorer.training.trainer import Trainer

FORMAT = 1


class CheckpointError(ValueError):
    """A checkpoint cannot be read; the message names the file."""


@dataclass(frozen=True)
class State:
    """What training can see, at one step: tensors by name, and facts as JSON."""

    step: int
    tensors: Mapping[str, Tensor]
    facts: Mapping[str, Json]


def capture(step: int, trainer: Trainer, randomness: Randomness) -> State:
    """Return a copy of everything that the next training step depends on."""
    tensors: dict[str, Tensor] = {}
    optimizers: dict[str, Json] = {}
    for name, module in trainer.modules().items():
        tensors |= _named(f"module/{name}", module.state_dict())
    for name, optimizer in trainer.optimizers().items():
        saved = optimizer.state_dict()
        for index, state in saved["state"].items():
            tensors |= _named(f"optimizer/{name}/{index}", {k: v for k, v in state.items() if v is not None})
        optimizers[name] = {"groups": saved["param_groups"], "empty": _empty(saved["state"])}
    tensors |= _named("extra", trainer.extra_state())
    tensors |= _named("random", randomness.state())
    facts: dict[str, Json] = {"hypers": _json(trainer.hypers), "optimizers": optimizers}
    return State(step, tensors, cast("Mapping[str, Json]", json.loads(json.dumps(facts))))


def restore(state: State, trainer: Trainer, randomness: Randomness) -> None:
    """Put a captured state back; raises CheckpointError if it belongs to another network."""
    with randomness:
        trainer.set_hypers({name: value_of(each) for name, each in _dict(state.facts["hypers"]).items()})
    try:
        for name, module in trainer.modules().items():
            module.load_state_dict(_under(state.tensors, f"module/{name}"))
        for name, optimizer in trainer.optimizers().items():
            facts = _dict(_dict(state.facts["optimizers"])[name])
            optimizer.load_state_dict(_optimizer_state(state.tensors, name, facts))
            _lay_as_parameters(optimizer)
    except (RuntimeError, KeyError, ValueError) as error:
        raise CheckpointError(f"the checkpoint of step {state.step} does not fit this network: {error}") from error
    trainer.load_extra_state(_under(state.tensors, "extra"))
    randomness.load(_under(state.tensors, "random"))


def save(state: State, directory: Path) -> Path:
    """Write the state as <step>.safetensors; raises OSError, leaving no half file, if the disk is full or read-only."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{state.step}.safetensors"
    part = directory / f".{state.step}.part"
    facts = {"format": FORMAT, "step": state.step, **state.facts}
    try:
        save_file(dict(state.tensors), part, metadata={"facts": json.dumps(facts)})
        os.replace(part, path)
    except SafetensorError as error:
        raise OSError(f"{path} cannot be written: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return path


def load(path: Path) -> State:
    """Read a checkpoint; raises CheckpointError if it is damaged or of another format."""
    try:
        with safe_open(path, framework="pt") as file:
            facts = json.loads((file.metadata() or {}).get("facts", "{}"))
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, ValueError, FileNotFoundError) as error:
        raise CheckpointError(f"{path} cannot be read: {error}") from error
    if facts.get("format") != FORMAT:
        raise CheckpointError(f"{path} has format {facts.get('format')}, expected {FORMAT}")
    return State(int(facts["step"]), tensors, facts)


def steps(directory: Path) -> list[int]:
    """Return the steps there are checkpoints of, in order."""
    return sorted(int(path.stem) for path in directory.glob("*.safetensors") if path.stem.isdecimal())


def value_of(value: Json) -> Value:
    """Return a setting as it was before JSON made a list of its tuple."""
    if isinstance(value, list):
        return tuple(int(cast("int", each)) for each in value)
    if value is None or isinstance(value, dict):
        raise CheckpointError(f"{value} is not a setting")
    return value


def _named(prefix: str, tensors: Mapping[str, object]) -> dict[str, Tensor]:
    """Return copies: a captured state must not change with the network, nor tied weights share memory in a file."""
    return {
        f"{prefix}/{key}": value.detach().clone(memory_format=torch.contiguous_format)
        for key, value in tensors.items()
        if isinstance(value, Tensor)
    }


def _under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(f"{prefix}/"): each for name, each in tensors.items() if name.startswith(f"{prefix}/")}


def _empty(state: Mapping[int, Mapping[str, object]]) -> Json:
    """Return the optimiser's entries that hold no tensor yet (SGD without momentum has an empty buffer)."""
    return {str(index): [key for key, value in entry.items() if value is None] for index, entry in state.items()}


def _lay_as_parameters(optimizer: torch.optim.Optimizer) -> None:
    """Give an optimiser's moments the layout of their parameters: fused steps walk both as they lie in memory."""
    for group in optimizer.param_groups:
        for parameter in group["params"]:
            kept = optimizer.state.get(parameter, {})
            for key, value in kept.items():
                if (
                    isinstance(value, Tensor)
                    and value.shape == parameter.shape
                    and value.stride() != parameter.stride()
                ):
                    kept[key] = torch.empty_like(parameter).copy_(value)


def _optimizer_state(tensors: Mapping[str, Tensor], name: str, facts: Mapping[str, Json]) -> dict[str, object]:
    state: dict[int, dict[str, Tensor | None]] = {}
    for index, keys in _dict(facts["empty"]).items():
        state[int(index)] = dict.fromkeys(cast("list[str]", keys))
    for path, tensor in _under(tensors, f"optimizer/{name}").items():
        index, key = path.split("/", 1)
        state.setdefault(int(index), {})[key] = tensor.clone()
    groups = [
        {
            key: tuple(value) if key == "betas" and isinstance(value, list) else value
            for key, value in _dict(group).items()
        }
        for group in cast("list[Json]", facts["groups"])
    ]
    return {"state": state, "param_groups": groups}


def _json(values: Mapping[str, Value]) -> dict[str, Json]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _dict(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise CheckpointError(f"expected an object, found {value!r}")
    return value
