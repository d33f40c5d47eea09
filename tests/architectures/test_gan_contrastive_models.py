"""What generative adversarial and contrastive networks compute, beside their counts."""

from __future__ import annotations

import copy
import math

import pytest
import torch
from torch import Tensor, nn

from explorer import catalog
from explorer.architectures.gan import model as gan
from explorer.architectures.moco import model as moco
from explorer.architectures.simclr import model as simclr
from explorer.spec import Knob, SpecError, Value, Variant
from explorer.tracing.trace import blueprint

VARIANTS = [pytest.param(key, one, id=one.id) for key in ("gan", "moco", "simclr") for one in catalog.get(key).variants]
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


def features() -> nn.Module:
    """A trunk small enough to run: pictures of 3 × 6 × 6 become 12 numbers."""
    return nn.Sequential(nn.Flatten(), nn.Linear(108, 12), nn.ReLU())


def small_moco(queue_length: int = 5) -> moco.MoCo:
    torch.manual_seed(0)
    encoder = moco.Encoder(features(), moco.head("v2", 12, 4))
    return moco.MoCo(encoder, copy.deepcopy(encoder), moco.Queue(queue_length, 4), 0.2)


def test_a_query_meets_its_own_key_first_and_then_all_of_the_queue() -> None:
    net, view, other = small_moco(), torch.rand(3, 3, 6, 6), torch.rand(3, 3, 6, 6)
    logits = net(view, other)
    q, k = net.query_encoder(view), net.key_encoder(other)
    assert logits.shape == (3, 1 + 5)
    assert torch.allclose(q.norm(dim=1), torch.ones(3))
    for row in range(3):
        assert torch.allclose(logits[row, 0], q[row] @ k[row] / 0.2)
        for column in range(5):
            assert torch.allclose(logits[row, 1 + column], q[row] @ net.queue.keys[column] / 0.2, atol=1e-6)


def test_only_the_query_encoder_learns_from_the_loss() -> None:
    net = small_moco()
    moco.contrastive_loss(net(torch.rand(3, 3, 6, 6), torch.rand(3, 3, 6, 6))).backward()
    assert all(one.grad is not None for one in net.query_encoder.parameters())
    assert all(one.grad is None and not one.requires_grad for one in net.key_encoder.parameters())
    assert {name for name, _ in net.named_buffers()} == {"queue.keys"}


def test_an_encoder_that_finds_the_key_has_no_loss_and_one_that_guesses_ln_of_all() -> None:
    sure = torch.tensor([[50.0, 0.0, 0.0, 0.0]])
    assert moco.contrastive_loss(sure).item() == pytest.approx(0, abs=1e-6)
    assert moco.contrastive_loss(torch.zeros(2, 4)).item() == pytest.approx(math.log(4))


def test_the_key_encoder_starts_equal_and_moves_the_papers_share_of_the_way() -> None:
    net = small_moco()
    pairs = list(zip(net.key_encoder.parameters(), net.query_encoder.parameters(), strict=True))
    assert all(torch.equal(key, query) and key is not query for key, query in pairs)
    for _, query in pairs:
        nn.init.normal_(query)
    expected = [0.9 * key + 0.1 * query.detach() for key, query in pairs]
    moco.momentum_update(net.key_encoder, net.query_encoder, 0.9)
    assert all(torch.allclose(key, wanted) for (key, _), wanted in zip(pairs, expected, strict=True))
    moco.momentum_update(net.key_encoder, net.query_encoder, 1.0)
    assert all(torch.allclose(key, wanted) for (key, _), wanted in zip(pairs, expected, strict=True))
    moco.momentum_update(net.key_encoder, net.query_encoder, 0.0)
    assert all(torch.equal(key, query) for key, query in pairs)


def test_the_queue_lets_the_oldest_go_first_whatever_the_batch() -> None:
    queue = moco.Queue(5, 1)
    numbers = torch.arange(20.0)[:, None]
    queue.enqueue(numbers[:5])
    queue.enqueue(numbers[5:7])
    assert queue.keys.flatten().tolist() == [2, 3, 4, 5, 6]
    queue.enqueue(numbers[7:8])
    assert queue.keys.flatten().tolist() == [3, 4, 5, 6, 7]
    queue.enqueue(numbers[8:20])  # a batch longer than the queue
    assert queue.keys.flatten().tolist() == [15, 16, 17, 18, 19]


def test_moco_is_drawn_with_its_queue_between_two_encoders() -> None:
    found = blueprint("moco", "moco_v2", {})
    top = next(group for group in found.groups if group.path == "")
    assert top.members == (
        "input", "input~2", "query_encoder", "key_encoder", "positive", "queue", "negatives", ":cat", "temperature",
    )  # fmt: skip
    shapes = {node.id: node.out_shape for node in found.nodes}
    assert (shapes["queue"], shapes["negatives"], shapes["temperature"]) == ((65_536, 128), (65_536,), (65_537,))
    assert ("queue", "negatives") in found.edges
    assert [node.label for node in found.nodes if node.op == "input"] == ["query view", "key view"]


