"""Fill the blank: what could stand at each blank of a text, with its probability."""

from __future__ import annotations

from explorer.data.pieces import MASK, SPECIAL
from explorer.data.spans import encode_own
from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._blanks import filler, halves
from explorer.lenses._sheet import Bars, TextField, Words, sheet, text_option
from explorer.training.trainer import Trainer

USUAL = "mr. _ was a very good man, and she was very _ to see him."
MOST, BEST, BLANKS = 300, 10, 3


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the option `text`; an underscore stands for a blank, and without any the last word is one."""
    fills = filler(trainer, "fill_the_blank")
    text = text_option(request.options, "text", USUAL, MOST)
    tokens = encode_own(text)[: fills.room]
    remark = ""
    if MASK not in tokens:
        tokens = [*tokens[:-1], MASK]
        remark = " Your text has no blank, so its last word was taken for one: write _ where you want it."
    row, words, _ = fills.answers(*halves(tokens, fills.room))
    words[:, : len(SPECIAL)] = -float("inf")
    names = fills.spans.classes
    bars = []
    for number, at in enumerate([at for at, token in enumerate(row) if token == MASK][:BLANKS], 1):
        best = words[at].softmax(0).topk(BEST)
        fitting = [names[int(word)] for word in best.indices]
        bars.append(
            Bars(f"Blank {number}", fitting, best.values.tolist(), shares=True, most=max(0.5, float(best.values[0])))
        )
    shown = [f"{names[token]} " if token != MASK else "____ " for token in row]
    return sheet(
        Words("As it is read", shown, [0.4 * (token == MASK) for token in row], note="in word pieces, at most "
              f"{fills.room}; the text is read as two spans"),
        *bars,
        caption=f"Both sides count. What stands after a blank changes what fits: change a word there and see.{remark}",
        controls=(TextField("text", "Your text, with _ for each blank", text, MOST, 2),),
    )  # fmt: skip
