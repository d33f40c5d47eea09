"""A sentence of one's own and what the network makes of it, word by word, with the probability of each."""

from __future__ import annotations

import numpy as np

from explorer.data.tokens import SPECIAL, joined
from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option
from explorer.lenses._sheet import Bars, Choice, Slider, TextField, Words, sheet, text_option
from explorer.spec import SpecError, nearest
from explorer.training.reading import Hypothesis, Translates, Translation
from explorer.training.trainer import Trainer

MOST_CHARACTERS = 300
CANDIDATES = 8  # next words that are shown
WAYS = {"greedy": "the likeliest word each time", "beam": "beam of 4: four beginnings side by side"}
BEAM = 4  # as in the paper, sec. 6.1


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Translate the option `text`, or held-out text `index`; `way` is greedy or beam, `step` the word looked at.

    Raises SpecError for a network that does not translate, another way, and a text that cannot be read.
    """
    if not isinstance(trainer, Translates):
        raise SpecError(f"{trainer.spec.architecture} does not turn one text into another")
    way = str(request.options.get("way", "greedy"))
    if way not in WAYS:
        raise SpecError(f"no way to write is called '{way}'; {nearest(way, WAYS)}")
    text = text_option(request.options, "text", "", MOST_CHARACTERS)
    found = trainer.translate(text, int_option(request, "index", 0, 0, 10**9), BEAM if way == "beam" else 1)
    best = found.hypotheses[0]
    step = int_option(request, "step", 0, 0, len(best.words) - 1)
    order = np.argsort(-found.steps[step])[:CANDIDATES]
    said = joined(best.words[:step]) or "nothing yet"
    return sheet(
        Words("It reads", found.source, note="as tokens; <end> closes the sentence"),
        Words(
            "It writes", best.words, best.shares, tuple(f"{share:.1%}" for share in best.shares),
            note="the stronger the colour, the surer; click a word to see what else it might have said",
            pick="step", chosen=step,
        ),
        Bars(
            f"Word {step + 1}, having said: {said}", tuple(found.vocabulary[each] for each in order),
            tuple(float(found.steps[step][each]) for each in order), shares=True, most=1.0,
            hand=next((at for at, each in enumerate(order) if found.vocabulary[each] == best.words[step]), -1),
        ),
        *([_rivals(found)] if way == "beam" else []),
        caption=_caption(found),
        controls=(
            TextField("text", "Your own English", text, MOST_CHARACTERS, 1),
            Choice("way", "Word by word", way, tuple(WAYS.items())),
            Slider("step", "Word", step, 0, len(best.words) - 1, 1, best.words),
        ),
    )  # fmt: skip


def _rivals(found: Translation) -> Bars:
    """Return the beginnings that were kept to the end, by their probability as a whole."""
    return Bars(
        "Sentences kept to the end",
        tuple(joined(word for word in each.words if word not in SPECIAL) or "(nothing)" for each in found.hypotheses),
        tuple(_whole(each) for each in found.hypotheses),
        note="probability of all words together",
        shares=True,
        most=1.0,
        hand=0,
    )


def _whole(hypothesis: Hypothesis) -> float:
    return float(np.prod(hypothesis.shares))


def _caption(found: Translation) -> str:
    says = joined(word for word in found.hypotheses[0].words if word not in SPECIAL) or "(nothing)"
    right = f" Right would be: {joined(found.right)}." if found.right else ""
    notes = "".join(f" {note}" for note in found.notes)
    return f"It says: {says}. {_whole(found.hypotheses[0]):.0%} for the whole sentence.{right}{notes}"
