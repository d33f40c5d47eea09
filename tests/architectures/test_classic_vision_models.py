"""What VGG, AlexNet, OverFeat and Network in Network compute, beside their counts."""

from __future__ import annotations

from importlib import import_module

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer import catalog
from explorer.architectures.alexnet import model as alexnet
from explorer.architectures.nin import model as nin
from explorer.architectures.overfeat import model as overfeat
from explorer.architectures.vgg import model as vgg
from explorer.blueprint import Blueprint
from explorer.spec import SpecError, Value
from explorer.tracing.trace import blueprint


def built(key: str, id: str, **chosen: Value) -> nn.Module:
    """Build a variant with numbers in it; chosen knobs make it small enough to run."""
    card = catalog.get(key)
    torch.manual_seed(0)
    return import_module(f"explorer.architectures.{key}.model").build(card.settings(card.variant(id), chosen)).eval()


def shape_after(found: Blueprint, path: str) -> tuple[int, ...]:
    """Return the output shape of a node, or of the last node inside a block."""
    return [node.out_shape for node in found.nodes if node.id == path or node.id.startswith(f"{path}.")][-1]


# ---- VGG -------------------------------------------------------------------------------------------------------------


def test_vgg_halves_the_side_and_doubles_the_maps_up_to_512() -> None:
    found = blueprint("vgg", "vgg16", {})
    shapes = [shape_after(found, f"stages.{place}") for place in range(5)]
    assert shapes == [(64, 112, 112), (128, 56, 56), (256, 28, 28), (512, 14, 14), (512, 7, 7)]


@pytest.mark.parametrize(("count", "seen"), [(1, 3), (2, 5), (3, 7), (4, 9)])
def test_stacked_windows_of_three_see_two_pixels_more_each(count: int, seen: int) -> None:
    stage = vgg.Stage(1, 2, (3,) * count, pool=False)
    for layer in stage.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.ones_(layer.weight)  # positive throughout: ReLU hides nothing
    image = torch.ones(1, 1, 21, 21, requires_grad=True)
    stage(image)[0, 0, 10, 10].backward()
    assert image.grad is not None
    touched = image.grad[0, 0].nonzero()
    assert (touched.max(0).values - touched.min(0).values + 1).tolist() == [seen, seen]


def test_vgg_computes_the_same_as_the_layers_written_one_after_the_other() -> None:
    model = built("vgg", "vgg16-c", width=8, hidden=64, image_size=32, num_classes=5)
    layers = [each for each in model.modules() if isinstance(each, nn.Conv2d | nn.Linear)]
    assert [each.kernel_size[0] for each in layers if isinstance(each, nn.Conv2d)] == [3] * 6 + [1, 3, 3, 1, 3, 3, 1]
    x = image = torch.randn(2, 3, 32, 32)
    for number, layer in enumerate(layers, 1):
        x = layer(torch.flatten(x, 1) if isinstance(layer, nn.Linear) else x)
        x = torch.relu(x) if number < len(layers) else x
        x = F.max_pool2d(x, 2) if number in (2, 4, 7, 10, 13) else x
    assert torch.allclose(model(image), x, atol=1e-5)


def test_the_forms_with_batch_norm_normalise_after_every_convolution() -> None:
    model = built("vgg", "vgg13_bn", width=8, hidden=64, image_size=32)
    kinds = [type(each) for each in model.modules() if isinstance(each, nn.Conv2d | nn.BatchNorm2d | nn.ReLU)]
    assert kinds[: 10 * 3] == [nn.Conv2d, nn.BatchNorm2d, nn.ReLU] * 10


def test_vggs_stages_serve_networks_with_a_wide_border_and_with_switches() -> None:
    with torch.device("meta"):
        first, *_ = vgg.stages(border=100)
        assert first(torch.empty(1, 3, 500, 500)).shape == (1, 64, 349, 349)
        *_, last = vgg.stages(ceil_mode=True)
        assert last(torch.empty(1, 512, 15, 15)).shape == (1, 512, 8, 8)
        open_end = vgg.stages(pool=False)[0]
        assert open_end(torch.empty(1, 3, 8, 8)).shape == (1, 64, 8, 8)


@pytest.mark.parametrize(("image_size", "nearest"), [(100, 96), (250, 256), (33, 32)])
def test_an_image_that_vgg_cannot_halve_five_times_is_refused_with_the_sum(image_size: int, nearest: int) -> None:
    with pytest.raises(SpecError, match=rf"{image_size} / 2\^5 = .* Try {nearest}\."):
        blueprint("vgg", "vgg16", {"image_size": image_size})


