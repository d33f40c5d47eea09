from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from explorer import catalog, lenses
from explorer.engine.messages import LensRequest
from explorer.runspec import make_spec
from explorer.spec import SpecError
from explorer.training.factory import make_trainer
from tests.lenses.nets import Standing, same, state


def net() -> Standing:
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Linear(2, 4), nn.Tanh(), nn.Dropout(0.5), nn.Linear(4, 1))
    return Standing(layers, (2,), 2, "binary")


def test_every_neuron_is_its_inputs_times_weights_plus_bias() -> None:
    point = np.array([0.3, -0.7], np.float32)
    frame = lenses.look(net(), LensRequest("point", {}, point))
    a = frame.arrays
    np.testing.assert_allclose(a["inputs_0"], point)
    for layer in (0, 1):
        total = a[f"weights_{layer}"] @ a[f"inputs_{layer}"] + a[f"biases_{layer}"]
        np.testing.assert_allclose(total, a[f"sums_{layer}"], atol=1e-6)
    np.testing.assert_allclose(a["answers_0"], np.tanh(a["sums_0"]), atol=1e-6)
    np.testing.assert_allclose(a["inputs_1"], a["answers_0"], atol=1e-6)
    assert a["outputs"][1] == pytest.approx(1 / (1 + np.exp(-a["sums_1"][0])), abs=1e-6)
    assert [layer["fed_by"] for layer in frame.facts["layers"]] == [[], [0]]  # type: ignore[index,union-attr]


def test_looking_changes_nothing() -> None:
    trainer = net()
    before = state(trainer)
    lenses.look(trainer, LensRequest("point", {"index": 5}))
    assert same(before, state(trainer))


@pytest.mark.parametrize("point", [np.zeros(3, np.float32), np.array([np.nan, 0.0], np.float32)])
def test_a_point_that_does_not_fit_is_refused(point: np.ndarray) -> None:
    with pytest.raises(SpecError, match="2,"):
        lenses.look(net(), LensRequest("point", {}, point))


def test_the_surface_agrees_with_the_network() -> None:
    trainer = net()
    frame = lenses.look(trainer, LensRequest("point"))
    span = float(str(frame.facts["span"]))
    x, y = (10 + 0.5) * 2 * span / 64 - span, -((3 + 0.5) * 2 * span / 64 - span)
    with torch.no_grad():
        expected = trainer.model.eval()(torch.tensor([[x, y]])).sigmoid()
    assert frame.arrays["surfaces"][1, 3, 10] == pytest.approx(float(expected) * 255, abs=1)


@pytest.mark.parametrize("task", ["and", "clouds", "digits01"])
def test_two_perceptrons_side_by_side(task: str) -> None:
    trainer = make_trainer(make_spec(catalog.get("perceptron"), task), torch.device("cpu"))
    a = lenses.look(trainer, LensRequest("point")).arrays
    assert a["answers_0"][0] == float(a["sums_0"][0] > 0)
    assert a["outputs"][1] == pytest.approx(1 / (1 + np.exp(-a["sums_1"][0])), abs=1e-6)
    assert ("picture" in a) == (task == "digits01")
