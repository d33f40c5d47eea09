"""What G makes of the same noise, now and at earlier steps."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._game import playing, shown
from explorer.lenses._looking import int_option
from explorer.lenses._sheet import Slider, Tiles, sheet
from explorer.training.trainer import Trainer

REAL = 16


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at pictures from fixed noise; option `moment`: which of the kept steps, one beyond the last is now."""
    game = playing(trainer, "samples", "pictures")
    kept = {step: made for step, made in game.kept.items() if step < game.steps_done}
    moment = int_option(request, "moment", len(kept), 0, len(kept))
    now = moment == len(kept)
    step = game.steps_done if now else list(kept)[moment]
    made = game.still() if now else kept[step]
    words = [f"step {each:,}" for each in kept] + ["now"]
    return sheet(
        Tiles(f"Made at step {step:,}", _tiles(made), note="the same noise at every step", columns=8, side=52),
        Tiles("Real ones", shown(game.real[:REAL]), note="G never sees them", columns=8, side=52),
        caption="One picture keeps its noise. What changes is what G makes of it, because D keeps raising its demands.",
        controls=(Slider("moment", "When", moment, 0, len(kept), 1, words),) if kept else (),
    )


def _tiles(made: Tensor) -> np.ndarray:
    """Return uint8 (N, C, H, W) as pictures."""
    return (made[:, 0] if made.shape[1] == 1 else made.permute(0, 2, 3, 1)).cpu().numpy()
