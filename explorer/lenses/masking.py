"""How words are hidden in training: 80 % become [MASK], 10 % another word, 10 % stay; and what the network says."""

from __future__ import annotations

from explorer.data.pieces import MASK
from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._blanks import filler
from explorer.lenses._looking import int_option
from explorer.lenses._sheet import Numbers, Slider, Words, sheet
from explorer.spec import SpecError
from explorer.training.masking import Hides
from explorer.training.trainer import Trainer

LABELS = ("[MASK]", "another word", "as it was")


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at held-out row `index`, hidden anew from the seed `draw`, with the share of the hyperparameter."""
    fills = filler(trainer, "masking")
    if not isinstance(trainer, Hides):
        raise SpecError("the lens 'masking' needs a network that is trained on hidden words")
    held_out, names = fills.trainer.test[0], fills.spans.classes
    index, draw = int_option(request, "index", 0, 0, len(held_out) - 1), int_option(request, "draw", 1, 1, 50)
    hidden, words = trainer.hidden_anew(index, draw)
    sure, said = words[0].softmax(1).max(1)
    answers = dict(zip(hidden.places[0].tolist(), zip(said.tolist(), sure.tolist(), strict=True), strict=True))
    read, was = hidden.tokens[0].tolist(), held_out[index].tolist()
    fates = [0 if read[at] == MASK else 2 if read[at] == was[at] else 1 for at in answers]
    right = sum(word == was[at] for at, (word, _) in answers.items())
    everywhere = range(len(read))
    return sheet(
        Words("What stood there", [f"{names[each]} " for each in was]),
        Words(
            "What the network reads", [f"{names[each]} " for each in read],
            [0.7 * (at in answers) for at in everywhere],
            [f"was: {names[was[at]]}" if at in answers else "" for at in everywhere], "chosen words are tinted",
        ),
        Words(
            "What it puts there", [f"{names[answers[at][0] if at in answers else was[at]]} " for at in everywhere],
            [answers[at][1] if at in answers else 0.0 for at in everywhere],
            [f"right is: {names[was[at]]}" if at in answers else "" for at in everywhere],
            f"{right} of {len(answers)} right; the stronger the colour, the surer",
        ),
        Numbers([(label, str(fates.count(at)), f"of {len(answers)} chosen") for at, label in enumerate(LABELS)]),
        caption=(
            f"{float(str(fills.trainer.hypers.get('mask_share', 0.15))):.0%} of the tokens are chosen, anew in every "
            "step, whole words first. Of these eight in ten become [MASK], one becomes another word, one stays: so the "
            "network may trust no word, and has to think of every place."
        ),
        controls=(
            Slider("index", "Held-out row", index, 0, len(held_out) - 1),
            Slider("draw", "Hide anew", draw, 1, 50),
        ),
    )  # fmt: skip
