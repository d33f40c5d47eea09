"""Changed copies of pictures, a new one each time: mirrored, moved, turned, with a patch hidden or other colours.

The whole batch is changed at once on the run's device; chance comes from the global generators, which are the run's.
"""

from __future__ import annotations

import kornia.augmentation as K
import torch
from torch import Tensor, nn

from explorer.spec import Settings, SpecError

NAMES = ("mirror", "shift", "rotate", "erase", "colour")


class Augmentation:
    """Use as a function on pictures (B, C, H, W); nothing happens where every setting is 0 or false."""

    def __init__(self, settings: Settings, device: torch.device) -> None:
        """Read `mirror` (bool), `shift` (pixels), `rotate` (degrees), `erase` and `colour` (0 … 1); others are left."""
        self._numbers = {name: _number(settings, name) for name in NAMES}
        self._device = device
        self._steps: dict[tuple[int, ...], list[nn.Module]] = {}

    @property
    def on(self) -> bool:
        """Whether anything is changed at all."""
        return any(self._numbers.values())

    def __call__(self, pictures: Tensor) -> Tensor:
        shape = tuple(pictures.shape[1:])
        if shape not in self._steps:
            self._steps[shape] = [each.to(self._device) for each in self._made(shape)]
        for step in self._steps[shape]:
            pictures = step(pictures)
        return pictures

    def _made(self, shape: tuple[int, ...]) -> list[nn.Module]:
        if len(shape) != 3:
            raise SpecError(f"only pictures (channels, height, width) can be augmented; these inputs are {shape}")
        mirror, shift, rotate, erase, colour = (self._numbers[name] for name in NAMES)
        channels, height, width = shape
        steps: list[nn.Module] = []
        if mirror:
            steps.append(K.RandomHorizontalFlip(p=0.5))
        if shift or rotate:
            move = (min(1.0, shift / width), min(1.0, shift / height))
            # the border goes on outwards: beyond it lies the picture's own ground, not grey
            steps.append(K.RandomAffine(rotate, translate=move, padding_mode="border", p=1.0))
        if erase:
            steps.append(K.RandomErasing(scale=(0.02, max(0.03, erase)), p=0.5))
        if colour:
            steps.append(Tinted(colour, channels))
        return steps


class Tinted(nn.Module):
    """Adds to each channel of each picture a number of its own and scales contrast: for inputs of spread 1."""

    def __init__(self, amount: float, channels: int) -> None:
        super().__init__()
        self.amount, self.channels = amount, channels

    def forward(self, pictures: Tensor) -> Tensor:  # B C H W
        shape = (len(pictures), self.channels, 1, 1)
        tint = (torch.rand(shape, device=pictures.device) * 2 - 1) * self.amount
        contrast = 1 + (torch.rand((len(pictures), 1, 1, 1), device=pictures.device) * 2 - 1) * self.amount
        return pictures * contrast + tint


def _number(settings: Settings, name: str) -> float:
    value = settings.get(name, 0)
    if isinstance(value, (str, tuple)):
        raise SpecError(f"{name} = {value} is not a number")
    return float(value)
