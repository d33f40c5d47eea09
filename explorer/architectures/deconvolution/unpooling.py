"""Pooling that remembers where each maximum stood, and unpooling that puts values back there."""

from __future__ import annotations

from torch import Tensor, nn


class Unpooling(nn.Module):
    """Puts each value where the pooling found its maximum, zeros elsewhere (Zeiler & Fergus 2013, sec. 2.1).

    `switches` are the pooling's indices, of the shape of `x`; `size` is the (H, W) that the pooling started from.
    Where windows overlap, two values may go to one place: the later one stands.
    """

    def forward(self, x: Tensor, switches: Tensor, size: tuple[int, int]) -> Tensor:  # B C h w
        height, width = size
        empty = x.new_zeros(*x.shape[:2], height * width)
        return empty.scatter(2, switches.flatten(2), x.flatten(2)).unflatten(2, (height, width))  # B C H W