@pytest.mark.parametrize("convolutions", [(1,), (8, 8, 8, 8, 8), (1, 2, 3)])
def test_vggs_of_other_depths_are_built(convolutions: tuple[int, ...]) -> None:
    found = blueprint("vgg", "vgg16", {"convolutions": convolutions, "image_size": 64})
    assert sum(node.op == "Conv2d" for node in found.nodes) == sum(convolutions)
    assert shape_after(found, f"stages.{len(convolutions) - 1}")[1] == 64 // 2 ** len(convolutions)


def test_too_many_stages_are_refused() -> None:
    with pytest.raises(SpecError, match="7 stages; take 1 to 6"):
        blueprint("vgg", "vgg16", {"convolutions": (1,) * 7})


# ---- AlexNet ---------------------------------------------------------------------------------------------------------

SMALL = {"image_size": 67, "hidden": 64, "num_classes": 5}


def test_alexnets_maps_have_the_sizes_of_figure_2() -> None:
    found = blueprint("alexnet", "alexnet-2012", {})
    shapes = {node.id: node.out_shape for node in found.nodes}
    for tower in (0, 1):
        assert shapes[f"conv1.towers.{tower}"] == (48, 55, 55)
        assert shapes[f"conv2.towers.{tower}"] == (128, 27, 27)
        assert shapes[f"conv3.towers.{tower}"] == shapes[f"conv4.towers.{tower}"] == (192, 13, 13)
        assert shapes[f"conv5.towers.{tower}"] == (128, 13, 13)
        assert shapes[f"conv5.pool.{tower}"] == (128, 6, 6)


def test_two_towers_are_a_convolution_in_two_groups_except_in_the_third_layer() -> None:
    model = built("alexnet", "alexnet-2012", response_norm=False, **SMALL)
    assert isinstance(model, alexnet.AlexNet)

    def convolved(layer: alexnet.ConvLayer, x: Tensor, groups: int, **place: int) -> Tensor:
        weights = torch.cat([each.weight for each in layer.towers])  # type: ignore[misc]
        biases = torch.cat([each.bias for each in layer.towers])  # type: ignore[misc]
        return torch.relu(F.conv2d(x, weights, biases, groups=groups, **place))

    image = torch.randn(2, 3, 67, 67)
    x = F.max_pool2d(convolved(model.conv1, image, 1, stride=4), 3, 2)
    x = F.max_pool2d(convolved(model.conv2, x, 2, padding=2), 3, 2)
    x = convolved(model.conv3, x, 1, padding=1)
    x = convolved(model.conv4, x, 2, padding=1)
    x = F.max_pool2d(convolved(model.conv5, x, 2, padding=1), 3, 2)
    expected = model.fc8(model.fc7(model.fc6(torch.flatten(x, 1))))
    assert torch.allclose(model(image), expected, atol=1e-5)


def test_the_towers_are_strangers_before_the_third_layer() -> None:
    model = built("alexnet", "alexnet-2012", **SMALL)
    assert isinstance(model, alexnet.AlexNet)
    mine, other = (torch.rand(1, 48, 7, 7, requires_grad=True) for _ in range(2))
    maps = model.conv2([mine, other])
    maps[0].sum().backward(retain_graph=True)
    assert mine.grad is not None
    assert other.grad is None
    model.conv3(maps)[0].sum().backward()
    assert other.grad is not None


def test_response_normalisation_follows_the_papers_formula() -> None:
    a = torch.rand(2, 8, 3, 3) * 50
    expected = torch.empty_like(a)
    for i in range(8):
        neighbours = a[:, max(0, i - 2) : min(7, i + 2) + 1]
        expected[:, i] = a[:, i] / (2 + 1e-4 * neighbours.square().sum(1)) ** 0.75
    assert torch.allclose(alexnet.response_norm()(a), expected, rtol=1e-5)


def test_an_image_of_224_is_refused_with_the_sum_and_fits_the_form_with_a_border() -> None:
    with pytest.raises(SpecError, match=r"\(224 − 11\) / 4 \+ 1 = 54\.25 .* Try 223 or 227"):
        blueprint("alexnet", "alexnet-2012", {"image_size": 224})
    assert shape_after(blueprint("alexnet", "alexnet-torchvision", {}), "conv1.towers.0") == (64, 55, 55)


@pytest.mark.parametrize("image_size", [67, 227, 231, 515])
@pytest.mark.parametrize("window", [2, 3])
def test_alexnets_of_other_sizes_and_poolings_are_built(image_size: int, window: int) -> None:
    found = blueprint("alexnet", "alexnet-2012", {"image_size": image_size, "pool_window": window})
    assert found.output_shape == (1000,)


