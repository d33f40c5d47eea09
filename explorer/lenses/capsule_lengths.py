"""Ten capsules for one picture: how long each is, which is the answer, and the numbers it is made of."""

from __future__ import annotations

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._capsules import asked, capsules_of, drawn, shown
from explorer.lenses._sheet import Bars, Heat, Tiles, sheet
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at an own picture or held-out picture `index`; raises SpecError for a network without capsules."""
    trainer, network = capsules_of(trainer, "capsule_lengths")
    x, _, controls = asked(trainer, request)
    classes = trainer.dataset.classes
    with evaluating(trainer.model):
        v = network.capsules(x)[0]  # J D
        lengths = v.norm(dim=1)  # J
        longest = int(lengths.argmax())
        seen = [Tiles("The picture", shown(trainer, x), side=112)]
        if network.decoder is not None:
            again = drawn(network, v[None], (longest,), x.shape[-1])
            seen.append(Tiles(f"Redrawn from capsule {classes[longest]}", again, side=112))
    return sheet(
        *seen,
        Bars("Lengths", classes, lengths.tolist(), "at most 1; each is judged by itself", most=1.0, hand=longest),
        Heat(
            "The capsules", v.cpu().numpy(), classes, tuple(str(n + 1) for n in range(v.shape[1])),
            f"one row of {v.shape[1]} numbers for each; its length is what the bar shows", low=-0.6, high=0.6, cell=18,
        ),
        caption=(
            "The longest capsule is the answer. There is no softmax: nothing forces the lengths to add up to one, so "
            "two things on one picture may both be there, or none."
        ),
        controls=controls,
    )  # fmt: skip
