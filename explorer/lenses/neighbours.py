"""The training pictures that are nearest to one picture: for the network, and by their pixels."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._contrast import LAYERS, layer_choice, layer_option
from explorer.lenses._features import features_of
from explorer.lenses._looking import pictures, range_of, supervised
from explorer.lenses._own_input import picture
from explorer.lenses._sheet import Numbers, Tiles, sheet
from explorer.spec import SpecError
from explorer.training.contrastive import ContrastiveTrainer, unit
from explorer.training.supervised import SupervisedTrainer
from explorer.training.trainer import Trainer

SHOWN = 10
SEED = 1  # of the views that are shown

_kept: WeakKeyDictionary[Trainer, tuple[tuple[int, str], Tensor]] = WeakKeyDictionary()


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the neighbours of an own picture or of held-out one `index`; option `layer`: by h or by z."""
    trainer = supervised(trainer, "neighbours")
    if len(trainer.dataset.input_shape) != 3:
        raise SpecError(f"only pictures have such neighbours; these inputs are {trainer.dataset.input_shape}")
    layer = layer_option(request, "h")
    known, labels = _known(trainer)
    x, index = picture(request, trainer.test)
    seen, views = _seen(trainer, x)
    by_network = nearest(features_of(trainer, x, layer), _bank(trainer, known, layer))
    by_pixels = nearest(x.flatten(1), known.flatten(1))
    low, high = range_of(trainer.test[0])
    rows = [
        Tiles(title, pictures(known[at], low, high), _labels(trainer, labels[at], alike), "with their cosine", side=64)
        for title, (at, alike) in (("Nearest for the network", by_network), ("Nearest by pixels", by_pixels))
    ]  # fmt: skip
    contrastive = isinstance(trainer, ContrastiveTrainer)
    return sheet(
        Tiles("The picture" + views, pictures(seen, low, high), _names(trainer, index, len(seen)), side=92),
        *rows,
        *_same(trainer, labels, index, by_network[0], by_pixels[0]),
        caption=(
            f"Near is alike, by {LAYERS[layer] if contrastive else 'what the last layer reads'}. "
            f"Searched among {len(known):,} training pictures; the classes below were not asked for."
        ),
        controls=(layer_choice(layer),) if contrastive else (),
    )


def nearest(one: Tensor, among: Tensor, count: int = SHOWN) -> tuple[Tensor, Tensor]:
    """Return the places of the rows among (N, D) most alike to one (1, D), the most alike first, and their cosines."""
    alike = (unit(among) @ unit(one).T)[:, 0]
    found = alike.topk(min(count, len(alike)))
    return found.indices, found.values


def _known(trainer: SupervisedTrainer) -> tuple[Tensor, Tensor]:
    return (trainer.pictures, trainer.labels) if isinstance(trainer, ContrastiveTrainer) else trainer.train


def _bank(trainer: SupervisedTrainer, known: Tensor, layer: str) -> Tensor:
    """Return what the network makes of all training pictures, worked out once for a step."""
    now = int(trainer.extra_state()["steps"]), layer
    kept = _kept.get(trainer)
    if kept is None or kept[0] != now:
        kept = _kept[trainer] = (now, features_of(trainer, known, layer))
    return kept[1]


def _seen(trainer: SupervisedTrainer, x: Tensor) -> tuple[Tensor, str]:
    """Return the picture, with two views of it where the network learns from views."""
    if not isinstance(trainer, ContrastiveTrainer):
        return x, ""
    first, second, _, _ = trainer.compared(x, SEED)
    return torch.cat([x, first, second]), " and two views of it"


def _names(trainer: SupervisedTrainer, index: int, count: int) -> list[str]:
    itself = "yours" if index < 0 else trainer.dataset.classes[int(trainer.test[1][index])]
    return [itself, *(["a view", "another"] if count > 1 else [])]


def _labels(trainer: SupervisedTrainer, labels: Tensor, alike: Tensor) -> list[str]:
    return [
        f"{trainer.dataset.classes[label]} {value:.2f}"
        for label, value in zip(labels.tolist(), alike.tolist(), strict=True)
    ]


def _same(
    trainer: SupervisedTrainer, labels: Tensor, index: int, by_network: Tensor, by_pixels: Tensor
) -> list[Numbers]:
    """Return how many of the neighbours are of the picture's class; of an own picture nobody knows it."""
    if index < 0:
        return []
    own = trainer.test[1][index]
    figures = [
        (what, f"{int((labels[places] == own).sum())} of {len(places)}", "of the picture's class")
        for what, places in (("for the network", by_network), ("by pixels", by_pixels))
    ]
    return [Numbers(figures)]
