"""What a convolutional network makes of one held-out picture: the filters it has learnt, and each layer's feature
maps.

Arrays: picture (H, W) or (H, W, 3) uint8; probabilities (classes,) float32; filters_0 … (out, in, k, k) uint8, zero
at 128, of the first two convolutions; maps_0 … (channels, H, W) uint8, zero at 128, of every layer whose output is a
stack of maps.
"""

from __future__ import annotations

import numpy as np
from torch import Tensor, nn

from explorer.engine.messages import Frame, Json, LensRequest
from explorer.lenses._looking import catching, int_option, pictures, range_of, signed_bytes, supervised
from explorer.spec import SpecError
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

MOST_CHANNELS = 16  # of one layer: what fits into a row
MOST_FILTERS = 2  # convolutions whose filters are shown


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the held-out picture that the option `index` names, modulo their number; `channels` at most 64.

    Raises SpecError for data without pictures.
    """
    trainer = supervised(trainer, "maps")
    if len(trainer.dataset.input_shape) != 3:
        raise SpecError(
            f"feature maps need pictures as input; this data has inputs of shape {trainer.dataset.input_shape}"
        )
    inputs, targets = trainer.test
    index = int_option(request, "index", 0, 0, 10**9) % len(targets)
    most = int_option(request, "channels", MOST_CHANNELS, 1, 64)
    seen: list[tuple[str, nn.Module, Tensor]] = []
    leaves = {path: each for path, each in trainer.model.named_modules() if not any(True for _ in each.children())}

    def keep(path: str, output: Tensor) -> None:
        if output.dim() == 4:
            seen.append((path, leaves[path], output[0].clone()))  # channels H W

    with evaluating(trainer.model), catching(list(leaves.items()), keep):
        probabilities = trainer.kind.probabilities(trainer.model(inputs[index : index + 1]))[0]
    arrays: dict[str, np.ndarray] = {
        "picture": pictures(inputs[index : index + 1], *range_of(inputs))[0],
        "probabilities": probabilities.cpu().numpy(),
    }
    facts: dict[str, Json] = {
        "layers": [_map_layer(at, *each, most, arrays) for at, each in enumerate(seen)],
        "filters": _filters(seen, most, arrays),
        "classes": list(trainer.dataset.classes),
        "target": int(targets[index]),
        "index": index,
        "held_out": len(targets),
        "source": trainer.dataset.source,
    }
    return Frame(arrays, facts)


def _map_layer(at: int, path: str, module: nn.Module, output: Tensor, most: int, arrays: dict[str, np.ndarray]) -> Json:
    """Put the layer's maps among the arrays; return its name, kind, shape and scale."""
    scale = float(output.abs().max())
    arrays[f"maps_{at}"] = signed_bytes(output[:most], scale)
    return {"path": path, "kind": type(module).__name__, "shape": list(output.shape), "scale": scale}


def _filters(seen: list[tuple[str, nn.Module, Tensor]], most: int, arrays: dict[str, np.ndarray]) -> list[Json]:
    """Put the first convolutions' filters among the arrays, one scale for a layer; return what is known of each."""
    found: list[Json] = []
    for path, module, _ in seen:
        if isinstance(module, nn.Conv2d) and len(found) < MOST_FILTERS:
            weight = module.weight.detach()
            scale = float(weight.abs().max())
            arrays[f"filters_{len(found)}"] = signed_bytes(weight[:most, :most], scale)
            found.append({"path": path, "shape": list(weight.shape), "scale": scale})
    return found
