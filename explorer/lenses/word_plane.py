"""The commonest words in the plane: their embeddings on the two directions in which they differ most."""

from __future__ import annotations

import numpy as np
import torch

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._blanks import filler
from explorer.lenses._looking import int_option
from explorer.lenses._sheet import Points, Slider, sheet
from explorer.lenses.embedding import projected
from explorer.spec import SpecError
from explorer.training.trainer import Trainer


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the `words` commonest whole words of what there is to learn from."""
    fills = filler(trainer, "word_plane")
    many = int_option(request, "words", 80, 20, 250)
    found = [each for each in trainer.model.modules() if isinstance(each, torch.nn.Embedding)]
    names = fills.spans.classes
    tables = [each.weight.detach() for each in found if len(each.weight) == len(names)]
    if not tables:
        raise SpecError("the lens 'word_plane' needs an embedding for each word")
    counts = np.bincount(np.concatenate(fills.spans.learnt), minlength=len(names))
    whole = [at for at in (-counts).argsort(kind="stable").tolist() if names[at].isalpha() and len(names[at]) > 1][
        :many
    ]
    return sheet(
        Points(
            "Words", projected(trainer, tables[0][whole], 2), labels=[names[at] for at in whole], side=560,
            note=f"{tables[0].shape[1]} numbers each",
        ),
        caption=(
            "What stands in like places comes to lie together. Nobody told the network what a verb is: words whose "
            "blanks look alike get embeddings that are alike."
        ),
        controls=(Slider("words", "Words", many, 20, 250, 10),),
    )  # fmt: skip
