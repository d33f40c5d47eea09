"""How words are hidden in training: 80 % become [MASK], 10 % another word, 10 % stay; and what the network says."""

from __future__ import annotations

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._blanks import filler
from explorer.lenses._looking import int_option
from explorer.lenses._sheet import Numbers, Slider, Words, sheet
from explorer.spec import SpecError
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

LABELS = ("[MASK]", "another word", "as it was")


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at held-out row `index`, hidden anew from the seed `draw`, with the share of the hyperparameter."""
    from explorer.architectures.bert.training import BERTTrainer, hide, segments_of
    from explorer.data.pieces import MASK
    from explorer.training.randomness import generator

    fills = filler(trainer, "masking")
    if not isinstance(trainer, BERTTrainer):
        raise SpecError("the lens 'masking' needs a network that is trained on hidden words")
    index = int_option(request, "index", 0, 0, len(trainer.test[0]) - 1)
    draw = int_option(request, "draw", 1, 1, 50)
    row, names = trainer.test[0][index : index + 1], fills.spans.classes
    share = float(str(trainer.hypers.get("mask_share", 0.15)))
    hidden = hide(row.cpu(), share, len(names), generator(row.cpu().device, draw))
    tokens = hidden.tokens.to(trainer.device)
    with evaluating(trainer.model):
        words, _ = trainer.model(tokens, segments_of(row))
    best = words[0].softmax(1).max(1)
    chosen = set(hidden.places[0].tolist())
    read, was = hidden.tokens[0].tolist(), row[0].tolist()
    fates = [0 if read[at] == MASK else 2 if read[at] == was[at] else 1 for at in chosen]
    answers = [f"{names[int(best.indices[at])]} " if at in chosen else "· " for at in range(len(read))]
    right = sum(int(best.indices[at]) == was[at] for at in chosen)
    return sheet(
        Words("What stood there", [f"{names[each]} " for each in was]),
        Words(
            "What the network reads", [f"{names[each]} " for each in read],
            [0.7 * (at in chosen) for at in range(len(read))],
            [f"was: {names[was[at]]}" if at in chosen else "" for at in range(len(read))], "chosen words are tinted",
        ),
        Words(
            "What it answers there", answers,
            [float(best.values[at]) if at in chosen else 0.0 for at in range(len(read))],
            note=f"{right} of {len(chosen)} right; the darker, the surer",
        ),
        Numbers([(label, str(fates.count(at)), f"of {len(chosen)} chosen") for at, label in enumerate(LABELS)]),
        caption=(
            f"{share:.0%} of the words are chosen, anew in every step. Of these eight in ten become [MASK], one "
            "becomes another word, one stays: so the network may trust no word, and has to think of every place."
        ),
        controls=(
            Slider("index", "Held-out row", index, 0, len(trainer.test[0]) - 1),
            Slider("draw", "Hide anew", draw, 1, 50),
        ),
    )  # fmt: skip
