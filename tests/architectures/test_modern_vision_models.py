"""What ResNet, GoogLeNet and SqueezeNet compute, beside their counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from explorer.architectures.googlenet import model as googlenet
from explorer.architectures.resnet import model as resnet
from explorer.architectures.squeezenet import model as squeezenet


def sizes(model: nn.Module, image: Tensor) -> dict[str, tuple[int, ...]]:
    """Return the shape, without the batch, of what each direct child gives."""
    found: dict[str, tuple[int, ...]] = {}

    def note(name: str) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        return lambda module, inputs, output: found.update({name: tuple(output.shape[1:])})

    for name, module in model.named_children():
        module.register_forward_hook(note(name))
    model(image)
    return found


def on_meta(build: Callable[[], nn.Module], side: int) -> dict[str, tuple[int, ...]]:
    with torch.device("meta"):
        return sizes(build(), torch.empty(1, 3, side, side))


def silence(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
    return torch.zeros_like(output)


# ---- ResNet ----------------------------------------------------------------------------------------------------------


def test_resnet_50_has_the_map_sizes_of_table_1() -> None:
    found = on_meta(lambda: resnet.ResNet((3, 4, 6, 3), 64, resnet.Design(bottleneck=True)), 224)
    assert found == {
        "conv1": (64, 112, 112), "pool": (64, 56, 56), "conv2": (256, 56, 56), "conv3": (512, 28, 28),
        "conv4": (1024, 14, 14), "conv5": (2048, 7, 7), "average": (2048, 1, 1), "fc": (1000,),
    }  # fmt: skip


def test_a_cifar_net_has_the_maps_and_filters_of_section_4_2() -> None:
    found = on_meta(lambda: resnet.CifarResNet((3, 3, 3), 16, resnet.Design(bottleneck=False, padded=True)), 32)
    assert (found["conv1"], found["conv2"]) == ((16, 32, 32), (16, 32, 32))
    assert (found["conv3"], found["conv4"], found["fc"]) == ((32, 16, 16), (64, 8, 8), (10,))


@pytest.mark.parametrize("multiplier", [1, 2])
def test_the_trunk_is_the_net_without_its_last_layer(multiplier: int) -> None:
    torch.manual_seed(0)
    trunk = resnet.resnet50_trunk(multiplier).eval()
    whole = resnet.ResNet((3, 4, 6, 3), 64 * multiplier, resnet.Design(bottleneck=True)).eval()
    missing = whole.load_state_dict(trunk.state_dict(), strict=False)
    assert missing.missing_keys == ["fc.weight", "fc.bias"]
    image = torch.randn(2, 3, 33, 40)
    features = trunk(image)
    assert features.shape == (2, trunk.features) == (2, 2048 * multiplier)
    assert torch.allclose(whole.fc(features), whole(image), atol=1e-5)


def convolved(x: Tensor, conv: nn.Conv2d, norm: nn.BatchNorm2d, stride: int) -> Tensor:
    x = F.conv2d(x, conv.weight, stride=stride, padding=conv.weight.shape[-1] // 2)
    mean, variance = x.mean((0, 2, 3), keepdim=True), x.var((0, 2, 3), unbiased=False, keepdim=True)
    x = (x - mean) / (variance + 1e-5).sqrt()
    return x * norm.weight[:, None, None] + norm.bias[:, None, None]


@pytest.mark.parametrize(("stride_in", "strides"), [("1×1", (2, 1, 1)), ("3×3", (1, 2, 1))])
def test_a_bottleneck_adds_its_projected_input_to_three_convolutions(
    stride_in: str, strides: tuple[int, int, int]
) -> None:
    torch.manual_seed(0)
    block = resnet.Bottleneck(6, 4, 2, resnet.Design(bottleneck=True, stride_in=stride_in))
    x = torch.randn(3, 6, 8, 8)
    y = convolved(x, block.conv1, block.norm1, strides[0]).relu()
    y = convolved(y, block.conv2, block.norm2, strides[1]).relu()
    y = convolved(y, block.conv3, block.norm3, strides[2])
    projection = [block.get_submodule(f"shortcut.{name}") for name in ("conv", "norm")]
    assert isinstance(projection[0], nn.Conv2d)
    assert isinstance(projection[1], nn.BatchNorm2d)
    shortcut = convolved(x, projection[0], projection[1], 2)
    assert torch.allclose(block(x), (y + shortcut).relu(), atol=1e-5)


@pytest.mark.parametrize("bottleneck", [False, True])
def test_a_block_whose_residual_is_zero_lets_its_input_through_and_a_plain_one_loses_it(bottleneck: bool) -> None:
    for residual in (True, False):
        design = resnet.Design(bottleneck, residual)
        block = resnet.Bottleneck(8, 2, 1, design) if bottleneck else resnet.BasicBlock(8, 8, 1, design)
        last = block.norm3 if isinstance(block, resnet.Bottleneck) else block.norm2
        nn.init.zeros_(last.weight)
        x = torch.randn(2, 8, 5, 5)
        assert torch.equal(block(x), x.relu() if residual else torch.zeros_like(x))


def test_a_padded_shortcut_takes_every_second_pixel_and_adds_empty_channels() -> None:
    x = torch.randn(2, 3, 6, 6)
    y = resnet.PaddedShortcut(extra=3, stride=2)(x)
    assert torch.equal(y[:, :3], x[..., ::2, ::2])
    assert y.shape == (2, 6, 3, 3)
    assert not y[:, 3:].any()


def test_a_plain_net_is_the_residual_one_without_shortcuts() -> None:
    plain, residual = (resnet.ResNet((1, 2, 1, 1), 4, resnet.Design(True, each)) for each in (False, True))
    names = {name for name, _ in residual.named_parameters()}
    assert {name for name, _ in plain.named_parameters()} == {name for name in names if ".shortcut." not in name}
    assert any(".shortcut." in name for name in names)


# ---- GoogLeNet -------------------------------------------------------------------------------------------------------

PAPER, MODERN = googlenet.Design(modern=False), googlenet.Design(modern=True)


@pytest.mark.parametrize("design", [PAPER, MODERN])
def test_googlenet_has_the_map_sizes_of_table_1(design: googlenet.Design) -> None:
    found = on_meta(lambda: googlenet.GoogLeNet(design, heads=True), 224)
    assert found["stem"] == (192, 28, 28)
    given = {name.removeprefix("inception_"): shape for name, shape in found.items() if name.startswith("inception")}
    assert given == {
        "3a": (256, 28, 28), "3b": (480, 28, 28), "4a": (512, 14, 14), "4b": (512, 14, 14), "4c": (512, 14, 14),
        "4d": (528, 14, 14), "4e": (832, 14, 14), "5a": (832, 7, 7), "5b": (1024, 7, 7),
    }  # fmt: skip
    assert found["aux1"] == found["aux2"] == found["fc"] == (1000,)


@pytest.mark.parametrize(("design", "kernel"), [(PAPER, 5), (MODERN, 3)])
def test_the_four_branches_read_the_same_maps_and_stand_side_by_side(design: googlenet.Design, kernel: int) -> None:
    torch.manual_seed(0)
    module = googlenet.Inception(6, googlenet.Widths(2, 3, 4, 5, 7, 8), design).eval()
    assert module.get_submodule("conv5x5.conv").kernel_size == (kernel, kernel)
    x = torch.randn(2, 6, 9, 9)
    parts = module(x).split([2, 4, 7, 8], dim=1)
    for part, branch in zip(parts, (module.conv1x1, module.conv3x3, module.conv5x5, module.pool_proj), strict=True):
        assert torch.equal(part, branch(x))
    projection = module.get_submodule("pool_proj.proj")
    assert isinstance(projection, nn.Conv2d)
    if design is PAPER:
        largest = F.max_pool2d(x, 3, stride=1, padding=1)
        assert torch.allclose(parts[3], F.conv2d(largest, projection.weight, projection.bias).relu(), atol=1e-6)


def test_heads_look_at_4a_and_4d_and_idle_ones_at_no_picture() -> None:
    torch.manual_seed(0)
    design = googlenet.Design(modern=False, width=0.25)
    net = googlenet.GoogLeNet(design, heads=True, image_size=96, num_classes=5).eval()
    image = torch.randn(3, 3, 96, 96)
    logits, first, second = net(image)
    assert logits.shape == first.shape == second.shape == (3, 5)
    net.idle = True
    answers = net(image)
    assert torch.equal(answers[0], logits)
    assert answers[1].shape == answers[2].shape == (0, 5)
    net.idle = False
    net.inception_4e.register_forward_hook(silence)
    changed = net(image)
    assert torch.equal(changed[1], first)  # what comes later does not reach the heads
    assert torch.equal(changed[2], second)
    assert not torch.equal(changed[0], logits)
    net.inception_4b.register_forward_hook(silence)
    changed = net(image)
    assert torch.equal(changed[1], first)
    assert not torch.equal(changed[2], second)


def test_modern_googlenet_has_neither_response_normalisation_nor_biases_in_its_convolutions() -> None:
    for design in (PAPER, MODERN):
        with torch.device("meta"):
            layers = list(googlenet.GoogLeNet(design, heads=False).modules())
        assert any(isinstance(one, nn.LocalResponseNorm) for one in layers) == (design is PAPER)
        assert all((one.bias is None) == design.modern for one in layers if isinstance(one, nn.Conv2d))
        assert sum(isinstance(one, nn.Conv2d) for one in layers) == 57


# ---- SqueezeNet ------------------------------------------------------------------------------------------------------

DEFAULT = squeezenet.Metaparameters()


def test_squeezenet_has_the_map_sizes_of_table_1_on_a_picture_of_227() -> None:
    found = on_meta(lambda: squeezenet.SqueezeNet(squeezenet.V1_0, DEFAULT), 227)
    assert (found["conv1"], found["pool1"]) == ((96, 111, 111), (96, 55, 55))
    assert (found["fire2"], found["fire3"], found["fire4"]) == ((128, 55, 55), (128, 55, 55), (256, 55, 55))
    assert (found["pool4"], found["fire5"], found["fire6"]) == ((256, 27, 27), (256, 27, 27), (384, 27, 27))
    assert (found["fire7"], found["fire8"], found["pool8"]) == ((384, 27, 27), (512, 27, 27), (512, 13, 13))
    assert (found["fire9"], found["conv10"], found["average"]) == ((512, 13, 13), (1000, 13, 13), (1000, 1, 1))


def test_the_metaparameters_make_the_filters_of_table_1() -> None:
    made = [DEFAULT.filters(number) for number in squeezenet.FIRES]
    assert [one.squeeze for one in made] == [16, 16, 32, 32, 48, 48, 64, 64]
    assert [one.expand1x1 for one in made] == [one.expand3x3 for one in made] == [64, 64, 128, 128, 192, 192, 256, 256]


def test_a_fire_module_expands_what_it_squeezed_in_two_sizes() -> None:
    torch.manual_seed(0)
    module = squeezenet.Fire(5, squeezenet.Filters(3, 4, 6))
    x = torch.randn(2, 5, 7, 7)
    few = F.conv2d(x, module.squeeze.weight, module.squeeze.bias).relu()
    small = F.conv2d(few, module.expand1x1.weight, module.expand1x1.bias).relu()
    large = F.conv2d(few, module.expand3x3.weight, module.expand3x3.bias, padding=1).relu()
    assert torch.allclose(module(x), torch.cat((small, large), 1), atol=1e-6)


def test_one_of_each_kind_of_filter_is_left_at_the_ends_of_the_ranges() -> None:
    for ratio, share in ((0.01, 0.01), (1.0, 0.99)):
        least = squeezenet.Metaparameters(16, 0, share, ratio).filters(2)
        assert least.expand == 16
        assert min(least.squeeze, least.expand1x1, least.expand3x3) >= 1


@pytest.mark.parametrize(
    ("bypass", "wires", "convolutions"),
    [("none", set(), set()), ("simple", {3, 5, 7, 9}, set()), ("complex", {3, 5, 7, 9}, {2, 4, 6, 8})],
)
def test_a_bypass_adds_what_goes_into_a_module_to_what_comes_out(
    bypass: str, wires: set[int], convolutions: set[int]
) -> None:
    torch.manual_seed(0)
    meta = squeezenet.Metaparameters(base_e=16, incr_e=8)
    net = squeezenet.SqueezeNet(squeezenet.V1_0, meta, bypass, num_classes=3).eval()
    around = {number: getattr(net, f"bypass{number}") for number in squeezenet.FIRES}
    assert {number for number, one in around.items() if isinstance(one, nn.Identity)} == wires
    assert {number for number, one in around.items() if isinstance(one, nn.Conv2d)} == convolutions
    outputs: dict[int, Tensor] = {}
    inputs: dict[int, Tensor] = {}

    def note(number: int) -> Callable[[nn.Module, tuple[Tensor, ...], Tensor], None]:
        def noted(module: nn.Module, given: tuple[Tensor, ...], output: Tensor) -> None:
            inputs[number], outputs[number] = given[0], output

        return noted

    for number in squeezenet.FIRES:
        net.get_submodule(f"fire{number}").register_forward_hook(note(number))
    net(torch.randn(1, 3, 64, 64))
    for number in (2, 3, 5, 6, 7):  # the next module reads the sum at once, without pooling in between
        added = 0 if around[number] is None else around[number](inputs[number])
        assert torch.allclose(inputs[number + 1], outputs[number] + added, atol=1e-6)
