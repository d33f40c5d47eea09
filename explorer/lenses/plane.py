"""The plane as every neuron answers it: one forward pass over a grid, each unit a small picture.

Arrays: units_0 … (units, G, G) uint8 for each layer, the last being the output; weights_0 … (out, in) and biases_0 …
(out,) float32; histograms (layers, 20) float32, shares of the training points' activations; surface (S, S) uint8, the
probability of class 1; and if asked for train_points, test_points (N, 2) float32 with train_classes, test_classes
uint8. Row 0 is the top.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from explorer.engine.messages import Frame, Json, LensRequest
from explorer.lenses._looking import catching, int_option, is_activation, signed_bytes, supervised
from explorer.spec import SpecError
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

BINS = 20
BOUNDED = (nn.Tanh, nn.Sigmoid)


@dataclass
class Column:
    """One layer of neurons: its weights, and what they answered (points, units)."""

    path: str
    linear: nn.Linear
    answers: Tensor
    activation: nn.Module | None = None

    @property
    def scale(self) -> float:
        """What counts as full colour: 1 for bounded activations, else the layer's largest answer."""
        return 1.0 if isinstance(self.activation, BOUNDED) else max(float(self.answers.abs().max()), 1e-6)


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at a network with two inputs and one logit; options grid 8 … 64, surface (its multiple), points, histogram.

    Raises SpecError for a network that does not answer the plane.
    """
    trainer = supervised(trainer, "plane")
    if trainer.dataset.input_shape != (2,) or len(trainer.dataset.classes) != 2:
        shape, classes = trainer.dataset.input_shape, len(trainer.dataset.classes)
        raise SpecError(
            f"the plane needs two inputs and two classes; this data has inputs {shape} and {classes} classes"
        )
    grid = int_option(request, "grid", 32, 8, 64)
    every = max(1, int_option(request, "surface", 96, 8, 192) // grid)
    span, seen = _span(trainer), trainer.train[0] if request.options.get("histogram", False) else trainer.train[0][:0]
    with evaluating(trainer.model):
        columns = _columns(trainer.model, torch.cat([_grid(grid * every, span, str(trainer.device)), seen]))
        right = trainer.kind.probabilities(columns[-1].answers)[:, 1]
    return Frame(_arrays(trainer, request, columns, right, grid, every), _facts(trainer, columns, span))


def _columns(model: nn.Module, points: Tensor) -> list[Column]:
    """Return the layers in the order in which they ran, each with its answers after the activation."""
    modules = {path: each for path, each in model.named_modules() if isinstance(each, nn.Linear) or is_activation(each)}
    columns: list[Column] = []

    def keep(path: str, output: Tensor) -> None:
        module = modules[path]
        if isinstance(module, nn.Linear):
            columns.append(Column(path, module, output))
        elif columns:
            columns[-1].answers, columns[-1].activation = output, module

    with catching(list(modules.items()), keep):
        model(points)
    return columns


@lru_cache(maxsize=8)
def _grid(side: int, span: float, device: str) -> Tensor:
    """Return the middles of side × side cells of the plane −span … span, row by row from the top: (side², 2)."""
    middles = (torch.arange(side, device=device) + 0.5) * (2 * span / side) - span
    y, x = torch.meshgrid(-middles, middles, indexing="ij")
    return torch.stack([x.reshape(-1), y.reshape(-1)], 1)


def _span(trainer: SupervisedTrainer) -> float:
    """Return how far the picture reaches from the origin, in tenths: all points lie inside."""
    farthest = max(float(part[0].abs().max()) for part in (trainer.train, trainer.test))
    return max(1.0, math.ceil(farthest * 10 + 0.2) / 10)


def _arrays(
    trainer: SupervisedTrainer, request: LensRequest, columns: list[Column], right: Tensor, grid: int, every: int
) -> dict[str, np.ndarray]:
    side = grid * every
    arrays = {"surface": signed_bytes(right[: side * side].view(side, side) * 2 - 1, 1.0)}
    for index, column in enumerate(columns):
        last = index == len(columns) - 1
        answers = (right * 2 - 1)[:, None] if last else column.answers
        cells = answers[: side * side].T.reshape(-1, side, side)[:, every // 2 :: every, every // 2 :: every]
        arrays[f"units_{index}"] = signed_bytes(cells, 1.0 if last else column.scale)
        arrays[f"weights_{index}"] = column.linear.weight.detach().cpu().numpy().copy()
        arrays[f"biases_{index}"] = column.linear.bias.detach().cpu().numpy().copy()
    if request.options.get("histogram", False):
        arrays["histograms"] = np.stack([_histogram(column, side * side) for column in columns])
    return arrays | (_points(trainer) if request.options.get("points", False) else {})


def _histogram(column: Column, cells: int) -> np.ndarray:
    """Return the shares of the layer's answers to the training points in 20 bins over −scale … +scale."""
    counts = torch.histc(column.answers[cells:].float().cpu(), BINS, -column.scale, column.scale)
    return (counts / counts.sum().clamp(min=1)).numpy()


def _points(trainer: SupervisedTrainer) -> dict[str, np.ndarray]:
    one = trainer.dataset
    return {
        "train_points": one.train_inputs,
        "train_classes": one.train_targets.astype(np.uint8),
        "test_points": one.test_inputs,
        "test_classes": one.test_targets.astype(np.uint8),
    }


def _facts(trainer: SupervisedTrainer, columns: list[Column], span: float) -> dict[str, Json]:
    layers: list[Json] = [
        {
            "path": column.path,
            "units": column.linear.out_features,
            "activation": type(column.activation).__name__.lower() if column.activation else "sigmoid",
            "scale": column.scale,
        }
        for column in columns
    ]
    return {"span": span, "layers": layers, "classes": list(trainer.dataset.classes), "source": trainer.dataset.source}
