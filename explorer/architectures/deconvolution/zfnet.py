"""ZFNet and the deconvnet attached to it (Zeiler & Fergus 2013): from a unit back down to the pixels that move it."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from explorer.architectures.deconvolution.unpooling import Unpooling

Size = tuple[int, int]
CHANNELS = (3, 96, 256, 384, 384, 256)  # figure 3: the image, then layers 1 to 5
KERNELS = (7, 5, 3, 3, 3)
STRIDES = (2, 2, 1, 1, 1)
PADDINGS = (0, 0, 1, 1, 1)
POOLED = (1, 2, 5)  # layers that end in a pooling


class Layer(nn.Module):
    """Filters, ReLU; in layers 1, 2 and 5 a 3 × 3 pooling with stride 2; in 1 and 2 contrast normalisation after it.

    Returns the layer's output, the maps before pooling and the switches: where in them each maximum stood.
    """

    def __init__(self, number: int) -> None:
        super().__init__()
        before, after = CHANNELS[number - 1], CHANNELS[number]
        self.window = (KERNELS[number - 1], STRIDES[number - 1], PADDINGS[number - 1])
        self.filters = nn.Conv2d(before, after, *self.window)
        self.relu = nn.ReLU()
        # padding 1 makes 55 of 110 and 13 of 26, the sizes of figure 3; layer 5 needs none to make 6 of 13
        pool_padding = 0 if number == 5 else 1
        self.pool = nn.MaxPool2d(3, 2, pool_padding, return_indices=True) if number in POOLED else None
        # the paper gives no constants; these are those of the network it starts from (Krizhevsky et al. 2012)
        self.contrast = nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0) if number < 3 else nn.Identity()

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:  # B before H W
        maps = self.relu(self.filters(x))  # B after h w
        if self.pool is None:
            return maps, maps, None
        pooled, switches = self.pool(maps)  # B after h/2 w/2
        return self.contrast(pooled), maps, switches


class DeconvLayer(nn.Module):
    """A layer of the convnet backwards: unpool with its switches, rectify, filter with its filters transposed."""

    def __init__(self, layer: Layer, unpool: bool) -> None:
        super().__init__()
        conv, (kernel_size, stride, padding) = layer.filters, layer.window
        self.unpool = Unpooling() if unpool else None
        self.rectify = nn.ReLU()
        self.filters = nn.ConvTranspose2d(
            conv.out_channels, conv.in_channels, kernel_size, stride, padding, bias=False, device="meta"
        )
        self.filters.weight = conv.weight  # the same numbers, seen from the other side: nothing of its own to learn

    def forward(self, x: Tensor, switches: Tensor | None, maps: Size, below: Size) -> Tensor:  # B after h/2 w/2
        if self.unpool is not None and switches is not None:
            x = self.unpool(x, switches, maps)  # B after h w
        return self.filters(self.rectify(x), output_size=below)  # B before H W


class Isolate(nn.Module):
    """Sets every unit of the maps to zero but the strongest: the one whose pixels are asked for."""

    def forward(self, maps: Tensor) -> Tensor:  # B C h w
        flat = maps.flatten(1)
        strongest = flat.argmax(1, keepdim=True)
        return torch.zeros_like(flat).scatter(1, strongest, flat.amax(1, keepdim=True)).view_as(maps)  # B C h w


class Deconvnet(nn.Module):
    """Figure 1, attached to layer `start`: down from its strongest unit to the pixels, against the convnet's way."""

    def __init__(self, layers: list[Layer], start: int) -> None:
        super().__init__()
        self.isolate = Isolate()
        numbers = range(start, 0, -1)  # the first takes maps as they were before pooling
        self.layers = nn.ModuleDict(
            {f"layer{n}": DeconvLayer(layers[n - 1], unpool=n in POOLED and n < start) for n in numbers}
        )

    def forward(self, maps: list[Tensor], switches: list[Tensor | None], image: Tensor) -> Tensor:
        """`maps` and `switches` of the convnet's layers 1 to `start`, the maps as they were before pooling."""
        x = self.isolate(maps[-1])
        # what each layer read: the image, then the outputs of the layer below
        inputs = [image, *(m if s is None else s for m, s in zip(maps, switches, strict=True))]
        for number in range(len(maps), 0, -1):
            layer, where = self.layers[f"layer{number}"], switches[number - 1]
            x = layer(x, where, _size(maps[number - 1]), _size(inputs[number - 1]))
        return x  # B 3 225 225


def _size(maps: Tensor) -> Size:
    return maps.shape[-2], maps.shape[-1]


class ZFNet(nn.Module):
    """The network of figure 3; with `start` 1 to 5 a deconvnet hangs on that layer, 0 leaves it out.

    Returns the logits (B, 1000) and, with a deconvnet, the pixels (B, 3, H, W) that the strongest unit answers to.
    """

    def __init__(self, image_size: int = 225, start: int = 0, num_classes: int = 1000) -> None:
        super().__init__()
        layers = [Layer(number) for number in range(1, 6)]
        self.layers = nn.ModuleDict({f"layer{number}": layer for number, layer in enumerate(layers, 1)})
        self.layer6 = _dense(CHANNELS[5] * _side(image_size) ** 2, 4096)
        self.layer7 = _dense(4096, 4096)
        self.output = nn.Linear(4096, num_classes)
        self.start = start
        self.deconvnet = Deconvnet(layers, start) if start else None

    def forward(self, image: Tensor) -> tuple[Tensor, ...]:  # B 3 225 225
        x = image
        maps: list[Tensor] = []
        switches: list[Tensor | None] = []
        for layer in self.layers.values():
            x, before_pooling, where = layer(x)  # sides 55, 13, 13, 13, 6
            maps.append(before_pooling)
            switches.append(where)
        logits = self.output(self.layer7(self.layer6(torch.flatten(x, 1))))  # B 1000
        if self.deconvnet is None:
            return (logits,)
        return logits, self.deconvnet(maps[: self.start], switches[: self.start], image)


def _dense(before: int, after: int) -> nn.Module:
    return nn.Sequential(OrderedDict(linear=nn.Linear(before, after), relu=nn.ReLU(), dropout=nn.Dropout(0.5)))


def _side(image_size: int) -> int:
    """Return the side of layer 5's pooled maps: 6 for 225."""
    side = image_size
    for number, (kernel_size, stride, padding) in enumerate(zip(KERNELS, STRIDES, PADDINGS, strict=True), 1):
        side = (side + 2 * padding - kernel_size) // stride + 1
        if number in POOLED:
            side = (side + 2 * (number != 5) - 3) // 2 + 1
    return side
