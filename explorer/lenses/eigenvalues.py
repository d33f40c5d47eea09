"""The eigenvalues of a reservoir's recurrent weights in the complex plane, beside the unit circle."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._reservoir import echoing, kept
from explorer.lenses._sheet import Numbers, Points, Switch, sheet
from explorer.training.trainer import Trainer

CIRCLE = 180  # points that draw it


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at W; with the option `leaky`, at (1 − a) I + a W, which is what the state goes through near rest."""
    network, _ = echoing(trainer, "eigenvalues")
    leaky, leak = bool(request.options.get("leaky", False)), network.reservoir.leak
    found = kept(trainer, "eigenvalues", "W", lambda: _eigenvalues(network.reservoir.W.weight)).cpu().numpy()
    if leaky:
        found = (1 - leak) * np.array([1.0, 0.0]) + leak * found
    radius = float(np.hypot(*found.T).max())
    angles = np.linspace(0, 2 * np.pi, CIRCLE, endpoint=False)
    circle = np.stack([np.cos(angles), np.sin(angles)], 1)
    return sheet(
        Points(
            "Eigenvalues", np.concatenate([circle, found]), np.repeat([0, 1], [CIRCLE, len(found)]),
            ("unit circle", "eigenvalue"), span=1.1 * max(1.0, radius), note="real part across, imaginary part up",
        ),
        Numbers((("largest |λ|", f"{radius:.3f}", "the spectral radius"), ("leak a", f"{leak:g}", ""))),
        caption=(
            "Turning the spectral radius makes the cloud larger or smaller as a whole. Inside the circle an echo near "
            "silence fades; outside it grows until tanh holds it, or the input does."
        ),
        controls=(Switch("leaky", "With the leak", leaky),),
    )  # fmt: skip


def _eigenvalues(weights: Tensor) -> Tensor:
    """Return real and imaginary parts, (units, 2)."""
    return torch.view_as_real(torch.linalg.eigvals(weights.detach().cpu()))
