"""What is added to a word because of its place: a row for each place, and how alike the rows of two places are."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option
from explorer.lenses._sheet import Colours, Heat, Line, Lines, Slider, sheet
from explorer.spec import SpecError
from explorer.training.trainer import Trainer

MOST_PLACES = 48
MOST_FEATURES = 128
SHOWN = 3  # features drawn as curves


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the table of positions; `feature` is the first of three that are drawn as curves over the places.

    Raises SpecError for a network that has no such table.
    """
    table = positions(trainer.model)[:MOST_PLACES, :MOST_FEATURES].detach().float().cpu()
    places, features = table.shape
    unit = nn.functional.normalize(table, dim=1)
    feature = int_option(request, "feature", 0, 0, max(0, features - 1))
    shown = [min(features - 1, feature + 2 * step) for step in range(SHOWN)]
    names = [str(place + 1) if place % 5 == 4 or place == 0 else "" for place in range(places)]
    return sheet(
        Heat(
            "A row for each place", table.numpy(), names, note=f"{places} places × {features} features", cell=8,
            colours=Colours.SIGNED,
        ),
        Heat(
            "How alike two places are", (unit @ unit.T).numpy(), names, note="cosine of their rows", cell=8,
            low=-1.0, high=1.0,
        ),
        Lines(
            "Features over the places", tuple(Line(f"feature {at + 1}", table[:, at].numpy()) for at in shown),
            x=torch.arange(1, places + 1).numpy(), x_title="place", width=420, height=220,
        ),
        caption=(
            "What tells a word its place. This row is added to the word's own. "
            "Neighbours have rows that are alike, so the network can learn “two to the left”."
        ),
        controls=(Slider("feature", "Feature", feature, 0, max(1, features - 1)),),
    )  # fmt: skip


def positions(model: nn.Module) -> Tensor:
    """Return the table (places, features) that is added to words; raises SpecError where there is none."""
    for path, module in model.named_modules():
        name = path.split(".")[-1]
        if "position" not in name:
            continue
        found = module.weight if isinstance(module, nn.Embedding) else getattr(module, "table", None)
        if isinstance(found, Tensor) and found.dim() == 2:
            return found
    raise SpecError("this network adds nothing for the place of a word, so it cannot know any order but a mask's")
