"""A held-out stretch of a series: what came, what the network told one step ahead, and how it goes on by itself."""

from __future__ import annotations

from typing import cast

import numpy as np
from torch import Tensor

from explorer.data.series import Continued
from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option
from explorer.lenses._sheet import Line, Lines, Numbers, Slider, sheet
from explorer.spec import SpecError
from explorer.training.forecasting import Forecaster
from explorer.training.trainer import Trainer

BEFORE = 60  # steps of the window that are drawn


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the held-out window that the option `index` names."""
    data = getattr(trainer, "dataset", None)
    if not isinstance(data, Continued) or not hasattr(trainer, "forecast"):
        raise SpecError(f"the lens 'forecast' needs a series to continue; {trainer.spec.task} has none")
    index = int_option(request, "index", 0, 0, len(data.test_inputs) - 1)
    found = cast("Forecaster", trainer).forecast(index)
    seen, told, free, true = (
        data.written(_numbers(each)) for each in (found.seen, found.one_step, found.free, found.true)
    )
    before = min(BEFORE, len(seen))
    gap, ahead = np.full(before, np.nan), np.full(len(true), np.nan)
    begins = data.begins + data.stride * index
    error = float(np.sqrt(np.mean((free - true) ** 2)) / max(1e-12, float(data.future.std() * data.spread)))
    return sheet(
        Lines(
            "Going on by itself",
            (
                Line("what came", np.concatenate([seen[-before:], true]), wide=True),
                Line("one step", np.concatenate([[np.nan], told[-before:], ahead[1:]])),
                Line("running free", np.concatenate([gap, free]), dashed=True),
            ),
            np.arange(-before, len(true)) + begins, "year" if data.unit else "step", width=720, height=260,
            note=data.unit,
        ),
        Numbers([("NRMSE of this stretch", f"{error:.3f}", f"{len(true)} steps, running free")]),
        caption=(
            "To the left it is told every true value. Along the dashed line it hears only its own answers: small "
            "errors come back as inputs and grow. The broad line is what came."
        ),
        controls=(Slider("index", "Held-out stretch", index, 0, len(data.test_inputs) - 1),),
    )  # fmt: skip


def _numbers(values: Tensor) -> np.ndarray:
    return values.double().cpu().numpy()