@pytest.mark.parametrize("image_size", [67, 224, 300])
def test_the_form_with_a_border_takes_any_image_to_six_by_six(image_size: int) -> None:
    found = blueprint("alexnet", "alexnet-torchvision", {"image_size": image_size})
    assert shape_after(found, "average") == (256, 6, 6)
    assert found.parameters == catalog.get("alexnet").variant("alexnet-torchvision").parameters


def test_dropout_falls_on_outputs_in_2012_and_on_inputs_in_todays_code() -> None:
    late, early = (alexnet.FullyConnected(50, 400, dropout_first) for dropout_first in (False, True))
    x = torch.ones(1, 50)
    for layer in (late, early):
        nn.init.zeros_(layer.linear.weight)
        nn.init.ones_(layer.linear.bias)
    assert set(late(x)[0].tolist()) == {0.0, 2.0}
    assert set(early(x)[0].tolist()) == {1.0}


# ---- OverFeat --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("id", "shapes"),
    [
        ("overfeat-fast", [(96, 28), (256, 12), (512, 12), (1024, 12), (1024, 6), (3072, 1)]),
        ("overfeat-accurate", [(96, 36), (256, 15), (512, 15), (512, 15), (1024, 15), (1024, 5)]),
    ],
)  # fmt: skip
def test_overfeats_maps_have_the_sizes_of_its_tables(id: str, shapes: list[tuple[int, int]]) -> None:
    found = blueprint("overfeat", id, {})
    assert [shape_after(found, f"layers.{place}")[:2] for place in range(6)] == shapes
    assert found.output_shape == (1000, 1, 1)


@pytest.mark.parametrize(
    ("id", "image_size", "answers"),
    [
        ("overfeat-fast", 231, 1), ("overfeat-fast", 263, 2), ("overfeat-fast", 583, 12),
        ("overfeat-accurate", 221, 1), ("overfeat-accurate", 245, 1), ("overfeat-accurate", 257, 2),
        ("overfeat-accurate", 581, 11),
    ],
)  # fmt: skip
def test_a_larger_image_gives_a_map_of_answers(id: str, image_size: int, answers: int) -> None:
    assert blueprint("overfeat", id, {"image_size": image_size}).output_shape == (1000, answers, answers)


def test_sliding_costs_less_than_cutting_windows_out() -> None:
    one, four = (blueprint("overfeat", "overfeat-accurate", {"image_size": size}).macs for size in (221, 257))
    assert (round(4 * one / 1e9, 1), round(four / 1e9, 1)) == (21.4, 8.0)


def test_the_answer_at_a_place_is_that_of_the_window_cut_out() -> None:
    rows = (
        overfeat.Row(4, 7, stride=2, pool=3), overfeat.Row(6, 7, pool=2), overfeat.Row(8, 3, pool=3),
        overfeat.Row(8, 3), overfeat.Row(8, 1), overfeat.Row(5, 1),
    )  # fmt: skip
    torch.manual_seed(0)
    model = overfeat.Classifier(rows, num_classes=5).eval()  # no borders inside: then the two agree exactly
    window = next(size for size in range(7, 999, 2) if overfeat._last_side(size, rows) == 3)
    image = torch.randn(1, 3, window + 36, window + 36)
    answers = model(image)
    assert answers.shape == (1, 5, 2, 2)
    for down in (0, 1):
        for right in (0, 1):
            cut = image[..., 36 * down : 36 * down + window, 36 * right : 36 * right + window]
            assert torch.allclose(model(cut)[..., 0, 0], answers[..., down, right], atol=1e-6)


@pytest.mark.parametrize(("id", "numbers"), [("overfeat-regressor-scr", 4), ("overfeat-regressor-pcr", 4000)])
def test_the_regressor_draws_a_box_from_every_five_by_five_cells(id: str, numbers: int) -> None:
    found = blueprint("overfeat", id, {"map_side": 7, "feature_maps": 1024})
    assert found.input_shape == (1024, 7, 7)
    assert found.output_shape == (numbers, 3, 3)


def test_a_box_for_each_class_follows_the_number_of_classes() -> None:
    assert blueprint("overfeat", "overfeat-regressor-pcr", {"num_classes": 20}).output_shape == (80, 1, 1)


