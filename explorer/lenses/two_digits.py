"""Two things laid over each other, pulled apart: what the decoder draws of each of the two longest capsules."""

from __future__ import annotations

import numpy as np

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._capsules import asked, capsules_of, drawn, shown
from explorer.lenses._sheet import Bars, Numbers, Tiles, sheet
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

AMBER, BLUE = (214, 137, 16), (31, 102, 180)  # ink of the first and the second on white paper


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Pull an own picture or held-out picture `index` apart; raises SpecError for a network without decoder."""
    trainer, network = capsules_of(trainer, "two_digits", redraws=True)
    x, index, controls = asked(trainer, request)
    classes = trainer.dataset.classes
    with evaluating(trainer.model):
        v = network.capsules(x)  # 1 J D
        lengths = v[0].norm(dim=1)
        both = sorted(lengths.topk(2).indices.tolist())
        apart = drawn(network, v.expand(2, -1, -1), both, x.shape[-1])
    given = shown(trainer, x)
    true = getattr(trainer.dataset, "test_parts", None) if index >= 0 else None
    parts = [
        Tiles("What it sees", given, side=112),
        Tiles("Pulled apart", apart, [f"a {classes[each]}" for each in both], side=112),
        Tiles("Both in colour", coloured(apart)[None], side=112, note="amber the first, blue the second"),
    ]
    numbers = [("it says", " and ".join(classes[each] for each in both), "the two longest capsules")]
    if isinstance(true, np.ndarray):
        pair = divmod(int(trainer.test[1][index]), len(classes))
        names, truth = sorted(pair), true[index][np.argsort(pair)]
        parts.append(Tiles("The two it was made of", truth, [f"a {classes[each]}" for each in names], side=112))
        parts.append(Tiles("… in colour", coloured(truth)[None], side=112))
        verdict = "right" if names == both else "wrong"
        numbers.append(("there are", " and ".join(classes[each] for each in names), verdict))
    return sheet(
        *parts,
        Bars("Lengths", classes, lengths.tolist(), most=1.0),
        Numbers(numbers),
        caption=(
            "Each capsule redraws its own digit only. Where the strokes cross, a pixel belongs to both: the decoder "
            "never sees the picture, only the 16 numbers that its capsule kept."
        ),
        controls=controls,
    )  # fmt: skip


def coloured(two: np.ndarray) -> np.ndarray:
    """Return two pictures (2, H, W) uint8 as coloured inks over each other on white paper, (H, W, 3) uint8."""
    paper = np.ones((*two.shape[1:], 3))
    for ink, colour in zip(two / 255, (AMBER, BLUE), strict=True):
        paper *= 1 - ink[..., None] * (1 - np.array(colour) / 255)
    return (paper * 255 + 0.5).astype(np.uint8)
