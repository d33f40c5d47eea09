"""A separable convolution taken apart: each channel's own filter over space, then the weights that mix the channels.

A convolution that is not separable is shown the same way, so that one sees what is missing: each channel that goes out
has a filter of its own for every channel that comes in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.blueprint import layer_name
from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._chain import Link, recording
from explorer.lenses._looking import int_option, pictures, range_of, signed_bytes, supervised
from explorer.lenses._own_input import picture
from explorer.lenses._sheet import Choice, Colours, Heat, Numbers, Part, Slider, Tiles, sheet
from explorer.spec import SpecError, nearest
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

SHOWN = 12  # channels that come in, those that weigh most
SIDE = 48  # pixels of a tile


@dataclass(frozen=True)
class Halves:
    """A depthwise convolution and the 1 × 1 that reads it; or a full convolution, which has no second half."""

    space: Link
    channels: Link | None

    @property
    def path(self) -> str:
        """Return the path of the block around both halves, or of the convolution itself."""
        return self.space.path.rpartition(".")[0] if self.channels else self.space.path

    @property
    def outputs(self) -> int:
        return _conv(self.channels or self.space).out_channels


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Take the convolution `layer` apart for an own picture or held-out `index`: how its channel `output` comes about.

    Raises SpecError for data without pictures, a network without convolutions, or a layer that is not there.
    """
    trainer = supervised(trainer, "separable")
    if len(trainer.dataset.input_shape) != 3:
        raise SpecError(
            f"only pictures can be taken apart; this data has inputs of shape {trainer.dataset.input_shape}"
        )
    x, _ = picture(request, trainer.test)
    with evaluating(trainer.model), recording(trainer.model) as links:
        trainer.model(x)
    found = {each.path: each for each in halves(links)}
    if not found:
        raise SpecError("this network has no convolution from several channels, so there is nothing to take apart")
    path = str(request.options.get("layer", "")) or next(reversed(found))
    if path not in found:
        raise SpecError(f"no convolution is called '{path}'; {nearest(path, found)}")
    chosen = found[path]
    output = int_option(request, "output", 0, 0, chosen.outputs - 1)
    given = Tiles("The picture", pictures(x, *range_of(trainer.test[0])), side=84)
    parts = _apart(chosen, chosen.channels, output) if chosen.channels else _whole(chosen.space, output)
    return sheet(
        *parts[:3], given, *parts[3:], _cost(chosen),
        caption=SEPARABLE if chosen.channels else FULL,
        controls=(
            Choice("layer", "Convolution", path, tuple((each, layer_name(each, 3)) for each in found)),
            Slider("output", "Channel that goes out", output, 0, chosen.outputs - 1),
        ),
    )  # fmt: skip


SEPARABLE = (
    "Space first, then channels. Below each other: what comes in, the one filter that this channel has, what leaves "
    "it. The numbers are the weights with which the second half adds these maps up."
)
FULL = (
    "Both at once. This convolution is not separable: for each channel that goes out it has another filter for each "
    "channel that comes in. Move the slider, and all filters change."
)


def halves(links: Sequence[Link]) -> list[Halves]:
    """Return the convolutions of a network in the order in which they ran, separable ones as pairs.

    Left out: 1 × 1 convolutions by themselves, and those that see a single channel.
    """
    found: list[Halves] = []
    for at, link in enumerate(links):
        module = link.module
        if not isinstance(module, nn.Conv2d) or module.kernel_size == (1, 1) or module.in_channels == 1:
            continue
        if module.groups == 1:
            found.append(Halves(link, None))
        elif module.groups == module.in_channels == module.out_channels and _mixes(links, at):
            found.append(Halves(link, links[at + 1]))
    return found


def _mixes(links: Sequence[Link], at: int) -> bool:
    """Whether the layer after this one is a 1 × 1 convolution that reads it."""
    if at + 1 == len(links) or at not in links[at + 1].sources:
        return False
    module = links[at + 1].module
    return isinstance(module, nn.Conv2d) and module.kernel_size == (1, 1) and module.groups == 1


