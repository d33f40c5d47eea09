from __future__ import annotations

from typing import cast

import numpy as np
import pytest
import torch
from torch import nn

from explorer import catalog, lenses
from explorer.engine.messages import Frame, LensRequest
from explorer.runspec import make_spec
from explorer.spec import SpecError
from explorer.training.factory import make_trainer
from tests.lenses.nets import Odd, Standing, odd, same, state


def look(trainer: Standing, **options: str | int) -> Frame:
    return lenses.look(trainer, LensRequest("inspect", options))


def value_of_cell(frame: Frame, channel: int, row: int, column: int) -> float:
    """Sum patch × kernel over all input maps, cell by cell, as the page does."""
    a = frame.arrays
    chosen = cast("dict[str, list[int]]", frame.facts["chosen"])
    first, channels, groups = (cast(int, chosen[name]) for name in ("first", "channels", "groups"))
    (sy, sx), (py, px), (dy, dx) = chosen["stride"], chosen["padding"], chosen["dilation"]
    kernel = a["kernels"][channel - first]
    group = channel // (channels // groups)
    total = float(a["biases"][channel - first])
    for i, j, k in np.ndindex(*kernel.shape):
        y, x = row * sy - py + j * dy, column * sx - px + k * dx
        if 0 <= y < a["inputs"].shape[1] and 0 <= x < a["inputs"].shape[2]:
            total += float(a["inputs"][group * kernel.shape[0] + i, y, x] * kernel[i, j, k])
    return total


@pytest.mark.parametrize("layer", ["stem", "wide", "narrow", "fc"])
def test_contributions_and_bias_add_up_to_the_sum(layer: str) -> None:
    for channel in (0, 2):
        frame = look(odd(), layer=layer, channel=channel, index=3)
        total = frame.arrays["contributions"].sum(0) + frame.arrays["biases"][channel]
        np.testing.assert_allclose(total, frame.arrays["sums"][channel], atol=1e-5)


@pytest.mark.parametrize("layer", ["stem", "wide", "narrow", "fc"])
def test_patch_times_kernel_is_the_cell(layer: str) -> None:
    frame = look(odd(), layer=layer, index=3)
    for channel, row, column in np.ndindex(*frame.arrays["sums"].shape):
        assert value_of_cell(frame, channel, row, column) == pytest.approx(
            frame.arrays["sums"][channel, row, column], abs=1e-5
        )


def test_a_layer_is_shown_with_what_follows_it_cell_by_cell() -> None:
    trainer = odd()
    frame = look(trainer, layer="stem")
    layers = {layer["path"]: layer for layer in frame.facts["layers"]}  # type: ignore[index,union-attr]
    assert list(layers) == ["stem", "wide", "narrow", "pool", "fc"]
    assert layers["stem"]["follows"] == ["ReLU"]
    assert layers["wide"]["follows"] == ["BatchNorm2d"]
    assert [layers[path]["kind"] for path in ("stem", "pool", "fc")] == ["convolution", "pooling", "linear"]
    np.testing.assert_allclose(frame.arrays["left"], np.maximum(frame.arrays["sums"], 0))
    with torch.no_grad():
        expected = trainer.model.eval()(trainer.test[0][:1]).softmax(1)[0]
    np.testing.assert_allclose(frame.arrays["probabilities"], expected, atol=1e-6)


@pytest.mark.parametrize("layer", ["stem", "wide", "narrow"])
def test_a_cell_sees_what_its_gradient_says(layer: str) -> None:
    """With all weights positive and linear layers only, the gradient is non-zero exactly where the cell can see."""
    trainer = odd()
    with torch.no_grad():
        for parameter in trainer.model.parameters():
            parameter.abs_().add_(0.1)
    model = trainer.model.eval()
    assert isinstance(model, Odd)
    rows, columns = (look(trainer, layer=layer).arrays[f"fields_{axis}"] for axis in ("rows", "columns"))
    x = torch.ones(1, 2, 13, 12, requires_grad=True)
    output = model.stem(x) if layer == "stem" else model.get_submodule(layer)(model.stem(x))
    for i, j in ((0, 0), (3, 2), (output.shape[2] - 1, output.shape[3] - 1)):
        (gradient,) = torch.autograd.grad(output[0, :, i, j].sum(), x, retain_graph=True)
        y, z = np.nonzero(gradient[0].sum(0).numpy())
        assert rows[i].tolist() == [y.min(), y.max()]
        assert columns[j].tolist() == [z.min(), z.max()]


def test_looking_changes_nothing() -> None:
    trainer = odd()
    trainer.model(trainer.test[0]).sum().backward()
    before = state(trainer)
    random = torch.get_rng_state()
    look(trainer, layer="wide")
    assert same(before, state(trainer))
    assert torch.equal(random, torch.get_rng_state())


