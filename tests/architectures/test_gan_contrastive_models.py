"""What generative adversarial and contrastive networks compute, beside their counts."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn

from explorer import catalog
from explorer.architectures.gan import model as gan
from explorer.spec import Knob, SpecError, Value
from explorer.tracing.trace import blueprint

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


def small_dcgan(id: str, **chosen: Value) -> nn.Module:
    card = catalog.get("gan")
    return gan.build(card.settings(card.variant(id), {"width": 4, **chosen}))


def normalised(model: nn.Module) -> list[str]:
    """Names of the outer layers that hold a batch normalisation."""
    return [name for name, layer in model.named_children() if any(isinstance(one, NORMS) for one in layer.modules())]


def test_a_maxout_unit_gives_the_largest_of_its_pieces() -> None:
    layer = gan.Maxout(1, units=2, pieces=3)
    with torch.no_grad():
        layer.linear.weight.copy_(torch.tensor([[1.0], [-1.0], [0.0], [2.0], [3.0], [4.0]]))
        layer.linear.bias.copy_(torch.tensor([0.0, 0.0, 0.5, 0.0, 0.0, 0.0]))
    assert layer(torch.tensor([[2.0], [-2.0], [0.0]])).tolist() == [[2.0, 8.0], [2.0, -4.0], [0.5, 0.0]]


def test_a_maxout_unit_of_two_pieces_can_be_a_rectifier_or_an_absolute_value() -> None:
    layer = gan.Maxout(1, units=2, pieces=2)
    with torch.no_grad():
        layer.linear.weight.copy_(torch.tensor([[1.0], [0.0], [1.0], [-1.0]]))
        layer.linear.bias.zero_()
    x = torch.linspace(-2, 2, 9)[:, None]
    assert torch.equal(layer(x), torch.cat([x.relu(), x.abs()], 1))


@pytest.mark.parametrize("id", ["dcgan-paper-generator", "dcgan-pytorch-generator"])
def test_a_dcgan_generator_doubles_its_maps_up_to_a_picture_between_minus_one_and_one(id: str) -> None:
    model, sides = small_dcgan(id), []
    for layer in model.children():
        layer.register_forward_hook(lambda layer, inputs, output: sides.append(tuple(output.shape[1:])))
    z = torch.randn(3, 100) if "paper" in id else torch.randn(3, 100, 1, 1)
    picture = model(z)
    assert sides == [(32, 4, 4), (16, 8, 8), (8, 16, 16), (4, 32, 32), (3, 64, 64)]
    assert picture.shape == (3, 3, 64, 64)
    assert float(picture.detach().abs().max()) < 1


@pytest.mark.parametrize("id", ["dcgan-paper-discriminator", "dcgan-pytorch-discriminator"])
@pytest.mark.parametrize("image_size", [16, 64])
def test_a_dcgan_discriminator_ends_in_one_probability(id: str, image_size: int) -> None:
    answers = small_dcgan(id, image_size=image_size)(torch.randn(2, 3, image_size, image_size))
    assert answers.numel() == 2
    assert bool(((answers > 0) & (answers < 1)).all())


def test_there_is_no_batch_normalisation_where_generator_ends_and_discriminator_begins() -> None:
    assert normalised(small_dcgan("dcgan-paper-generator")) == ["project", "conv1", "conv2", "conv3"]
    assert normalised(small_dcgan("dcgan-pytorch-generator")) == ["conv1", "conv2", "conv3", "conv4"]
    for id in ("dcgan-paper-discriminator", "dcgan-pytorch-discriminator"):
        assert normalised(small_dcgan(id)) == ["conv2", "conv3", "conv4"]
        assert normalised(small_dcgan(id, batch_norm=False)) == []


def test_dcgan_weights_are_drawn_as_the_paper_says_and_have_no_biases() -> None:
    torch.manual_seed(0)
    for id in ("dcgan-paper-generator", "dcgan-paper-discriminator"):
        model = small_dcgan(id, width=16)
        layers = [one for one in model.modules() if isinstance(one, nn.Conv2d | nn.ConvTranspose2d | nn.Linear)]
        weights = torch.cat([one.weight.detach().flatten() for one in layers])
        assert float(weights.std()) == pytest.approx(0.02, rel=0.02)
        assert all(one.bias is None for one in layers)


@pytest.mark.parametrize(("image_size", "right"), [(28, 32), (63, 64), (5, 8)])
def test_a_picture_that_doubling_does_not_reach_is_refused_with_the_nearest_that_it_does(
    image_size: int, right: int
) -> None:
    with pytest.raises(SpecError, match=rf"{image_size} is not 4 · 2ⁿ; try {right}"):
        gan.doublings(image_size)


def small_game() -> gan.Game:
    torch.manual_seed(0)
    return gan.Game(gan.Generator(5, 16, 9), gan.Discriminator(9, 4, 3)).eval()


def test_the_game_has_the_papers_value_of_which_only_the_second_term_trains_the_generator() -> None:
    game, z, image = small_game(), torch.randn(1, 5), torch.rand(1, 9)
    real, fake = game.discriminator(image), game.discriminator(game.generator(z))
    assert torch.allclose(game(z, image), real.log() + (1 - fake).log())
    game.real_term(game.same_discriminator(image)).sum().backward()
    assert all(one.grad is None for one in game.generator.parameters())
    assert all(one.grad is not None for one in game.discriminator.parameters())
    game.fake_term(game.discriminator(game.generator(z))).sum().backward()
    assert all(one.grad is not None for one in game.generator.parameters())


def test_both_uses_of_the_discriminator_are_one_set_of_numbers() -> None:
    game = small_game()
    pairs = zip(game.discriminator.parameters(), game.same_discriminator.parameters(), strict=True)
    assert all(one is other for one, other in pairs)
    found = blueprint("gan", "gan-mnist-total", {})
    again = [node for node in found.nodes if node.path.startswith("same_discriminator") and node.macs]
    assert [node.shared for node in again] == [node.path.removeprefix("same_") for node in again]
    assert [node.parameters for node in again] == [0, 0, 0]
    assert [node.label for node in found.nodes if node.op == "input"] == ["z", "image"]


def test_a_discriminator_that_cannot_tell_leaves_the_loss_at_ln_4() -> None:
    half = torch.full((8, 1), 0.5)
    assert gan.discriminator_loss(half, half).item() == pytest.approx(math.log(4))
    assert gan.generator_loss(half).item() == pytest.approx(math.log(2))


def test_the_practical_loss_of_a_losing_generator_has_the_stronger_gradient() -> None:
    def slope(saturating: bool) -> Tensor:
        logit = torch.full((1, 1), -6.0, requires_grad=True)  # D is all but sure
        gan.generator_loss(logit.sigmoid(), saturating).backward()
        assert logit.grad is not None
        return logit.grad

    assert float(slope(False)) < 100 * float(slope(True)) < 0  # both push D(G(z)) up


def ends(knob: Knob) -> tuple[Value, ...]:
    """All choices of a knob, or both ends of its range."""
    if knob.minimum is None or knob.maximum is None:
        return knob.choices or (False, True)
    return int(knob.minimum), int(knob.maximum)


@pytest.mark.parametrize("variant", catalog.get("gan").variants, ids=lambda one: one.id)
def test_every_knob_of_a_gan_builds_at_both_of_its_ends(variant) -> None:
    card = catalog.get("gan")
    for knob in (one for one in card.knobs if variant.id in one.variants):
        for value in ends(knob):
            assert blueprint("gan", variant.id, {knob.name: value}).nodes


@pytest.mark.parametrize("variant", catalog.get("gan").variants, ids=lambda one: one.id)
def test_links_of_a_gan_tie_modules_that_exist(variant) -> None:
    groups = {group.path for group in blueprint("gan", variant.id, {}).groups}
    nodes = {node.path for node in blueprint("gan", variant.id, {}).nodes}
    assert {end for link in variant.links for end in (link.source, link.target)} <= groups | nodes
