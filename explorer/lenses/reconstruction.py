"""Pictures that go through a short code and back: what went in, what came out, what is missing, and what PCA does."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._codes import coding, pixels, plane_of, shown, written
from explorer.lenses._looking import int_option, signed_bytes
from explorer.lenses._own_input import picture
from explorer.lenses._sheet import Colours, Part, Switch, Tiles, sheet
from explorer.spec import float_of
from explorer.training.randomness import generator
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

SHOWN = 8
SIDE = 72


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Give back an own or held-out picture `index` and those behind it; option `pca`: the best plane beside it."""
    trainer, encoder, decoder = coding(trainer, "reconstruction")
    clean = _chosen(trainer, request)
    seen, noise = _noisy(trainer, clean)
    with evaluating(trainer.model):
        code = encoder(seen)
        given = decoder(code)
    wanted = pixels(trainer, clean)
    errors = (given - wanted).square().flatten(1).mean(1)
    scale = float((given - wanted).abs().max())
    parts: list[Part] = [
        Tiles("Goes in", shown(pixels(trainer, seen)), note="with noise" if noise else "", side=SIDE),
        Tiles(
            "Comes out", shown(given), [written(float(each)) for each in errors],
            f"of a code of {code.shape[1]} numbers", side=SIDE,
        ),
        Tiles(
            "Difference", signed_bytes((given - wanted).mean(1), scale), note="blue: too much, amber: missing",
            colours=Colours.SIGNED, side=SIDE,
        ),
    ]  # fmt: skip
    said = f"Mean squared error of a pixel on these: {written(float(errors.mean()))}."
    beside = bool(request.options.get("pca", True))
    if beside:
        flat, its = _by_plane(trainer, seen, wanted, code.shape[1])
        title = f"PCA with {code.shape[1]} numbers"
        parts.append(Tiles(title, shown(flat), [written(each) for each in its], "no layers, one matrix", side=SIDE))
        said += f" PCA with as many numbers: {written(float(np.mean(its)))}."
    return sheet(
        *parts, caption=f"{said} The number below a picture is its own error.",
        controls=(Switch("pca", "PCA beside it", beside),),
        facts={"error": float(errors.mean())},
    )  # fmt: skip


def _chosen(trainer: SupervisedTrainer, request: LensRequest) -> Tensor:
    """Return the picture asked for with the held-out ones behind it, (SHOWN, C, H, W)."""
    first, index = picture(request, trainer.test)
    inputs = trainer.test[0]
    start = index + 1 if index >= 0 else int_option(request, "index", 0, 0, 10**9)
    places = [(start + n) % len(inputs) for n in range(SHOWN - 1)]
    return torch.cat([first, inputs[places]])


def _noisy(trainer: SupervisedTrainer, clean: Tensor) -> tuple[Tensor, bool]:
    """Return the pictures with the noise that the run trains with; always the same draws."""
    spread = float_of(trainer.hypers, "corruption") if "corruption" in trainer.hypers else 0.0
    if not spread:
        return clean, False
    draws = torch.randn(clean.shape, generator=generator(clean.device, 0), device=clean.device)
    low, high = trainer.test[0].aminmax()
    return clean + draws * spread * (high - low), True


def _by_plane(trainer: SupervisedTrainer, seen: Tensor, wanted: Tensor, numbers: int) -> tuple[Tensor, list[float]]:
    plane = plane_of(trainer, numbers)
    values = pixels(trainer, seen).flatten(1).cpu().numpy()
    flat = torch.from_numpy(plane.given_back(values)).view(wanted.shape)
    return flat, (flat - wanted.cpu()).square().flatten(1).mean(1).tolist()