def test_hooks_are_gone_even_when_the_network_raises() -> None:
    trainer = odd()
    trainer.model.get_submodule("fc").register_forward_pre_hook(lambda *_: 1 / 0)
    before = [len(module._forward_hooks) for module in trainer.model.modules()]
    with pytest.raises(ZeroDivisionError):
        look(trainer)
    assert [len(module._forward_hooks) for module in trainer.model.modules()] == before
    assert trainer.model.training


def test_an_own_picture_is_brought_to_the_range_of_the_held_out_ones() -> None:
    trainer = odd()
    own = np.random.default_rng(1).integers(0, 256, (2, 13, 12), np.uint8)
    frame = lenses.look(trainer, LensRequest("inspect", {"layer": "stem"}, own))
    low, high = (float(each) for each in trainer.test[0].aminmax())
    np.testing.assert_allclose(frame.arrays["inputs"], low + own * ((high - low) / 255), atol=1e-5)
    assert frame.facts["target"] is None


@pytest.mark.parametrize(
    "own", [np.zeros((2, 13, 11), np.uint8), np.zeros((2, 13, 12), np.float32), np.zeros(3, np.uint8)]
)
def test_a_picture_that_does_not_fit_is_refused(own: np.ndarray) -> None:
    with pytest.raises(SpecError, match="expected 2 × 13 × 12"):
        lenses.look(odd(), LensRequest("inspect", {}, own))


def test_an_unknown_layer_is_named_with_the_nearest() -> None:
    with pytest.raises(SpecError, match="did you mean 'stem'"):
        look(odd(), layer="stm")


def test_a_dense_layer_on_pictures_shows_its_weights_as_pictures() -> None:
    net = nn.Sequential(nn.Flatten(), nn.Linear(36, 5), nn.Tanh(), nn.Linear(5, 3))
    trainer = Standing(net, (1, 6, 6))
    first, last = look(trainer, layer="1"), look(trainer, layer="3")
    assert first.arrays["kernels"].shape == (5, 1, 6, 6)
    assert last.arrays["kernels"].shape == (3, 1, 1, 5)
    assert value_of_cell(last, 1, 0, 0) == pytest.approx(float(last.arrays["sums"][1, 0, 0]), abs=1e-5)


@pytest.mark.parametrize(
    ("key", "task"), [("cnn", "mnist"), ("cnn", "fashion"), ("cnn", "emoji"), ("feed_forward", "mnist")]
)
def test_the_networks_of_the_catalog_can_be_taken_apart(key: str, task: str) -> None:
    trainer = make_trainer(make_spec(catalog.get(key), task), torch.device("cpu"))
    frame = lenses.look(trainer, LensRequest("inspect", {"channel": 1}))
    total = frame.arrays["contributions"].sum(0) + frame.arrays["biases"][1]
    np.testing.assert_allclose(total, frame.arrays["sums"][1], atol=1e-4)


def test_a_cell_of_the_second_convolution_sees_fourteen_rows() -> None:
    """Five of a pooled map, each the largest of two, each seen through five: 4 · 2 + 2 + 4 = 14."""
    trainer = make_trainer(make_spec(catalog.get("cnn"), "mnist"), torch.device("cpu"))
    arrays = lenses.look(trainer, LensRequest("inspect")).arrays
    spans = [int(last - first + 1) for first, last in arrays["fields_rows"]]
    assert max(spans) == 14
    assert spans[len(spans) // 2] == 14


def test_without_a_channel_the_strongest_is_chosen() -> None:
    frame = look(odd(), layer="stem", index=2)
    chosen = frame.facts["chosen"]
    assert isinstance(chosen, dict)
    assert chosen["channel"] == frame.arrays["left"].max((1, 2)).argmax()


@pytest.mark.parametrize(("layer", "sees"), [("stem", True), ("wide", False), ("fc", False)])
def test_only_the_first_layer_sees_the_picture_itself(layer: str, sees: bool) -> None:
    chosen = look(odd(), layer=layer).facts["chosen"]
    assert isinstance(chosen, dict)
    assert chosen["sees_picture"] is sees


def test_a_colour_picture_is_seen_colour_by_colour() -> None:
    trainer = make_trainer(make_spec(catalog.get("cnn"), "emoji"), torch.device("cpu"))
    own = np.zeros((3, 32, 32), np.uint8)
    own[0, 4:9, 4:9], own[2] = 200, 90
    first = next(name for name, module in trainer.model.named_modules() if isinstance(module, nn.Conv2d))
    frame = lenses.look(trainer, LensRequest("inspect", {"layer": first, "channel": 0}, own))
    low, high = (float(each) for each in trainer.test[0].aminmax())  # type: ignore[attr-defined]
    np.testing.assert_allclose(frame.arrays["inputs"], low + own * ((high - low) / 255), atol=1e-4)
    assert frame.arrays["contributions"].shape[0] == 3
    for row, column in ((0, 0), (6, 6), (15, 15)):
        expected = frame.arrays["sums"][0, row, column]
        assert value_of_cell(frame, 0, row, column) == pytest.approx(expected, abs=1e-4)
