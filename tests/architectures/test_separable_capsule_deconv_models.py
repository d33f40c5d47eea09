"""What Xception, MobileNet, CapsNet and the deconvolutional networks compute, beside their counts."""

from __future__ import annotations

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.architectures.capsnet.model import CapsNet, Mask, Routing, Squash
from explorer.architectures.deconvolution.deconvnet import DeconvNet, Down, Up
from explorer.architectures.deconvolution.fcn import FCN, bilinear
from explorer.architectures.deconvolution.unpooling import Unpooling
from explorer.architectures.deconvolution.zfnet import ZFNet
from explorer.architectures.mobilenet.model import MobileNet
from explorer.architectures.xception.model import ResidualModule, SeparableConv, Xception
from explorer.blueprint import Blueprint
from explorer.spec import SpecError, Value
from explorer.tracing.trace import blueprint


def shapes(model: nn.Module, side: int, channels: int = 3) -> dict[str, tuple[int, ...]]:
    """Run on meta and return the shape that every module gives, by its path."""
    found: dict[str, tuple[int, ...]] = {}
    for path, module in model.named_modules():
        module.register_forward_hook(
            lambda _, __, out, path=path: found.update(
                {path: tuple((out[0] if isinstance(out, tuple) else out).shape[1:])}
            )
        )
    with torch.device("meta"):
        model(torch.empty(1, channels, side, side))
    return found


