"""Lenses that lead back to pictures: codes, switches, transposed convolutions, units followed to the pixels."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from explorer import lenses
from explorer.engine.messages import Json, LensRequest
from explorer.lenses.transposed_convolution import INPUT
from explorer.lenses.unit_to_pixels import _rectifying
from explorer.spec import SpecError
from explorer.training.supervised import SupervisedTrainer, evaluating
from tests.lenses.test_sheets import parts
from tests.lenses.trainers import assert_unseen, look, trained

CODES = ("reconstruction", "code_plane", "code_walk")


def supervised(task: str, steps: int = 3) -> SupervisedTrainer:
    return cast(SupervisedTrainer, trained("deconvolution", task, steps))


@pytest.mark.parametrize("lens", CODES)
@pytest.mark.parametrize("task", ["mnist", "emoji", "denoise"])
def test_codes_of_every_size_colour_and_noise_can_be_looked_at(task: str, lens: str) -> None:
    assert_unseen("deconvolution", task, lens)


@pytest.mark.parametrize("lens", ["segmentation", "unpooling_switches", "unit_to_pixels", "transposed_convolution"])
def test_looking_at_scenes_leaves_no_trace(lens: str) -> None:
    assert_unseen("deconvolution", "scenes", lens)


@pytest.mark.parametrize("lens", CODES)
def test_a_network_without_halves_is_refused(lens: str) -> None:
    with pytest.raises(SpecError, match="no encoder and decoder"):
        look(trained("cnn", "mnist", 1), lens)


def test_a_reconstruction_is_what_the_network_gives() -> None:
    trainer = supervised("fashion")
    frame = look(trainer, "reconstruction", index=5)
    with evaluating(trainer.model):
        given = trainer.model(trainer.test[0][5:13])
    assert np.abs(frame.arrays["part1"] / 255 - given[:, 0].numpy()).max() < 0.003
    wanted = trainer.pixels(trainer.test[0][5:13])  # type: ignore[attr-defined]
    assert frame.facts["error"] == pytest.approx(float((given - wanted).square().mean()), rel=1e-4)
    assert [part["title"] for part in parts(frame)] == ["Goes in", "Comes out", "Difference", "PCA with 32 numbers"]
    assert len(parts(look(trainer, "reconstruction", pca=False))) == 3


def test_an_own_picture_is_given_back_too() -> None:
    trainer = supervised("mnist")
    own = np.zeros((28, 28), np.uint8)
    own[10:18, 13:15] = 255
    for lens in ("reconstruction", "code_walk"):
        frame = lenses.look(trainer, LensRequest(lens, {"index": 3}, own))
        assert np.isfinite(frame.arrays["part1"]).all()
    frame = lenses.look(trainer, LensRequest("reconstruction", {}, own))
    assert np.array_equal(frame.arrays["part0"][0], own)


def test_a_walk_begins_and_ends_at_the_two_pictures_and_turns_move_only_the_first() -> None:
    trainer = supervised("fashion")
    frame = look(trainer, "code_walk", index=2, to=7)
    with evaluating(trainer.model):
        ends = trainer.model(trainer.test[0][[2, 7]])[:, 0].numpy()
    walked, mixed, hand = (frame.arrays[f"part{n}"] for n in range(3))
    for row in (walked, mixed):
        assert np.abs(row[[0, -1]] / 255 - ends).max() < 0.003
    assert np.array_equal(hand[0], hand[1])
    turned = look(trainer, "code_walk", index=2, to=7, turn1=2.5)
    assert not np.array_equal(turned.arrays["part2"][1], hand[1])
    assert np.array_equal(turned.arrays["part0"], walked)


def test_the_decoded_plane_has_the_middle_code_in_its_middle() -> None:
    trainer = supervised("fashion")
    frame = look(trainer, "code_plane", reach=3)
    with evaluating(trainer.model):
        encoder, decoder = (trainer.model.get_submodule(name) for name in ("encoder", "decoder"))
        middle = decoder(encoder(trainer.test[0][:300]).mean(0, keepdim=True))[0, 0].numpy()
    assert np.abs(frame.arrays["part1"][40] / 255 - middle).max() < 0.01
    again = look(trainer, "code_plane", reach=3)
    assert np.allclose(again.arrays["part0"], frame.arrays["part0"], atol=1e-3)  # what does not change does not move


# ---- transposed convolution ------------------------------------------------------------------------------------------


def table(part: dict[str, Json]) -> np.ndarray:
    """Read the numbers of a table of words back."""
    rows = "".join(cast("list[str]", part["pieces"])).replace("−", "-").replace("·", "nan").strip("\n").split("\n")
    return np.array([[float(each) for each in row.split()] for row in rows])


GEOMETRIES = [(3, 2, 0, 0), (3, 2, 1, 1), (4, 2, 1, 0), (2, 3, 0, 2), (5, 1, 2, 0), (1, 1, 0, 0)]


@pytest.mark.parametrize(("kernel", "stride", "padding", "extra"), GEOMETRIES)
def test_the_output_is_torchs_transposed_convolution(kernel: int, stride: int, padding: int, extra: int) -> None:
    trainer = trained("deconvolution", "mnist", 0)
    frame = look(trainer, "transposed_convolution", kernel=kernel, stride=stride, padding=padding, extra=extra, cell=5)
    weight = torch.arange(1.0, kernel * kernel + 1).view(1, 1, kernel, kernel)
    x = torch.from_numpy(INPUT).float()[None, None]
    wanted = F.conv_transpose2d(x, weight, stride=stride, padding=padding, output_padding=extra)[0, 0]
    assert np.array_equal(table(parts(frame)[3]), wanted.numpy())
    assert frame.facts["side"] == wanted.shape[-1]
    counts = F.conv_transpose2d(torch.ones_like(x), torch.ones_like(weight), None, stride, padding, extra)[0, 0]
    assert np.array_equal(table(parts(frame)[4]), counts.numpy())


def test_a_geometry_that_leaves_nothing_and_a_kernel_that_is_not_there_are_explained() -> None:
    with pytest.raises(SpecError, match=r"2 · 1 − 2 · 2 \+ 1 \+ 0 = −1"):
        look(trained("deconvolution", "mnist", 0), "transposed_convolution", kernel=1, stride=1, padding=2)
    with pytest.raises(SpecError, match="no transposed convolution"):
        look(trained("cnn", "mnist", 0), "transposed_convolution", numbers="learnt")
    frame = look(trained("deconvolution", "mnist", 0), "transposed_convolution", numbers="learnt", kernel=4)
    assert np.isfinite(table(parts(frame)[1])).all()


# ---- switches and units ----------------------------------------------------------------------------------------------


def test_unpooling_by_switches_loses_less_than_repeating_wherever_maps_are_sparse() -> None:
    frame = look(trained("deconvolution", "scenes", 3), "unpooling_switches")
    before, pooled, marks, back = (frame.arrays[f"part{n}"][0] for n in range(4))
    assert (marks > 128).sum() == pooled.size
    assert np.array_equal(back[marks > 128], before[marks > 128])
    assert (back[marks <= 128] == 128).all()


def test_switches_of_any_network_with_max_pooling_and_none_without() -> None:
    assert_unseen("cnn", "mnist", "unpooling_switches")
    with pytest.raises(SpecError, match="belong to max pooling"):
        look(trained("deconvolution", "mnist", 1), "unpooling_switches")


def test_the_rules_of_the_way_back_differ_in_what_a_relu_lets_through() -> None:
    x = torch.tensor([-1.0, 2.0, 3.0], requires_grad=True)
    arriving = torch.tensor([5.0, -5.0, 5.0])
    wanted = {"gradient": [0.0, -5, 5], "deconvnet": [5.0, 0, 5], "guided": [0.0, 0, 5]}
    for rule, back in wanted.items():
        with _rectifying(relu := nn.ReLU(), rule):
            (got,) = torch.autograd.grad(relu(x), x, arriving)
        assert got.tolist() == back, rule
        assert not relu._backward_hooks


def test_a_unit_of_the_first_layer_comes_back_as_its_own_filter() -> None:
    trainer = supervised("scenes", 2)
    frame = look(trainer, "unit_to_pixels", layer="down.0.convs.0.conv", channel=3)
    weight = trainer.model.get_parameter("down.0.convs.0.conv.weight")[3, 0].detach()
    boxes = cast("list[dict[str, Json]]", parts(frame)[0]["boxes"])
    assert frame.arrays["part2"].shape[1:] == (3, 3)
    for tile, picture in enumerate(frame.arrays["part2"]):
        left, top, right, bottom = cast("list[float]", boxes[tile]["box"])
        if (right - left, bottom - top) == (3, 3):  # away from the border
            assert np.corrcoef(picture.flatten(), weight.flatten().numpy())[0, 1] > 0.99
            seen = frame.arrays["part0"][tile, int(top) : int(bottom), int(left) : int(right)]
            assert np.array_equal(frame.arrays["part1"][tile], seen)


def test_units_of_any_network_of_relus_can_be_followed_and_others_are_refused() -> None:
    for rule in ("deconvnet", "gradient", "guided"):
        assert_unseen("cnn", "mnist", "unit_to_pixels", rule=rule)
    with pytest.raises(SpecError, match="did you mean 'guided'"):
        look(trained("cnn", "mnist", 1), "unit_to_pixels", rule="guide")


def test_pixels_without_classes_are_refused() -> None:
    with pytest.raises(SpecError, match="a class for every pixel"):
        look(trained("cnn", "mnist", 1), "segmentation")
