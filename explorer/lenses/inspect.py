"""One input followed through a network that looks at pictures, down to the multiplications behind a single cell.

Arrays: picture (H, W) or (H, W, 3) uint8; probabilities (classes,) float32; maps_0 … (channels, H, W) uint8, zero at
128, what leaves each layer. Of the chosen layer: inputs (I, H, W) float32, what it saw; kernels (n, I/groups, kh, kw),
biases (n,), sums (n, Ho, Wo) before and left (n, Ho, Wo) after its non-linearity, all float32, for the n channels from
fact `first` on; contributions (I/groups, Ho, Wo) float32 of the chosen channel: with its bias they add up to its sums;
fields (2, …) int32: for each row (then column) of the map, the first and last row (column) of the picture it can see.

A linear layer is a convolution whose kernel covers all of its input at once; so it is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from weakref import WeakKeyDictionary

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.engine.messages import Frame, Json, LensRequest
from explorer.lenses._chain import Link, recording
from explorer.lenses._looking import int_option, pictures, range_of, signed_bytes, supervised
from explorer.lenses._own_input import picture
from explorer.spec import Kind, SpecError, nearest
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

MOST_MAPS = 64  # channels of one layer that are sent as pictures
MOST_WEIGHTS = 80_000  # a layer with more sends the chosen channel's kernels only
MOST_PROBES = 64  # strips of the picture along each side, to find out what a cell sees …
FEWER_PROBES = 32  # … and of a photograph, where each is dear
PROBES_AT_ONCE = 16
PHOTOGRAPH = 128  # pixels a side from which a picture is one
MOST_SUMS = 200_000  # a layer with more cells in all sends the chosen channel's only
_reached: WeakKeyDictionary[nn.Module, dict[tuple[str, torch.Size, int], np.ndarray]] = WeakKeyDictionary()


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Follow an own picture (uint8) or held-out picture `index`; `layer` is a module path, `channel` a channel of it.

    Without a channel (or with −1) it is the one with the strongest cell.

    Raises SpecError for data without pictures, a layer that is not there, or a picture of the wrong shape.
    """
    trainer = supervised(trainer, "inspect")
    if len(trainer.dataset.input_shape) != 3:
        raise SpecError(f"only pictures can be followed; this data has inputs of shape {trainer.dataset.input_shape}")
    x, index = picture(request, trainer.test)
    with evaluating(trainer.network):
        with recording(trainer.network) as links:
            trainer.network(x)
        probabilities = trainer.probabilities(x)[0]
    shown = [link for link in links if link.kind is not Kind.RESHAPE]
    arrays = {"picture": pictures(x, *range_of(trainer.test[0]))[0], "probabilities": probabilities.cpu().numpy()}
    layers = [_layer(at, link, arrays) for at, link in enumerate(shown)]
    chosen = _chosen(shown, str(request.options.get("layer", "")))
    facts: dict[str, Json] = {
        "layers": layers,
        "classes": list(trainer.dataset.classes),
        "answers_by": trainer.answers_by,
        "target": int(trainer.test[1][index]) if index >= 0 else None,
        "index": index,
        "held_out": len(trainer.test[1]),
        "source": trainer.dataset.source,
        "input_shape": list(trainer.dataset.input_shape),
        "chosen": _apart(trainer.network, chosen, links, x, request, arrays) | {"layer": shown.index(chosen)},
    }
    return Frame(arrays, facts)


def _layer(at: int, link: Link, arrays: dict[str, np.ndarray]) -> Json:
    """Put what left the layer among the arrays; return its name, kind, shape and scale."""
    cells = _cells(link.left)
    scale = float(cells.abs().max())
    arrays[f"maps_{at}"] = signed_bytes(cells[:MOST_MAPS], scale)
    return {
        "path": link.path,
        "kind": link.kind.value,
        "name": type(link.module).__name__,
        "shape": list(link.left.shape[1:]),
        "scale": scale,
        "follows": list(link.follows),
        "signed": bool((cells < 0).any()),
        "weighted": isinstance(link.module, (nn.Conv2d, nn.Linear)),
    }


def cells_of(values: Tensor) -> Tensor:
    """Return a layer's outputs as maps (N, channels, H, W); a layer without space has maps of one cell."""
    return values if values.dim() == 4 else values.reshape(len(values), -1, 1, 1)


