"""One input taken apart neuron by neuron: input × weight, their sum, and what the non-linearity makes of it.

Arrays, for each layer i in the order in which they ran: inputs_i (in,), weights_i (out, in), biases_i (out,), sums_i
(out,), answers_i (out,) float32; outputs (k,) float32, the network's answers as probabilities. For points of the plane
also surfaces (k, S, S) uint8 (0 … 255 for 0 … 1, row 0 at the top), train_points (N, 2) and train_classes; for pictures
picture (H, W) or (H, W, 3) uint8.
"""

from __future__ import annotations

from typing import Protocol, cast

import numpy as np
import torch
from torch import Tensor, nn

from explorer.data import Dataset
from explorer.engine.messages import Frame, Json, LensRequest
from explorer.lenses._chain import Link, recording
from explorer.lenses._looking import pictures, range_of
from explorer.lenses._own_input import numbers
from explorer.spec import SpecError
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

SIDE = 64  # cells of the surface along each side


class Labelled(Protocol):
    """A trainer with labelled examples: learnt batch by batch or one by one."""

    model: nn.Module
    dataset: Dataset
    train: tuple[Tensor, Tensor]
    test: tuple[Tensor, Tensor]


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Take apart an own input (numbers of the input's shape; uint8 for pictures) or held-out input `index`.

    Raises SpecError for a network without labelled examples or without weighted sums, or an input that does not fit.
    """
    if not hasattr(trainer, "dataset"):
        raise SpecError(f"the lens 'point' needs labelled examples; {trainer.spec.architecture} learns without")
    one = cast(Labelled, trainer)
    x, index = numbers(request, one.test)
    with evaluating(one.model), recording(one.model) as links:
        outputs = _probabilities(trainer, one.model(x))[0]
    neurons = [link for link in links if isinstance(link.module, nn.Linear)]
    if not neurons:
        raise SpecError("this network has no neurons with a weighted sum of their own to take apart")
    arrays: dict[str, np.ndarray] = {"outputs": _numpy(outputs)}
    layers = [_layer(at, link, links, neurons, arrays) for at, link in enumerate(neurons)]
    facts: dict[str, Json] = {
        "layers": layers,
        "classes": list(one.dataset.classes),
        "input_shape": list(one.dataset.input_shape),
        "input": [float(value) for value in x.flatten()[:2]],
        "index": index,
        "held_out": len(one.test[1]),
        "target": int(one.test[1][index]) if index >= 0 else None,
        "source": one.dataset.source,
    }
    return Frame(arrays | _surroundings(trainer, one, x, facts), facts)


def _probabilities(trainer: Trainer, raw: Tensor) -> Tensor:
    """Return the answers as probabilities; neurons that answer for themselves already give one each."""
    if isinstance(trainer, SupervisedTrainer):
        return trainer.kind.probabilities(raw)
    return raw


def _layer(at: int, link: Link, links: list[Link], neurons: list[Link], arrays: dict[str, np.ndarray]) -> Json:
    module = link.module
    assert isinstance(module, nn.Linear)
    arrays[f"inputs_{at}"] = _numpy(link.seen[0].flatten())
    arrays[f"weights_{at}"] = _numpy(module.weight)
    arrays[f"biases_{at}"] = _numpy(torch.zeros(module.out_features) if module.bias is None else module.bias)
    arrays[f"sums_{at}"], arrays[f"answers_{at}"] = _numpy(link.summed[0]), _numpy(link.left[0])
    fed_by = [neurons.index(links[source]) for source in link.sources if links[source] in neurons]
    return {"path": link.path, "units": module.out_features, "follows": list(link.follows), "fed_by": list(fed_by)}


def _surroundings(trainer: Trainer, one: Labelled, x: Tensor, facts: dict[str, Json]) -> dict[str, np.ndarray]:
    """Return the plane around the point, or the picture that was taken apart."""
    if one.dataset.input_shape != (2,):
        return {"picture": pictures(x, *range_of(one.test[0]))[0]} if x.dim() == 4 else {}
    span = max(1.0, float(one.train[0].abs().max()) * 1.1)
    facts["span"] = span
    middles = (torch.arange(SIDE, device=x.device) + 0.5) * (2 * span / SIDE) - span
    rows, columns = torch.meshgrid(-middles, middles, indexing="ij")
    with evaluating(one.model):
        answers = _probabilities(trainer, one.model(torch.stack([columns.flatten(), rows.flatten()], 1)))  # S² k
    surfaces = (answers.T.reshape(-1, SIDE, SIDE) * 255).clamp(0, 255).add(0.5).to(torch.uint8)
    return {
        "surfaces": surfaces.cpu().numpy(),
        "train_points": _numpy(one.train[0]),
        "train_classes": one.train[1].flatten().cpu().numpy().astype(np.uint8),
    }


def _numpy(values: Tensor) -> np.ndarray:
    return values.detach().float().cpu().numpy().copy()
