"""What comes next after a text: the likeliest tokens as bars."""

from __future__ import annotations

import math

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._sheet import Bars, Numbers, sheet
from explorer.lenses._writing import own_text, writer
from explorer.training.trainer import Trainer

BEST = 12  # bars


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the end of the option `text`."""
    writes = writer(trainer, "next_token")
    own = own_text(writes, request)
    shares = writes.logits(own.tokens)[-1].softmax(0)
    best = shares.topk(min(BEST, len(shares)))
    unsure = float(-(shares * shares.clamp_min(1e-30).log()).sum())
    read = min(len(own.tokens), writes.text.context)
    return sheet(
        Bars("Next", [writes.name(int(at)) for at in best.indices], best.values.tolist(), shares=True, most=1.0),
        Numbers((
            ("as unsure as between", f"{math.exp(unsure):.1f}", f"equal ones, of {len(shares)}: e to the entropy"),
            ("tokens it looks at", str(read), f"the last ones of your text; at most {writes.text.context}"),
        )),
        caption=own.caption(
            "One question, one answer: how likely is each token to come next? "
            "Writing is nothing but asking this again and again."
        ),
        controls=(own.field,),
    )  # fmt: skip