def _cells(values: Tensor) -> Tensor:
    """Return one example's output as maps (channels, H, W)."""
    return cells_of(values[:1])[0]


def _chosen(links: list[Link], path: str) -> Link:
    """Return the layer at the path; without one the last convolution, or else the first layer with weights."""
    weighted = {link.path: link for link in links if isinstance(link.module, (nn.Conv2d, nn.Linear))}
    if path in weighted:
        return weighted[path]
    if path:
        raise SpecError(f"no layer with weights is called '{path}'; {nearest(path, weighted)}")
    if not weighted:
        raise SpecError("this network has no convolution and no linear layer that could be taken apart")
    convolutions = [link for link in weighted.values() if isinstance(link.module, nn.Conv2d)]
    return convolutions[-1] if convolutions else next(iter(weighted.values()))


# ---- one layer taken apart -----------------------------------------------------------------------------------------


def _apart(
    model: nn.Module, link: Link, links: list[Link], x: Tensor, request: LensRequest, arrays: dict[str, np.ndarray]
) -> dict[str, Json]:
    """Put the chosen layer's inputs, kernels and sums among the arrays; return what is needed to read them."""
    seen, weight, geometry = _as_convolution(link, [x, *(each.left for each in links)])
    channel = int_option(request, "channel", -1, -1, len(weight) - 1)
    if channel < 0:
        channel = int(torch.nan_to_num(_cells(link.left)).flatten(1).abs().amax(1).argmax())
    few = weight.numel() > MOST_WEIGHTS or link.summed.numel() > MOST_SUMS
    first, last = (channel, channel + 1) if few else (0, len(weight))
    bias = link.module.bias
    biases = torch.zeros(len(weight)) if not isinstance(bias, Tensor) else bias.detach()
    parts = {
        "inputs": seen[0], "kernels": weight[first:last], "biases": biases[first:last],
        "sums": _cells(link.summed)[first:last], "left": _cells(link.left)[first:last],
        "contributions": _contributions(seen, weight, channel, geometry),
    }  # fmt: skip
    arrays |= {name: values.detach().float().cpu().numpy().copy() for name, values in parts.items()}
    arrays["fields_rows"], arrays["fields_columns"] = fields_of(model, link, x)
    sees_picture = seen.numel() == x.numel() and torch.equal(seen.flatten(), x.flatten())
    return {
        "channel": channel, "channels": len(weight), "first": first, "sees_picture": sees_picture, **geometry,
    }  # fmt: skip


def _as_convolution(link: Link, maps: list[Tensor]) -> tuple[Tensor, Tensor, dict[str, Json]]:
    """Return what the layer saw (1, I, H, W), its weight (O, I/groups, kh, kw) and how the kernel moves."""
    module = link.module
    if isinstance(module, nn.Conv2d):
        before = _padding(module)
        geometry: dict[str, Json] = {
            "stride": list(module.stride), "padding": before, "dilation": list(module.dilation),
            "groups": module.groups,
        }  # fmt: skip
        return link.seen, module.weight.detach(), geometry
    assert isinstance(module, nn.Linear)
    shape = _flattened_from(link.seen, maps)
    geometry = {"stride": [1, 1], "padding": [0, 0], "dilation": [1, 1], "groups": 1}
    return link.seen.reshape(1, *shape), module.weight.detach().reshape(-1, *shape), geometry