def kept(module: nn.Module) -> list[Tensor]:
    """Return a list that fills with what the module gives."""
    found: list[Tensor] = []

    def note(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        found.append(output)

    module.register_forward_hook(note)
    return found


def outputs(found: Blueprint, *ids: str) -> list[tuple[int, ...]]:
    by_id = {node.id: node.out_shape for node in found.nodes}
    return [by_id[id] for id in ids]


# ---- Xception --------------------------------------------------------------------------------------------------------


def test_xceptions_maps_have_the_sizes_of_figure_5() -> None:
    with torch.device("meta"):
        found = shapes(Xception(), 299)
    assert found["entry_flow.module1"] == (64, 147, 147)
    assert found["entry_flow"] == found["middle_flow.7"] == (728, 19, 19)
    assert found["exit_flow.module13"] == (1024, 10, 10)
    assert found["exit_flow.module14"] == (2048, 10, 10)


def test_a_separable_convolution_is_an_ordinary_one_whose_weights_are_products() -> None:
    torch.manual_seed(0)
    layer = SeparableConv(3, 5, "all", "none").eval()
    x = torch.randn(2, 3, 9, 9)
    whole = layer.pointwise.weight * layer.depthwise.weight[:, 0]  # out, in, 3, 3
    assert torch.allclose(layer(x), layer.norm(F.conv2d(x, whole, padding=1)), atol=1e-5)


@pytest.mark.parametrize("between", ["relu", "elu"])
def test_with_an_activation_between_its_halves_it_is_not(between: str) -> None:
    torch.manual_seed(0)
    layer = SeparableConv(3, 5, "all", between).eval()
    x = torch.randn(2, 3, 9, 9)
    assert not torch.allclose(layer(x) - layer(0 * x), -(layer(-x) - layer(0 * x)), atol=1e-3)


def test_a_module_whose_path_gives_nothing_hands_on_its_input() -> None:
    convolution = partial(SeparableConv, segments="all", between="none")
    module = ResidualModule((4, 4, 4), 1, convolution, residual=True).eval()
    last = module.layers["sepconv2"]
    assert isinstance(last, SeparableConv)
    nn.init.zeros_(last.norm.weight)
    x = torch.randn(1, 4, 6, 6)
    assert torch.equal(module(x), x)
    plain = ResidualModule((4, 4, 4), 1, convolution, residual=False)
    assert not [path for path, _ in plain.named_modules() if "shortcut" in path]


def test_xception_has_one_block_eight_times_and_nothing_between_the_halves() -> None:
    found = blueprint("xception", "xception", {})
    middle = next(group for group in found.groups if group.path == "middle_flow.0")
    assert middle.repeats == tuple(f"middle_flow.{number}" for number in range(1, 8))
    halves = {(a, b) for a, b in found.edges if a.endswith("depthwise")}
    assert len(halves) == 34
    assert all(b == a.replace("depthwise", "pointwise") for a, b in halves)


# ---- MobileNet -------------------------------------------------------------------------------------------------------


def test_mobilenets_maps_have_the_sizes_of_table_1() -> None:
    with torch.device("meta"):
        found = shapes(MobileNet(), 224)
    sides = [found[f"blocks.{number}"] for number in range(13)]
    assert found["stem"] == (32, 112, 112)
    assert [channels for channels, _, _ in sides] == [64, 128, 128, 256, 256, *[512] * 6, 1024, 1024]
    assert [side for _, _, side in sides] == [112, 56, 56, 28, 28, *[14] * 6, 7, 7]


def test_a_block_leaves_the_share_of_work_that_the_paper_says() -> None:
    separable = blueprint("mobilenet", "mobilenet_v1_1.0", {})
    ordinary = blueprint("mobilenet", "mobilenet_v1_1.0", {"convolutions": "ordinary"})
    for number, channels in ((0, 64), (6, 512), (12, 1024)):
        first, second = (
            next(group.macs for group in each.groups if group.path == f"blocks.{number}")
            for each in (separable, ordinary)
        )
        assert first / second == pytest.approx(1 / channels + 1 / 9)


def test_mobilenet_has_relus_without_a_ceiling_and_no_shortcuts() -> None:
    found = blueprint("mobilenet", "mobilenet_v1_1.0", {})
    assert {node.op for node in found.nodes} == {
        "input", "Conv2d", "BatchNorm2d", "ReLU", "AdaptiveAvgPool2d", "Linear",
    }  # fmt: skip


@pytest.mark.parametrize(("width", "nearest"), [(0.3, "0.3125"), (0.99, "1")])
def test_a_width_that_splits_a_channel_is_refused_with_the_product_and_the_nearest(width: float, nearest: str) -> None:
    with pytest.raises(SpecError, match=rf"32 channels × {width} = .* Try {nearest}\."):
        blueprint("mobilenet", "mobilenet_v1_1.0", {"width": width})


def test_mobilenet_answers_for_any_width_and_picture_that_its_knobs_allow() -> None:
    for width, side in ((0.125, 32), (0.15625, 96), (2.0, 64)):
        found = blueprint("mobilenet", "mobilenet_v1_0.25", {"width": width, "image_size": side})
        assert found.output_shape == (1000,)


# ---- CapsNet ---------------------------------------------------------------------------------------------------------


def test_squash_keeps_the_direction_and_makes_lengths_s2_over_1_plus_s2() -> None:
    s = torch.tensor([[3.0, 4.0], [0.03, -0.04], [0.0, 0.0]], requires_grad=True)
    v = Squash()(s)
    length = s.norm(dim=1)
    assert torch.allclose(v.norm(dim=1), length**2 / (1 + length**2))
    assert torch.allclose(F.cosine_similarity(v[:2], s[:2]), torch.ones(2))
    v.sum().backward()
    assert s.grad is not None
    assert bool(s.grad.isfinite().all()), "a capsule of zeros has no slope"


def routed(predictions: Tensor, iterations: int) -> Tensor:
    """Procedure 1 of the paper, written out with loops; predictions: I J D, returns J D."""
    capsules, classes, _ = predictions.shape
    b = torch.zeros(capsules, classes)
    v = torch.zeros(classes, predictions.shape[2])
    for _ in range(iterations):
        c = torch.stack([torch.exp(b[i]) / torch.exp(b[i]).sum() for i in range(capsules)])
        for j in range(classes):
            s = sum((c[i, j] * predictions[i, j] for i in range(capsules)), torch.zeros(()))
            v[j] = s * s.norm() ** 2 / (1 + s.norm() ** 2) / s.norm()
        for i in range(capsules):
            for j in range(classes):
                b[i, j] += predictions[i, j] @ v[j]
    return v


@pytest.mark.parametrize("iterations", [1, 3])
def test_digit_capsules_are_procedure_1(iterations: int) -> None:
    torch.manual_seed(0)
    model = CapsNet(image_size=19, primary_channels=3, digit_dimensions=4, iterations=iterations, decoder=False)
    u = torch.randn(1, 3 * 2 * 2, 8) * 3
    matrices = model.digit_caps.predictions.W  # I J D 8
    by_hand = torch.stack([torch.stack([matrices[i, j] @ u[0, i] for j in range(10)]) for i in range(12)])
    assert torch.allclose(model.digit_caps(u)[0], routed(by_hand.detach(), iterations), atol=1e-5)


def test_what_a_capsule_sends_is_shared_out_among_the_capsules_above() -> None:
    routing = Routing(10, 4, bias=False)
    couplings = kept(routing.coupling)
    routing(torch.randn(2, 10, 7), torch.randn(2, 10, 4, 7))
    assert torch.allclose(couplings[0].sum(1), torch.ones(2, 7))  # one for each of the seven below


def test_routing_more_often_adds_no_parameter_and_is_drawn_as_a_loop_or_step_by_step() -> None:
    once, often, apart = (
        blueprint("capsnet", "capsnet-mnist", knobs)
        for knobs in ({"routing_iterations": 1}, {"routing_iterations": 5}, {"unrolled": True})
    )
    assert once.trainable == often.trainable == apart.trainable
    times = {node.id: node.times for node in often.nodes}
    assert times["digit_caps.routing.agreement"] == times["digit_caps.routing.coupling"] == 5
    assert ("digit_caps.routing:add", "digit_caps.routing.coupling") in often.edges, "the loop has no arrow back"
    assert sum(node.op == "Agreement" for node in apart.nodes) == 3
    assert [(a, b) for a, b, _ in once.links] == [("digit_caps", "primary_caps")]


def test_capsnets_maps_have_the_sizes_of_figure_1() -> None:
    found = blueprint("capsnet", "capsnet-mnist", {})
    assert outputs(found, "conv1", "primary_caps.conv", "primary_caps.squash", "digit_caps.routing.squash", "mask") == [
        (256, 20, 20), (256, 6, 6), (1152, 8), (10, 16), (160,),
    ]  # fmt: skip


def test_primary_capsules_are_groups_of_channels_at_one_place() -> None:
    model = CapsNet(image_size=19, primary_channels=3, decoder=False)
    x = torch.randn(1, 256, 11, 11)
    maps = model.primary_caps.conv(x)[0]  # 24 2 2
    capsule = Squash()(maps[8:16, 1, 0])  # second channel of capsules, second row, first column
    assert torch.allclose(model.primary_caps(x)[0, 4 + 2], capsule, atol=1e-6)


def test_the_mask_keeps_the_longest_capsule_or_the_true_one() -> None:
    v = torch.arange(1.0, 13.0).reshape(1, 3, 4)
    lengths = torch.tensor([[0.1, 0.9, 0.3]])
    assert Mask()(v, lengths).tolist() == [[0.0] * 4 + [5.0, 6.0, 7.0, 8.0] + [0.0] * 4]
    assert Mask()(v, lengths, torch.tensor([2])).tolist() == [[0.0] * 8 + [9.0, 10.0, 11.0, 12.0]]


def test_capsnet_redraws_the_picture_from_the_chosen_capsule_alone() -> None:
    torch.manual_seed(0)
    model = CapsNet(image_size=20, primary_channels=2, digit_dimensions=4).eval()
    drawn, v, lengths = model(torch.rand(2, 1, 20, 20), torch.tensor([3, 7]))
    assert (drawn.shape, v.shape, lengths.shape) == ((2, 400), (2, 10, 4), (2, 10))
    assert torch.allclose(lengths, v.norm(dim=2))
    assert model.decoder is not None
    alone = torch.zeros(2, 10, 4)
    alone[0, 3], alone[1, 7] = v[0, 3], v[1, 7]
    assert torch.allclose(drawn, model.decoder(alone.flatten(1)))


# ---- the deconvolutional family --------------------------------------------------------------------------------------


def test_unpooling_puts_every_maximum_back_where_it_stood() -> None:
    torch.manual_seed(0)
    x = torch.randn(2, 3, 8, 6)
    pooled, switches = F.max_pool2d(x, 2, return_indices=True)
    back = Unpooling()(pooled, switches, (8, 6))
    assert torch.equal(back, torch.where(back != 0, x, 0.0))
    assert int((back != 0).sum()) == pooled.numel()
    assert torch.equal(back, F.max_unpool2d(pooled, switches, [2, 2]))


def test_the_deconvnets_filters_are_the_convnets_and_the_adjoint_of_its_convolutions() -> None:
    torch.manual_seed(0)
    model = ZFNet(97, start=5)
    assert model.deconvnet is not None
    for name, layer in model.layers.items():
        back = model.deconvnet.layers[name].get_submodule("filters")
        forth = layer.get_submodule("filters")
        assert isinstance(forth, nn.Conv2d)
        assert isinstance(back, nn.ConvTranspose2d)
        assert back.weight is forth.weight
        x = torch.randn(1, forth.in_channels, 15, 15)
        y = forth(x) - forth(0 * x)  # without the bias
        r = torch.randn_like(y)
        assert torch.allclose((y * r).sum(), (x * back(r, output_size=[15, 15])).sum(), rtol=1e-3, atol=1e-2)


def test_zfnets_maps_have_the_sizes_of_figure_3() -> None:
    found = blueprint("deconvolution", "zfnet", {})
    filters = [f"layers.layer{number}.filters" for number in range(1, 6)]
    assert [shape[1] for shape in outputs(found, *filters)] == [110, 26, 13, 13, 13]
    pools = [f"layers.layer{number}.pool" for number in (1, 2, 5)]
    assert [shape[1] for shape in outputs(found, *pools)] == [55, 13, 6]


def test_switches_travel_from_each_pooling_to_its_unpooling() -> None:
    found = blueprint("deconvolution", "zfnet", {"deconvnet": "layer 4"})
    for layer in (1, 2):
        assert (f"layers.layer{layer}.pool", f"deconvnet.layers.layer{layer}.unpool") in found.edges
    shared = {node.id: node.shared for node in found.nodes if node.shared}
    assert shared == {f"deconvnet.layers.layer{n}.filters": f"layers.layer{n}.filters" for n in range(1, 5)}
    assert outputs(found, "deconvnet.layers.layer1.filters") == [(3, 225, 225)]
    mirrored = blueprint("deconvolution", "deconvnet-noh", {})
    for stage in range(1, 6):
        assert (f"conv{stage}.pool", f"deconv{stage}.unpool") in mirrored.edges


@pytest.mark.parametrize("start", [1, 2, 3, 4, 5])
def test_a_reconstruction_touches_only_pixels_that_its_unit_sees(start: int) -> None:
    torch.manual_seed(0)
    model = ZFNet(97, start).eval()
    _, pixels = model(torch.randn(1, 3, 97, 97))
    rows = pixels[0].abs().sum((0, 2)).nonzero().flatten()
    sees = {1: 7, 2: 27, 3: 75, 4: 107, 5: 139}[start]  # 1 + 6, + 2·2 + 4·4, + 2·8 + 2·16, + 2·16, + 2·16
    assert pixels.shape == (1, 3, 97, 97)
    assert 0 < int(rows.max() - rows.min()) + 1 <= sees


def test_deconvnet_mirrors_its_way_down() -> None:
    with torch.device("meta"):
        found = shapes(DeconvNet().eval(), 224)
    assert found["fc6"] == found["fc7"] == (4096, 1, 1)
    assert found["deconv_fc6"] == (512, 7, 7)
    assert [found[f"deconv{stage}"] for stage in range(5, 0, -1)] == [
        (512, 14, 14), (256, 28, 28), (128, 56, 56), (64, 112, 112), (64, 224, 224),
    ]  # fmt: skip


def test_a_stage_up_starts_from_the_places_that_its_stage_down_kept() -> None:
    torch.manual_seed(0)
    down, up = Down((2, 3), False), Up((3, 2), False)
    pooled, switches = down(torch.randn(1, 2, 6, 6))
    seen = kept(up.unpool)
    assert up(pooled, switches).shape == (1, 2, 6, 6)
    before_pooling = down.convs[0](torch.zeros(1, 2, 6, 6))
    assert seen[0].shape == before_pooling.shape
    assert torch.equal(seen[0].flatten(2).gather(2, switches.flatten(2)), pooled.flatten(2))


@pytest.mark.parametrize("size", [225, 250, 500])
def test_a_picture_that_deconvnet_cannot_halve_five_times_is_refused_with_the_sum(size: int) -> None:
    with pytest.raises(SpecError, match=rf"{size} / 32 = .* Try \d+"):
        blueprint("deconvolution", "deconvnet-noh", {"image_size": size})


@pytest.mark.parametrize("factor", [2, 8])
def test_the_fixed_kernel_interpolates_between_neighbours(factor: int) -> None:
    torch.manual_seed(0)
    x = torch.randn(1, 2, 5, 5)
    up = F.conv_transpose2d(x, bilinear(2, factor), stride=factor, padding=factor // 2)
    wanted = F.interpolate(x, scale_factor=factor, mode="bilinear", align_corners=False)
    inner = slice(factor, -factor)  # at the border the kernel fades to zero, interpolation repeats the edge
    assert torch.allclose(up[..., inner, inner], wanted[..., inner, inner], atol=1e-5)


@pytest.mark.parametrize("stride", [32, 16, 8])
def test_fcn_answers_for_every_pixel_of_a_picture_of_any_size(stride: int) -> None:
    with torch.device("meta"):
        model = FCN(stride)
        for size in (32, 33, 63, 224, 499, 501):
            assert model(torch.empty(1, 3, size, size + 7)).shape == (1, 21, size, size + 7)


@pytest.mark.parametrize("stride", [32, 16, 8])
def test_fcns_crops_lay_maps_over_each_other_by_their_middles(stride: int) -> None:
    """The middle of cell 0 of each map, in pixels of the picture: what is added together must lie together."""
    with torch.device("meta"):
        model = FCN(stride)
    border = 99  # 100 of padding, of which the first convolution takes one
    pool3, pool4, score = 3.5 - border, 7.5 - border, 32 * 3 + 15.5 - border
    here, cell = score, 32
    for fuse, pooled in ((model.fuse_pool4, pool4), (model.fuse_pool3, pool3)):
        if fuse is not None:
            here, cell = here - 1.5 * cell / 2, cell // 2  # a kernel of four: cell 0 ends up at 1.5
            assert pooled + fuse.crop.offset * cell == here
    assert cell == stride
    assert here - (stride - 0.5) + model.crop.offset == 0


@pytest.mark.parametrize(
    ("id", "knobs"),
    [
        ("fcn8s-vgg16", {"num_classes": 60, "image_size": 321}), ("fcn16s-vgg16", {"image_size": 32}),
        ("zfnet", {"image_size": 97, "deconvnet": "layer 5"}), ("zfnet", {"image_size": 224, "deconvnet": "layer 3"}),
        ("deconvnet-noh", {"image_size": 256, "num_classes": 2}),
    ],
)  # fmt: skip
def test_other_sizes_and_classes_are_traced(id: str, knobs: dict[str, Value]) -> None:
    found = blueprint("deconvolution", id, knobs)
    classes = 1000 if id == "zfnet" else knobs.get("num_classes", 21)
    assert found.output_shape[0] == classes
