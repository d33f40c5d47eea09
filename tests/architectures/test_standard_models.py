"""What the three networks compute, beside their counts."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import nn

from explorer import catalog
from explorer.architectures.cnn import model as cnn
from explorer.architectures.cnn.bitmaps import BITMAPS
from explorer.architectures.feed_forward.model import FeedForward
from explorer.architectures.feed_forward.probes import collapse
from explorer.architectures.perceptron.model import Perceptron
from explorer.runspec import make_spec
from explorer.spec import SpecError, Value
from explorer.training.factory import make_trainer
from explorer.training.supervised import SupervisedTrainer

CPU = torch.device("cpu")


def small_cnn(**knobs: Value) -> nn.Module:
    return cnn.build_small(make_spec(catalog.get("cnn"), "mnist", knobs=knobs).knobs, (1, 28, 28), 10)


def parameters(model: nn.Module) -> int:
    return sum(one.numel() for one in model.parameters())


def trained(key: str, task: str, steps: int, **knobs: Value) -> SupervisedTrainer:
    torch.manual_seed(0)
    trainer = make_trainer(make_spec(catalog.get(key), task, knobs=knobs), CPU)
    assert isinstance(trainer, SupervisedTrainer)
    for _ in range(steps):
        trainer.train_step()
    return trainer


def test_scaled_tanh_passes_through_one_and_has_the_papers_slope() -> None:
    f = cnn.ScaledTanh()
    assert f(torch.tensor([1.0, -1.0])).tolist() == pytest.approx([1.0, -1.0], abs=1e-4)


def test_lenets_maps_have_the_papers_sizes() -> None:
    model = cnn.LeNet5()
    shapes: dict[str, tuple[int, ...]] = {}

    def note(name: str) -> Callable[[nn.Module, tuple[torch.Tensor, ...], torch.Tensor], None]:
        return lambda module, inputs, output: shapes.update({name: tuple(output.shape[1:])})

    for name, module in model.named_children():
        module.register_forward_hook(note(name))
    model(torch.zeros(1, 1, 32, 32))
    expected = {
        "C1": (6, 28, 28), "S2": (6, 14, 14), "C3": (16, 10, 10), "S4": (16, 5, 5),
        "C5": (120, 1, 1), "F6": (84,), "output": (10,),
    }  # fmt: skip
    assert {name: shapes[name] for name in expected} == expected


def test_each_map_of_c3_reads_only_the_maps_that_the_table_lists() -> None:
    model = cnn.LeNet5()
    for listened, inputs in enumerate(cnn.C3_TABLE):
        x = torch.zeros(1, 6, 14, 14, requires_grad=True)
        model.C3(x)[0, listened].sum().backward()
        assert x.grad is not None
        read = {number for number in range(6) if float(x.grad[0, number].abs().sum()) > 0}
        assert read == set(inputs)


def test_subsampling_weighs_the_sum_of_four_cells() -> None:
    layer = cnn.Subsampling(1)
    with torch.no_grad():
        layer.coefficient.fill_(2.0)
        layer.bias.fill_(1.0)
    assert layer(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])).item() == pytest.approx(2 * 10 + 1)


def test_output_units_measure_the_distance_to_ten_different_fixed_bitmaps() -> None:
    bitmaps = torch.tensor(BITMAPS)
    assert bitmaps.shape == (10, 84)
    assert set(bitmaps.flatten().tolist()) == {1.0, -1.0}
    assert len(bitmaps.unique(dim=0)) == 10
    distances = cnn.RBF(bitmaps)(bitmaps)
    assert torch.equal(distances.argmin(1), torch.arange(10))
    assert float(distances.diagonal().abs().max()) == 0.0


@pytest.mark.parametrize(("kernel_size", "image_size"), [(4, 32), (8, 32), (6, 32)])
def test_a_kernel_that_does_not_fit_is_refused_with_the_sum_and_a_hint(kernel_size: int, image_size: int) -> None:
    card = catalog.get("cnn")
    chosen = {"kernel_size": kernel_size, "image_size": image_size}
    with pytest.raises(SpecError, match=rf"{image_size} − {kernel_size} \+ 1 = .* Try"), torch.device("meta"):
        cnn.build(card.settings(card.variant("lenet5-modern"), chosen))


@pytest.mark.parametrize(("kernel_size", "image_size"), [(5, 32), (3, 30), (5, 28), (1, 32)])
def test_a_kernel_that_fits_is_built(kernel_size: int, image_size: int) -> None:
    card = catalog.get("cnn")
    chosen = {"kernel_size": kernel_size, "image_size": image_size}
    model = cnn.build(card.settings(card.variant("lenet5-modern"), chosen))
    assert model(torch.zeros(1, 1, image_size, image_size)).shape == (1, 10)


@pytest.mark.parametrize("channels", [(8, 16), (4,), (16, 32, 64)])
def test_the_dense_rival_has_as_many_parameters_as_the_convolutions(channels: tuple[int, ...]) -> None:
    convolution, dense = small_cnn(channels=channels), small_cnn(channels=channels, body="dense")
    assert not any(isinstance(one, nn.Conv2d) for one in dense.modules())
    assert parameters(dense) == pytest.approx(parameters(convolution), rel=0.06)


def test_an_averaging_read_out_does_not_mind_where_a_digit_lies_on_empty_ground() -> None:
    torch.manual_seed(0)
    model = small_cnn(head="average", pooling="average", channels=(4, 8)).eval()
    for layer in model.modules():
        if isinstance(layer, nn.Conv2d) and layer.bias is not None:
            nn.init.zeros_(layer.bias)  # else the border answers too: beyond it lie zeros
    picture = torch.zeros(1, 1, 28, 28)
    picture[..., 10:14, 8:12] = torch.rand(4, 4)
    moved = picture.roll((4, 4), dims=(2, 3))  # a whole number of cells after both poolings
    assert torch.allclose(model(picture), model(moved), atol=1e-5)


def test_xor_is_within_reach_of_two_hidden_units() -> None:
    net = FeedForward(2, (2,), 1, "relu")
    with torch.no_grad():
        net.hidden[0].linear.weight.copy_(torch.tensor([[1.0, 1.0], [1.0, 1.0]]))  # type: ignore[union-attr]
        net.hidden[0].linear.bias.copy_(torch.tensor([0.0, -1.0]))  # type: ignore[union-attr]
        net.output.weight.copy_(torch.tensor([[1.0, -2.0]]))
        net.output.bias.fill_(0.0)
    corners = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    assert net(corners).squeeze(1).tolist() == [0.0, 1.0, 1.0, 0.0]


def test_a_perceptron_fires_above_zero_and_not_at_zero() -> None:
    neuron = Perceptron(2, 1)
    with torch.no_grad():
        neuron.sum.weight.copy_(torch.tensor([[1.0, 1.0]]))
        neuron.sum.bias.fill_(-1.0)
    answers = neuron(torch.tensor([[0.5, 0.5], [1.0, 0.5], [0.0, 0.0]]))
    assert answers.squeeze(1).tolist() == [0.0, 1.0, 0.0]


def test_linear_layers_multiply_out_to_one_and_bent_ones_do_not() -> None:
    straight = trained("feed_forward", "moons", 50, widths=(8, 8, 8), activation="none")
    bent = trained("feed_forward", "moons", 50, widths=(8, 8, 8), activation="relu")
    assert collapse(straight)["collapse_difference"] < 1e-4
    assert collapse(bent)["collapse_difference"] > 1e-1


def test_start_gradients_leave_the_run_and_its_randomness_as_they_were() -> None:
    from explorer.architectures.feed_forward.probes import start_gradients

    trainer = trained("feed_forward", "spirals", 5, widths=(16,) * 8, activation="sigmoid")
    weights = [one.detach().clone() for one in trainer.model.parameters()]
    random = torch.get_rng_state()
    figures = start_gradients(trainer)
    assert torch.equal(torch.get_rng_state(), random)
    assert all(torch.equal(old, new) for old, new in zip(weights, trainer.model.parameters(), strict=True))
    assert 0 < figures["start_gradient_first"] < figures["start_gradient_last"] / 1000
    assert all(math.isfinite(value) for value in figures.values())


def test_moved_pictures_keep_their_ink_and_take_the_grounds_colour() -> None:
    from explorer.architectures.cnn.probes import moved

    picture = torch.full((1, 1, 6, 6), -1.0)
    picture[0, 0, 2, 2] = 5.0
    for down, right in ((1, 0), (0, -2), (3, 3)):
        there = moved(picture, down, right)
        assert there[0, 0, 2 + down, 2 + right] == 5.0
        assert there.sum() == picture.sum()


def test_rosenblatts_rule_moves_only_on_mistakes_and_by_the_input() -> None:
    torch.manual_seed(0)
    trainer = make_trainer(make_spec(catalog.get("perceptron"), "and", hypers={"learning_rate": 0.5}), CPU)
    unit = trainer.model.get_submodule("rosenblatt.sum")
    assert isinstance(unit, nn.Linear)
    for _ in range(60):
        before = torch.cat([unit.weight.detach().flatten(), unit.bias.detach()])
        mistake = float(trainer.train_step()["mistake"])
        change = torch.cat([unit.weight.detach().flatten(), unit.bias.detach()]) - before
        assert bool(change.any()) == bool(mistake)
        assert torch.allclose(change.abs(), change.abs().round(decimals=1))
        assert set(change.abs().mul(2).round().int().tolist()) <= {0, 1}