def _conv(link: Link) -> nn.Conv2d:
    assert isinstance(link.module, nn.Conv2d)
    return link.module


def _apart(one: Halves, mixing: Link, output: int) -> list[Part]:
    weights = _conv(mixing).weight.detach()[:, :, 0, 0]  # out, in
    order = weights[output].abs().topk(min(SHOWN, weights.shape[1])).indices  # the channels that weigh most
    kernels = _conv(one.space).weight.detach()[:, 0]  # in, k, k
    seen, left, summed = one.space.seen[0], one.space.left[0], mixing.summed[0]
    return [
        _tiles(f"What comes in: {len(order)} of {len(seen)} channels", seen[order], [f"{int(c)}" for c in order]),
        _tiles(f"Space: one {_side(one.space)} filter for each channel", kernels[order]),
        _tiles("Each channel through its own filter", left[order], [_written(weights[output, c]) for c in order],
               note="below: its weight in the sum"),
        _tiles(f"Their weighted sum is channel {output} that goes out", summed[output : output + 1], side=84),
        Heat(
            "Channels: the weights of the second half", weights.cpu().numpy(),
            note=f"{weights.shape[0]} rows that go out, {weights.shape[1]} columns that come in; a click picks a row",
            cell=max(3, min(10, 400 // max(weights.shape))), pick="output", chosen=output,
        ),
    ]  # fmt: skip


def _whole(link: Link, output: int) -> list[Part]:
    module = _conv(link)
    kernels = module.weight.detach()[output]  # in, k, k
    order = kernels.flatten(1).norm(dim=1).topk(min(SHOWN, len(kernels))).indices
    shares = _shares(module, link.seen, kernels)
    return [
        _tiles(f"What comes in: {len(order)} of {len(kernels)} channels", link.seen[0, order],
               [f"{int(c)}" for c in order]),
        _tiles(f"The {_side(link)} filters of channel {output}: another for each that comes in", kernels[order]),
        _tiles("Each through its filter", shares[order]),
        _tiles(f"Their sum is channel {output} that goes out", link.summed[0, output : output + 1], side=84),
    ]  # fmt: skip


def _shares(module: nn.Conv2d, seen: Tensor, kernels: Tensor) -> Tensor:
    """Return what each channel that comes in adds to one that goes out, (in, h, w)."""
    with torch.no_grad():
        return F.conv2d(seen, kernels[:, None], None, module.stride, module.padding, module.dilation, len(kernels))[0]


def _cost(one: Halves) -> Numbers:
    """Count the weights, and those that an ordinary convolution between the same channels has."""
    module = _conv(one.space)
    full = module.in_channels * one.outputs * module.kernel_size[0] * module.kernel_size[1]
    if one.channels is None:
        return Numbers((("weights", f"{full:,}", f"{module.kernel_size[0]}² · {module.in_channels} · {one.outputs}"),))
    apart = module.weight.numel() + _conv(one.channels).weight.numel()
    k, c = module.kernel_size[0], module.in_channels
    return Numbers(
        (
            ("weights of both halves", f"{apart:,}", f"{k}² · {c} + {c} · {one.outputs}"),
            ("of one that is not separable", f"{full:,}", f"{k}² · {c} · {one.outputs}"),
            ("left", f"{100 * apart / full:.1f} %", f"1/{one.outputs} + 1/{k}²"),
        )
    )


def _side(link: Link) -> str:
    height, width = _conv(link).kernel_size
    return f"{height} × {width}"


def _tiles(title: str, maps: Tensor, labels: Sequence[str] = (), note: str = "", side: int = SIDE) -> Tiles:
    scale = float(maps.abs().max())
    return Tiles(
        title, signed_bytes(maps, scale), labels, note, Colours.SIGNED, side, columns=len(maps)
    )  # fmt: skip


def _written(number: Tensor) -> str:
    return f"{float(number):+.2f}".replace("-", "−")
