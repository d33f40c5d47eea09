from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from explorer import lenses
from explorer.engine.messages import LensRequest
from explorer.spec import SpecError
from tests.lenses.nets import Standing, odd, same, state

METHODS = ("saliency", "integrated", "gradcam")


@pytest.mark.parametrize("method", METHODS)
def test_looking_changes_nothing(method: str) -> None:
    trainer = odd()
    trainer.model(trainer.test[0]).sum().backward()
    before = state(trainer)
    frame = lenses.look(trainer, LensRequest("saliency", {"method": method, "target": 1}))
    assert same(before, state(trainer))
    assert frame.arrays["map"].shape == ((7, 6) if method == "gradcam" else (13, 12))
    assert frame.facts["target"] == 1
    assert np.isfinite(frame.arrays["map"]).all()


def test_saliency_is_the_largest_gradient_over_colours() -> None:
    trainer = odd()
    values = lenses.look(trainer, LensRequest("saliency", {"target": 2, "index": 4})).arrays["map"]
    x = trainer.test[0][4:5].clone().requires_grad_()
    (gradient,) = torch.autograd.grad(trainer.model.eval()(x)[0, 2], x)
    np.testing.assert_allclose(values, gradient[0].abs().amax(0), atol=1e-6)


def test_integrated_shares_add_up_to_the_rise_of_the_score() -> None:
    trainer = Standing(nn.Sequential(nn.Conv2d(1, 3, 3), nn.Tanh(), nn.Flatten(), nn.Linear(48, 2)), (1, 6, 6), 2)
    shares = lenses.look(trainer, LensRequest("saliency", {"method": "integrated", "target": 0})).arrays["map"]
    x = trainer.test[0][:1]
    with torch.no_grad():
        rise = trainer.model(x)[0, 0] - trainer.model(torch.full_like(x, float(trainer.test[0].min())))[0, 0]
    assert shares.sum() == pytest.approx(float(rise), abs=0.02)


def test_without_a_target_the_likeliest_class_is_asked_about() -> None:
    trainer = odd()
    with torch.no_grad():
        likeliest = int(trainer.model.eval()(trainer.test[0][2:3]).argmax())
    assert lenses.look(trainer, LensRequest("saliency", {"index": 2})).facts["target"] == likeliest


def test_one_logit_speaks_for_two_classes() -> None:
    trainer = Standing(nn.Sequential(nn.Flatten(), nn.Linear(36, 1)), (1, 6, 6), 2, "binary")
    first, second = (
        lenses.look(trainer, LensRequest("saliency", {"method": "integrated", "target": each})).arrays["map"]
        for each in (0, 1)
    )
    np.testing.assert_allclose(first, -second, atol=1e-6)


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(SpecError, match="did you mean 'gradcam'"):
        lenses.look(odd(), LensRequest("saliency", {"method": "grad-cam"}))
    dense = Standing(nn.Sequential(nn.Flatten(), nn.Linear(36, 3)), (1, 6, 6))
    with pytest.raises(SpecError, match="has none"):
        lenses.look(dense, LensRequest("saliency", {"method": "gradcam"}))
    assert dense.model.training
