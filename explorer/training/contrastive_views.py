"""Views of a picture for contrastive learning: cropped, moved, turned, stretched, slanted, with other colours, blurred.

The whole batch is changed at once on the run's device. All that moves pixels is one affine map for each picture, so
that a picture is sampled once, however many ways of moving it are on.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.spec import Settings, SpecError, float_of
from explorer.training.augmentation import Augmentation

MOVES = ("crop", "shift", "rotate", "stretch", "shear", "mirror")
COLOURS = ("colour", "grey", "blur", "erase")
SMALLEST_BLUR = 0.05  # pixels: less leaves a picture as it is


class Views(Augmentation):
    """Use as a function on pictures (B, C, H, W); chance comes from the global generators, or from one that is given.

    Settings: `crop` (share of the side that may be cut off), `shift` (pixels), `rotate` (degrees), `stretch` (each side
    longer or shorter by up to this share), `shear`, `mirror` (bool), `colour` (0 … 1), `grey` (probability), `blur`
    (pixels), `erase` (share of the area). What is 0, false or not set does nothing.
    """

    def __init__(self, settings: Settings, device: torch.device) -> None:
        self._amount = {name: float_of({name: 0.0, **settings}, name) for name in (*MOVES, *COLOURS)}
        self._device = device

    @property
    def on(self) -> bool:
        return any(self._amount.values())

    def __call__(self, pictures: Tensor, random: torch.Generator | None = None) -> Tensor:
        if pictures.dim() != 4:
            raise SpecError(f"only pictures (C, H, W) have views; these inputs are {tuple(pictures.shape[1:])}")
        if any(self._amount[name] for name in MOVES):
            pictures = self._moved(pictures, random)
        for name, change in zip(COLOURS, (self._tinted, self._greyed, self._blurred, self._erased), strict=True):
            if self._amount[name]:
                pictures = change(pictures, random)
        return pictures

    # ---- where pixels come from ----------------------------------------------------------------------------------

    def _moved(self, pictures: Tensor, random: torch.Generator | None) -> Tensor:
        """Sample each picture once; beyond its border the border goes on, so that no new colour comes in."""
        grid = F.affine_grid(self._maps(pictures, random), list(pictures.shape), align_corners=False)
        return F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)

    def _maps(self, pictures: Tensor, random: torch.Generator | None) -> Tensor:
        """Return each picture's map from a place in the view to one in the picture, both −1 … 1: (B, 2, 3)."""
        amount, sides = self._amount, pictures.new_tensor([pictures.shape[3], pictures.shape[2]])
        drawn = torch.rand((len(pictures), 10), generator=random, device=self._device)
        even = drawn * 2 - 1  # B 10, −1 … 1
        angle = even[:, 0] * math.radians(amount["rotate"])
        stretched = torch.exp(even[:, 1:3] * math.log1p(amount["stretch"]))  # B 2
        slant = even[:, 3] * amount["shear"]
        window = 1 - drawn[:, 4] * amount["crop"]  # B: side of what is cut out
        flip = torch.where(drawn[:, 5] < 0.5 * bool(amount["mirror"]), -1.0, 1.0)
        cos, sin = angle.cos(), angle.sin()
        across = torch.stack([cos * flip, slant * cos - sin], 1) * stretched  # B 2: what x is made of
        down = torch.stack([sin * flip, slant * sin + cos], 1) * stretched
        linear = torch.stack([across, down], 1) * window[:, None, None]  # B 2 2
        middle = even[:, 6:8] * (2 * amount["shift"] / sides) + even[:, 8:10] * (1 - window)[:, None]
        return torch.cat([linear, middle[:, :, None]], 2)

    # ---- colours -------------------------------------------------------------------------------------------------

    def _tinted(self, pictures: Tensor, random: torch.Generator | None) -> Tensor:
        """Scale each picture's contrast, and add to each of its channels a number of its own: inputs have spread 1."""
        batch, channels = pictures.shape[:2]
        drawn = self._even((batch, 1 + channels), random) * self._amount["colour"]
        return pictures * (1 + drawn[:, :1, None, None]) + drawn[:, 1:, None, None]

    def _greyed(self, pictures: Tensor, random: torch.Generator | None) -> Tensor:
        chosen = torch.rand((len(pictures), 1, 1, 1), generator=random, device=self._device) < self._amount["grey"]
        return torch.where(chosen, pictures.mean(1, keepdim=True), pictures)

    def _blurred(self, pictures: Tensor, random: torch.Generator | None) -> Tensor:
        """Blur each picture by a Gaussian of its own width, 0 up to the amount, along rows and then along columns."""
        batch, channels, height, width = pictures.shape
        radius = max(1, math.ceil(2 * self._amount["blur"]))
        spread = torch.rand((batch, 1), generator=random, device=self._device) * self._amount["blur"]
        steps = torch.arange(-radius, radius + 1, device=self._device)
        weights = torch.exp(-0.5 * (steps / spread.clamp_min(SMALLEST_BLUR)).square())  # B 2r+1
        weights = (weights / weights.sum(1, keepdim=True)).repeat_interleave(channels, 0)[:, None]  # B·C 1 2r+1
        rows = pictures.reshape(1, batch * channels, height, width)
        rows = F.pad(rows, (radius,) * 4, mode="replicate")
        rows = F.conv2d(rows, weights[:, :, None], groups=batch * channels)
        return F.conv2d(rows, weights[..., None], groups=batch * channels).reshape(pictures.shape)

    def _erased(self, pictures: Tensor, random: torch.Generator | None) -> Tensor:
        """Hide a square of up to the amount of the area in half of the pictures, by 0, the mean of all pixels."""
        batch, _, height, width = pictures.shape
        drawn = torch.rand((batch, 4, 1, 1), generator=random, device=self._device)
        half = (drawn[:, 2] * self._amount["erase"]).sqrt() / 2  # of the side
        rows = (torch.arange(height, device=self._device) + 0.5)[:, None] / height
        columns = (torch.arange(width, device=self._device) + 0.5)[None] / width
        inside = ((rows - drawn[:, 0]).abs() < half) & ((columns - drawn[:, 1]).abs() < half)  # B H W
        hidden = inside & (drawn[:, 3] < 0.5)
        return pictures.masked_fill(hidden[:, None], 0.0)

    def _even(self, shape: tuple[int, ...], random: torch.Generator | None) -> Tensor:
        """Return numbers evenly spread over −1 … 1."""
        return torch.rand(shape, generator=random, device=self._device) * 2 - 1