def reference_nt_xent(z_i: Tensor, z_j: Tensor, temperature: float) -> float:
    """Equation 1 of SimCLR, pair by pair."""
    z = [*z_i, *z_j]
    s = [[float(a @ b / a.norm() / b.norm() / temperature) for b in z] for a in z]
    pictures = len(z_i)
    losses = []
    for i in range(2 * pictures):
        others = sum(math.exp(s[i][k]) for k in range(2 * pictures) if k != i)
        losses.append(-s[i][(i + pictures) % (2 * pictures)] + math.log(others))
    return sum(losses) / len(losses)


def test_nt_xent_is_equation_one() -> None:
    torch.manual_seed(0)
    z_i, z_j = torch.randn(4, 6), torch.randn(4, 6)
    loss = simclr.nt_xent(simclr.Similarity(0.5)(z_i, z_j))
    assert loss.item() == pytest.approx(reference_nt_xent(z_i, z_j, 0.5), rel=1e-5)


def test_nt_xent_of_views_that_all_come_out_alike_is_a_guess_among_the_others() -> None:
    z = torch.ones(4, 6)
    assert simclr.nt_xent(simclr.Similarity()(z, 3 * z)).item() == pytest.approx(math.log(2 * 4 - 1), rel=1e-5)


def test_nt_xent_of_identical_views_of_unlike_pictures_is_nearly_nothing() -> None:
    z = torch.eye(4)
    expected = math.log(1 + 6 * math.exp(-10))  # cosine 1 to the partner, 0 to the six others, temperature 0.1
    assert simclr.nt_xent(simclr.Similarity(0.1)(z, z)).item() == pytest.approx(expected, rel=1e-2)


def test_both_views_of_simclr_pass_one_set_of_weights() -> None:
    torch.manual_seed(0)
    net = simclr.TwoViews(features(), simclr.NonlinearHead(12, 4))
    view, other = torch.rand(3, 3, 6, 6), torch.rand(3, 3, 6, 6)
    similarities = net.eval()(view, other)
    z = torch.cat([net.head(net.encoder(view)), net.head(net.encoder(other))])
    expected = torch.cosine_similarity(z[:, None], z[None], dim=2) / simclr.TEMPERATURE
    assert torch.allclose(similarities, expected, atol=1e-5)
    one = simclr.SimCLR(net.encoder, net.head)
    assert sum(each.numel() for each in net.parameters()) == sum(each.numel() for each in one.parameters())
    assert {id(each) for each in net.same_head.buffers()} == {id(each) for each in net.head.buffers()}


def test_the_second_view_is_drawn_as_the_first_ones_network_once_more() -> None:
    found = blueprint("simclr", "simclr-r50x1-pair", {})
    again = [node for node in found.nodes if node.path.startswith("same_") and node.shared]
    assert again
    assert {node.parameters for node in again} == {0}
    assert [node.shared for node in again] == [node.path.removeprefix("same_") for node in again]
    one = blueprint("simclr", "simclr-r50x1-pair", {"views": 1})
    assert (one.parameters, 2 * one.macs + 2 * 2 * 128) == (found.parameters, found.macs)


@pytest.mark.parametrize(("form", "biases"), [("nonlinear", ["norm1.bias"]), ("linear", []), ("none", [])])
def test_the_heads_of_simclr_have_no_biases_but_the_shift_of_the_hidden_layer(form: str, biases: list[str]) -> None:
    head = simclr.projection(form, 6, 4)
    assert [name for name, _ in head.named_parameters() if name.endswith("bias")] == biases
    assert head(torch.randn(3, 6)).shape == (3, 6 if form == "none" else 4)


def test_trunks_of_other_depths_give_the_features_of_resnet() -> None:
    view = torch.zeros(1, 3, 32, 32)
    assert moco.trunk(18, 1).eval()(view).shape == (1, 512)
    assert moco.trunk(50, 1).eval()(view).shape == (1, 2048)


def ends(knob: Knob) -> tuple[Value, ...]:
    """All choices of a knob, or both ends of its range."""
    if knob.minimum is None or knob.maximum is None:
        return knob.choices or (False, True)
    return int(knob.minimum), int(knob.maximum)


@pytest.mark.parametrize(("key", "variant"), VARIANTS)
def test_every_knob_builds_at_both_of_its_ends(key: str, variant: Variant) -> None:
    for knob in (one for one in catalog.get(key).knobs if variant.id in (one.variants or (variant.id,))):
        for value in ends(knob):
            assert blueprint(key, variant.id, {knob.name: value}).nodes


@pytest.mark.parametrize(("key", "variant"), VARIANTS)
def test_the_folded_drawing_is_small_and_its_links_tie_modules_that_exist(key: str, variant: Variant) -> None:
    found = blueprint(key, variant.id, {})
    assert len(next(group for group in found.groups if group.path == "").members) <= 10
    paths = {group.path for group in found.groups} | {node.path for node in found.nodes}
    assert {end for link in variant.links for end in (link.source, link.target)} <= paths
