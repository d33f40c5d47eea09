"""The verdict on two texts of your own: what the network answers to the question it learnt about pairs."""

from __future__ import annotations

from explorer.data.spans import encode_own
from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._blanks import filler
from explorer.lenses._sheet import Bars, TextField, Words, sheet, text_option
from explorer.training.trainer import Trainer

FIRST = "she was very glad to see him, and he"
SECOND = "was as glad to be seen by her."
MOST = 200


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the options `first` and `second`."""
    fills = filler(trainer, "pair_verdict")
    texts = [text_option(request.options, name, usual, MOST) for name, usual in (("first", FIRST), ("second", SECOND))]
    first, second = (encode_own(text)[: fills.room // 2] for text in texts)
    row, _, pair = fills.answers(first, second)
    shares, first_ends = pair.softmax(0).tolist(), len(first) + 1
    remark = "" if first and second else " Write something into both fields: an empty text is no half of a pair."
    return sheet(
        Bars(fills.spans.question, [*fills.spans.answers], shares, shares=True, most=1.0),
        Words(
            "As it is read", [f"{fills.spans.classes[token]} " for token in row],
            [0.5 * (at > first_ends) for at in range(len(row))],
            ["B" if at > first_ends else "A" for at in range(len(row))],
            f"at most {fills.room // 2} word pieces of each; B, tinted, is told apart by an embedding of its own",
        ),
        caption=(
            "The vector at [CLS] answers. It means nothing by itself, so it is free to gather what both texts say "
            "together. How far it may be trusted say the curves: half of all answers are right by guessing." + remark
        ),
        controls=(
            TextField("first", "A", texts[0], MOST, 2),
            TextField("second", "B", texts[1], MOST, 2),
        ),
    )  # fmt: skip