@pytest.mark.parametrize(
    ("id", "image_size", "sum_and_hint"),
    [
        ("overfeat-fast", 240, r"\(240 − 11\) / 4 \+ 1 = 58\.25 .* Try 239\."),
        ("overfeat-accurate", 224, r"\(224 − 7\) / 2 \+ 1 = 109\.5 .* Try 22[35]\."),
    ],
)
def test_an_image_that_overfeats_first_windows_do_not_cover_is_refused(
    id: str, image_size: int, sum_and_hint: str
) -> None:
    with pytest.raises(SpecError, match=sum_and_hint):
        blueprint("overfeat", id, {"image_size": image_size})


def test_an_image_too_small_for_overfeats_full_layers_is_refused() -> None:
    with pytest.raises(SpecError, match=r"of 199 leaves maps of 4 × 4, but layer 7 needs 5 × 5\. Try 221\."):
        overfeat.check(199, overfeat.ACCURATE)


# ---- Network in Network ----------------------------------------------------------------------------------------------


def test_nins_maps_halve_and_end_in_one_for_each_class() -> None:
    found = blueprint("nin", "nin-cifar10", {})
    assert [shape_after(found, f"mlpconv.{place}") for place in range(3)] == [(96, 16, 16), (192, 8, 8), (10, 8, 8)]
    assert shape_after(found, "average") == (10, 1, 1)
    found = blueprint("nin", "nin-imagenet", {})
    assert [shape_after(found, f"mlpconv.{place}")[1] for place in range(4)] == [27, 13, 6, 6]


def test_an_mlpconv_layer_is_a_perceptron_at_every_place() -> None:
    torch.manual_seed(0)
    layer = nin.MLPConv(3, nin.Row(5, 12, 9, 7, padding=2), 7, mlp_layers=2, last=True)
    convolutions = [each for each in layer if isinstance(each, nn.Conv2d)]
    image = torch.randn(1, 3, 6, 6)
    patches = F.unfold(image, 5, padding=2)[0].T  # a row of 75 numbers for each of 36 places
    for each in convolutions:
        assert each.bias is not None
        patches = torch.relu(F.linear(patches, each.weight.flatten(1), each.bias))
    assert torch.allclose(layer(image)[0].flatten(1), patches.T, atol=1e-6)


def test_the_answer_is_the_mean_of_the_last_maps_or_their_largest_cell() -> None:
    image = torch.randn(2, 3, 16, 16)
    for read_out, expected in (("average", lambda maps: maps.mean((2, 3))), ("max", lambda maps: maps.amax((2, 3)))):
        model = built("nin", "nin-cifar10", read_out=read_out)
        assert isinstance(model, nin.NiN)
        maps = image
        for layer in model.mlpconv:
            maps = layer(maps)
        assert torch.allclose(model(image), expected(maps), atol=1e-6)


def test_only_the_dense_read_out_has_parameters() -> None:
    counts = {
        read_out: blueprint("nin", "nin-cifar10", {"read_out": read_out}).parameters
        for read_out in ("average", "max", "dense")
    }
    assert counts["average"] == counts["max"] == counts["dense"] - (10 * 8 * 8 + 1) * 10


@pytest.mark.parametrize("mlp_layers", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("id", ["nin-cifar10", "nin-imagenet"])
def test_nins_of_other_depths_keep_the_widths_between_the_blocks(id: str, mlp_layers: int) -> None:
    found, usual = blueprint("nin", id, {"mlp_layers": mlp_layers}), blueprint("nin", id, {})
    blocks = [group.path for group in usual.groups if group.path]
    assert sum(node.op == "Conv2d" for node in found.nodes) == len(blocks) * (1 + mlp_layers)
    assert [shape_after(found, path) for path in blocks] == [shape_after(usual, path) for path in blocks]


@pytest.mark.parametrize("image_size", [8, 9, 31, 33, 128])
def test_nin_takes_images_of_any_side(image_size: int) -> None:
    for read_out in ("average", "dense"):
        knobs = {"image_size": image_size, "read_out": read_out}
        assert blueprint("nin", "nin-cifar10", knobs).output_shape == (10,)


def test_an_image_that_is_used_up_on_the_way_is_refused() -> None:
    with pytest.raises(SpecError, match=r"an image of 38 .* \+ 1 .* Try 39"):
        blueprint("nin", "nin-imagenet", {"image_size": 38})
    assert blueprint("nin", "nin-imagenet", {"image_size": 39}).output_shape == (1000,)


# ---- all of them -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["alexnet", "overfeat", "vgg", "nin"])
def test_folded_up_each_explains_itself_in_a_dozen_blocks(key: str) -> None:
    for variant in catalog.get(key).variants:
        root = blueprint(key, variant.id, {}).groups[0]
        assert 4 <= len(root.members) <= 12, variant.id
