"""What the experiments measure on a trained network: checkerboards, the size of a last layer, repeated rows."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explorer.architectures.deconvolution.small import Autoencoder, Nearest
from explorer.training.trainer import Trainer

NEAR = (3, 4)  # bins away from the corner of the spectrum that the peak is held against


def checkerboard(pictures: Tensor) -> Tensor:
    """Return how much stronger the pattern of period 2 is than its surroundings, in pictures (N, C, H, W); 0-dim.

    The mean power at (½, ½) cycles a pixel, divided by the median of the power 3 and 4 bins away: 1 is nothing special.
    Pictures are faded out towards their borders first (Hann window).
    """
    grey = pictures.mean(1)  # N H W
    height, width = grey.shape[1:]
    fade = _hann(height, grey)[:, None] * _hann(width, grey)
    centred = grey - grey.mean((1, 2), keepdim=True)
    power = torch.fft.fft2(centred * fade).abs().square().mean(0)  # H W
    y, x = height // 2, width // 2
    around = [power[y - n, x - m] for n in NEAR for m in NEAR]
    return power[y, x] / torch.stack(around).median().clamp_min(1e-12)


def _hann(size: int, like: Tensor) -> Tensor:
    return torch.hann_window(size, device=like.device, dtype=like.dtype)


def size(trainer: Trainer) -> dict[str, float]:
    """Return the number of parameters."""
    return {"parameters": float(sum(each.numel() for each in trainer.model.parameters()))}


def checkerboards(trainer: Trainer) -> dict[str, float]:
    """Return the checkerboard of the held-out pictures themselves, and the number of parameters."""
    inputs = trainer.test[0]  # type: ignore[attr-defined]
    return {"real_checkerboard": float(checkerboard(inputs[:300])), **size(trainer)}


def repeated(trainer: Trainer) -> dict[str, float]:
    """Return how far repeated rows and columns are from a transposed convolution of ones with kernel 2 and stride 2."""
    x = torch.arange(2 * 5 * 7, device=trainer.device, dtype=torch.float32).view(1, 2, 5, 7)
    ones = nn.functional.conv_transpose2d(x, torch.ones(2, 1, 2, 2, device=trainer.device), stride=2, groups=2)
    return {"difference": float((Nearest()(x) - ones).abs().max()), **size(trainer)}


def finished_side(trainer: Trainer) -> dict[str, float]:
    """Return the side of the map that the last layer of stride 1 is given, and of the one that it makes."""
    assert isinstance(trainer.model, Autoencoder)
    finish = trainer.model.decoder.finish
    assert finish is not None
    side = trainer.model.decoder.side
    last = finish.get_submodule("conv")
    assert isinstance(last, nn.ConvTranspose2d)
    with torch.no_grad():
        made = last(torch.zeros(1, last.in_channels, side, side, device=trainer.device))
    return {"side_before": float(side), "side_after": float(made.shape[-1])}
