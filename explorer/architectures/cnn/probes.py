"""What the experiments measure on a trained convolutional network beyond loss and accuracy."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

DIRECTIONS = ((0, 1), (1, 0), (0, -1), (-1, 0))


def size(trainer: Trainer) -> dict[str, float]:
    """Return the number of parameters."""
    return {"parameters": float(sum(parameter.numel() for parameter in trainer.model.parameters()))}


def shifts(trainer: Trainer) -> dict[str, float]:
    """Return the accuracy on held-out pictures moved by 0 … 6 pixels in four directions, and the parameters."""
    assert isinstance(trainer, SupervisedTrainer)
    inputs, targets = trainer.test
    figures = size(trainer)
    with evaluating(trainer.model):
        for distance in range(7):
            directions = DIRECTIONS if distance else DIRECTIONS[:1]
            right = [
                (trainer.model(moved(inputs, distance * down, distance * right)).argmax(1) == targets).float().mean()
                for down, right in directions
            ]
            figures[f"accuracy_shift_{distance}"] = float(torch.stack(right).mean())
    return figures


def moved(pictures: Tensor, down: int, right: int) -> Tensor:
    """Move pictures (N, C, H, W) by whole pixels; what comes in has the colour of the top left corner's ground."""
    ground = pictures[:, :, :1, :1].expand_as(pictures)
    height, width = pictures.shape[2:]
    result = ground.clone()
    rows, columns = _window(down, height), _window(right, width)
    result[:, :, rows[1], columns[1]] = pictures[:, :, rows[0], columns[0]]
    return result


def _window(shift: int, size: int) -> tuple[slice, slice]:
    """Return which part is taken and where it goes, along one axis."""
    return slice(max(0, -shift), size - max(0, shift)), slice(max(0, shift), size + min(0, shift))
