"""Writing with the network: what comes next, to be reshaped in the browser, and tokens written after a text.

The page gets the logits once; temperature, top-k and top-p act on them there, without asking again. Array `logits`
(V,) float32 belongs to the end of the text. Facts: `names` of the tokens; with option `more` > 0 also `added`, a list
of what was written, as pieces with the share at which each was drawn, and `answer`, the `more` that it answers.
"""

from __future__ import annotations

import numpy as np

from explorer.engine.messages import Frame, Json, LensRequest
from explorer.lenses._looking import int_option
from explorer.lenses._sheet import Control, Slider, TextField, sheet, text_option
from explorer.lenses._writing import USUAL, Manner, own_text, writer
from explorer.training.trainer import Trainer

MOST = 1200  # characters of the text that are sent along
ADDED = 40  # tokens
TOP_K = (1, 2, 3, 5, 10, 20, 40, 0)  # 0: all
CAPTION = (
    "The network only gives shares; how to draw from them is up to you. The temperature sharpens or flattens them, "
    "top-k keeps so many, top-p keeps the likeliest that hold so much together. All three act here, on the page: the "
    "network is asked once for each text."
)


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the end of the option `text`; `more` > 0 asks for forty tokens more, drawn by the other options."""
    writes = writer(trainer, "writing")
    own = own_text(writes, request, USUAL, MOST)
    tenths = int_option(request, "temperature", 8, 1, 20)
    top_k = int_option(request, "top_k", len(TOP_K) - 1, 0, len(TOP_K) - 1)
    top_p = int_option(request, "top_p", 100, 5, 100)
    seed, more = int_option(request, "seed", 1, 1, 99), int_option(request, "more", 0, 0, 10**9)
    facts: dict[str, Json] = {
        "component": "writer",
        "names": [writes.name(token) for token in range(len(writes.text.classes))],
        "answer": more,
        "top_ks": list(TOP_K),
        "context": writes.text.context,
        "read": len(own.tokens),
        "remark": own.remark,
    }
    if more:
        drawn = writes.written(own.tokens, ADDED, Manner(tenths / 10, TOP_K[top_k], top_p / 100), seed + more)
        facts["added"] = [[writes.text.classes[token], share] for token, share in drawn]
    controls: tuple[Control, ...] = (
        TextField("text", "How it begins", text_option(request.options, "text", USUAL, MOST), MOST, 3),
        Slider("temperature", "Temperature", tenths, 1, 20, 1, [f"{n / 10:.1f}" for n in range(1, 21)]),
        Slider("top_k", "Top-k", top_k, 0, len(TOP_K) - 1, 1, ["all" if k == 0 else str(k) for k in TOP_K]),
        Slider("top_p", "Top-p", top_p, 5, 100, 5, [f"{n / 100:.2f}" for n in range(5, 101, 5)]),
        Slider("seed", "Luck", seed, 1, 99),
        Slider("more", "More", more, 0, 10**9),
    )
    drawn_from = sheet(caption=CAPTION, controls=controls, facts=facts)
    logits = writes.logits(own.tokens)[-1].float().cpu().numpy()
    return Frame({"logits": logits.astype(np.float32)}, drawn_from.facts)
