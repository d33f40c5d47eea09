"""The deconvolutional family: ZFNet and its deconvnet (zfnet.py), FCN (fcn.py), DeconvNet (deconvnet.py).

What trains live is in small.py.
"""

from __future__ import annotations

from torch import nn

from explorer.architectures.deconvolution.deconvnet import DeconvNet
from explorer.architectures.deconvolution.fcn import FCN
from explorer.architectures.deconvolution.small import build_small
from explorer.architectures.deconvolution.zfnet import ZFNet
from explorer.spec import Settings, SpecError, int_of

__all__ = ["build", "build_small"]

CELL = 32  # five poolings halve the side of DeconvNet's image five times; fc6 needs 7 × 7 cells


def build(settings: Settings) -> nn.Module:
    """Build the network that the settings name by `form`: zfnet, fcn or deconvnet."""
    form = settings["form"]
    if form == "zfnet":
        return ZFNet(int_of(settings, "image_size"), _layer(str(settings["deconvnet"])))
    classes = int_of(settings, "num_classes")
    if form == "fcn":
        return FCN(int_of(settings, "stride"), bool(settings.get("learn_upsampling", True)), classes)
    _check(int_of(settings, "image_size"))
    return DeconvNet(bool(settings["batch_norm"]), classes)


def _layer(choice: str) -> int:
    """Return the number in "layer 3", 0 for "off"."""
    return 0 if choice == "off" else int(choice.split()[-1])


def _check(image_size: int) -> None:
    if image_size % CELL:
        near = max(7, round(image_size / CELL)) * CELL
        raise SpecError(
            f"an image of {image_size} does not fit: five poolings leave {image_size} / 32 = {image_size / CELL:g} "
            f"cells, which is not whole, and unpooling could not find its way back. Try {near}."
        )