def _padding(module: nn.Conv2d) -> list[Json]:
    """Return the rows and columns of zeros before the first; "same" puts the odd one behind, as torch does."""
    if module.padding_mode != "zeros":
        raise SpecError(f"a convolution padded with '{module.padding_mode}' cannot be taken apart; only zeros can")
    if module.padding == "valid":
        return [0, 0]
    if module.padding == "same":
        return [d * (k - 1) // 2 for d, k in zip(module.dilation, module.kernel_size, strict=True)]
    return [int(each) for each in module.padding]


def _flattened_from(seen: Tensor, maps: list[Tensor]) -> tuple[int, int, int]:
    """Return the shape (C, H, W) of the maps that were laid out in a row to be seen, or else one row of numbers."""
    for each in reversed(maps):
        if each.dim() == 4 and each.numel() == seen.numel() and torch.equal(each.flatten(), seen.flatten()):
            return each.shape[1], each.shape[2], each.shape[3]
    return 1, 1, seen.numel()


def _contributions(seen: Tensor, weight: Tensor, channel: int, geometry: dict[str, Json]) -> Tensor:
    """Return each input map's share of the channel's sums, (I/groups, Ho, Wo), by its own kernel alone."""
    stride, padding, dilation = (_pair(geometry[name]) for name in ("stride", "padding", "dilation"))
    groups, each = int(str(geometry["groups"])), weight.shape[1]
    group = channel // (len(weight) // groups)
    own = seen[:, group * each : (group + 1) * each]
    room = _room(weight, padding, dilation)
    with torch.no_grad():
        return F.conv2d(F.pad(own, room), weight[channel][:, None], None, stride, 0, dilation, groups=each)[0]


def _pair(value: Json) -> tuple[int, int]:
    assert isinstance(value, list)
    return int(str(value[0])), int(str(value[1]))


def _room(weight: Tensor, padding: tuple[int, int], dilation: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the padding left, right, above, below; an even kernel at "same" needs one more behind than before."""
    reach = [dilation[axis] * (weight.shape[2 + axis] - 1) for axis in (0, 1)]
    extra = [int(reach[axis] % 2 == 1 and 0 < padding[axis] == reach[axis] // 2) for axis in (0, 1)]
    return padding[1], padding[1] + extra[1], padding[0], padding[0] + extra[0]


# ---- what a cell sees ----------------------------------------------------------------------------------------------


def fields_of(model: nn.Module, link: Link, x: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each row and each column of the layer's map, the first and the last one of the picture that it sees.

    Found by spoiling a strip of the picture with NaN and looking where it arrives, so that any network will do:
    branches, strides and dilation included. Convolutions run plainly meanwhile, since fast algorithms mix neighbours.
    What a cell sees does not change in training, so it is found once for each layer.
    """
    return _reach(model, link.path, x, 2), _reach(model, link.path, x, 3)


def _reach(model: nn.Module, path: str, x: Tensor, axis: int) -> np.ndarray:
    known = _reached.setdefault(model, {})
    key = (path, x.shape[1:], axis)
    if key not in known:
        known[key] = _found_reach(model, path, x, axis)
    return known[key]


def _found_reach(model: nn.Module, path: str, x: Tensor, axis: int) -> np.ndarray:
    size = x.shape[axis]
    step = -(-size // (FEWER_PROBES if size > PHOTOGRAPH else MOST_PROBES))
    starts = range(0, size, step)
    spoilt = x.repeat(len(starts), 1, 1, 1)
    for row, start in enumerate(starts):
        spoilt[row].narrow(axis - 1, start, min(step, size - start)).fill_(float("nan"))
    output = torch.cat([_until(model, path, part) for part in spoilt.split(PROBES_AT_ONCE)])
    if output.dim() != 4:
        return np.array([[0, size - 1]], np.int32)
    arrives = output.isnan().any(1).any(5 - axis - 1).cpu().numpy()  # probes, rows (or columns) of the map
    return np.array([_ends(arrives[:, place], step, size) for place in range(arrives.shape[1])], np.int32)


class _ReachedError(Exception):
    """Raised to end a forward pass at the layer that was waited for."""


def _until(model: nn.Module, path: str, x: Tensor) -> Tensor:
    """Return what the module at the path gives, without running what comes after it."""
    kept: list[Tensor] = []

    def keep(module: nn.Module, read: object, output: Tensor) -> None:
        kept.append(output)
        raise _ReachedError

    handle = model.get_submodule(path).register_forward_hook(keep)
    try:
        with evaluating(model), _plain_convolutions(), suppress(_ReachedError):
            model(x)
    finally:
        handle.remove()
    return kept[0]


@contextmanager
def _plain_convolutions() -> Iterator[None]:
    """Inside, no convolution is computed by transforms, in which NaN would spread over whole tiles."""
    libraries = torch.backends
    with libraries.mkldnn.flags(enabled=False), libraries.cudnn.flags(enabled=False), libraries.nnpack.flags(False):
        yield


def _ends(arrives: np.ndarray, step: int, size: int) -> tuple[int, int]:
    seen = np.flatnonzero(arrives)
    if not len(seen):
        return 0, -1  # sees nothing of the picture, only padding
    return int(seen[0]) * step, min(int(seen[-1] + 1) * step, size) - 1
