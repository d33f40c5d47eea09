"""The small nets of ResNet, GoogLeNet and SqueezeNet, and SqueezeNet 1.1 with the weights it learnt on ImageNet."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from explorer import catalog, data
from explorer.architectures.googlenet.training import GoogLeNetTrainer
from explorer.architectures.resnet import model as resnet
from explorer.architectures.squeezenet import model as squeezenet
from explorer.architectures.squeezenet.probes import read_back
from explorer.architectures.squeezenet.small import trained_weights
from explorer.runspec import make_spec
from explorer.spec import SpecError, Value
from explorer.training.factory import make_trainer
from explorer.training.supervised import SupervisedTrainer, evaluating
from tests.lenses.trainers import CPU, trained


def small(key: str, task: str, **knobs: Value) -> nn.Module:
    torch.manual_seed(0)
    trainer = make_trainer(make_spec(catalog.get(key), task, knobs), CPU)
    return trainer.model


# ---- ResNet ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("blocks", "layers"), [(1, 8), (3, 20), (7, 44)])
def test_n_blocks_a_stage_make_6n_plus_2_layers_and_plain_nets_have_as_many_parameters(
    blocks: int, layers: int
) -> None:
    nets = [small("resnet", "fashion", blocks=blocks, shortcut=kind) for kind in ("residual", "plain")]
    assert sum(isinstance(each, (nn.Conv2d, nn.Linear)) for each in nets[0].modules()) == layers
    sizes = [sum(each.numel() for each in net.parameters()) for net in nets]
    assert sizes[0] == sizes[1]


def test_without_batch_normalisation_every_block_begins_by_adding_nothing() -> None:
    net = small("resnet", "fashion", batch_norm=False)
    block = net.get_submodule("stages.conv2.block2")
    x = torch.rand(2, 16, 7, 7)
    assert torch.equal(block(x), x)


def test_channels_that_fall_are_explained_with_the_nearest_that_rise() -> None:
    with pytest.raises(SpecError, match=r"16-8-48 fall .* Try 16-16-48"):
        small("resnet", "fashion", channels=(16, 8, 48))


def test_a_block_is_its_branch_and_its_shortcut() -> None:
    torch.manual_seed(0)
    block = resnet.Bottleneck(16, 4, 1, resnet.Design(bottleneck=True)).eval()
    x = torch.rand(2, 16, 6, 6)
    assert torch.equal(block(x), torch.relu(block.branch(x) + x))


# ---- GoogLeNet -------------------------------------------------------------------------------------------------------


def test_the_loss_is_that_of_the_net_and_the_heads_times_its_weight() -> None:
    trainer = trained("googlenet", "fashion", 1, aux_weight=0.7)
    assert isinstance(trainer, GoogLeNetTrainer)
    told = {name: float(value) for name, value in trainer.train_step().items()}
    assert told["loss"] == pytest.approx(told["net_loss"] + 0.7 * told["aux_loss"], rel=1e-5)
    assert "aux_accuracy" in trainer.batch_scores()


def test_a_head_that_counts_nothing_learns_nothing() -> None:
    trainer = trained("googlenet", "fashion", 1, aux_weight=0.0, weight_decay=0.0)
    head = trainer.model.get_submodule("aux.fc2")
    assert isinstance(head, nn.Linear)
    before = head.weight.detach().clone()
    trainer.train_step()
    assert torch.equal(head.weight, before)


def test_the_answers_begin_with_the_nets_own() -> None:
    net = small("googlenet", "fashion")
    x = torch.randn(3, 1, 28, 28)
    with evaluating(net):
        own, head = net.answers(x)  # type: ignore[operator]
        assert torch.equal(own, net(x))
    assert head.shape == own.shape == (3, 10)


def test_naive_modules_grow_by_all_that_goes_in() -> None:
    net = small("googlenet", "fashion", reductions="none")
    first, second = net.get_submodule("stages.inception_a"), net.get_submodule("stages.inception_b")
    assert (first.out_channels, second.out_channels) == (24 + 32 + 16 + 32, 32 + 48 + 24 + 104)


# ---- SqueezeNet ------------------------------------------------------------------------------------------------------


def test_the_small_net_has_fewer_than_30_000_parameters() -> None:
    assert sum(each.numel() for each in small("squeezenet", "fashion").parameters()) < 30_000


def test_bypasses_lead_around_the_modules_that_they_can() -> None:
    knobs: dict[str, Value] = {"expand": (32, 32, 48)}
    simple = small("squeezenet", "fashion", bypass="simple", **knobs)
    assert [name for name, each in simple.named_modules() if hasattr(each, "shortcut")] == [
        "stages.fire2", "stages.fire3",
    ]  # fmt: skip
    heavy = small("squeezenet", "fashion", bypass="complex", **knobs)
    assert isinstance(heavy.get_submodule("stages.fire4").shortcut, nn.Conv2d)


def test_rounded_weights_are_off_by_half_a_step_at_most() -> None:
    weight = torch.randn(5, 3, 3, 3, generator=torch.manual_seed(0))
    for bits in (8, 4):
        step = weight.flatten(1).abs().amax(1)[:, None, None, None] / (2 ** (bits - 1) - 1)
        found = read_back(weight, bits)
        assert bool(((found - weight).abs() <= step / 2 + 1e-6).all())
        assert len(torch.unique(found[0])) <= 2**bits - 1
    assert torch.equal(read_back(weight, 32), weight)


# ---- SqueezeNet 1.1 with ImageNet's weights --------------------------------------------------------------------------


def photographs(**knobs: Value) -> SupervisedTrainer:
    torch.manual_seed(0)
    trainer = make_trainer(make_spec(catalog.get("squeezenet"), "photographs", knobs), CPU)
    assert isinstance(trainer, SupervisedTrainer)
    return trainer


def test_the_bundled_weights_are_those_of_version_1_1() -> None:
    settings = catalog.get("squeezenet").settings(catalog.get("squeezenet").variant("squeezenet1_1"), {})
    names = {name: each.shape for name, each in squeezenet.build(settings).state_dict().items()}
    assert {name: each.shape for name, each in trained_weights().items()} == names


def test_it_knows_a_cat_and_an_espresso() -> None:
    trainer = photographs()
    with evaluating(trainer.model):
        likeliest = trainer.model(trainer.test[0][:2]).topk(3).indices
    names = [{trainer.dataset.classes[int(at)] for at in row} for row in likeliest]
    assert names[0] == {"tabby", "tiger cat", "Egyptian cat"}
    assert trainer.dataset.classes[int(likeliest[1, 0])] == "espresso"


def test_its_input_is_turned_to_blue_green_red_less_the_means() -> None:
    preprocess = photographs().model.get_submodule("preprocess")
    red = torch.tensor([1.0, 0.0, 0.0])[None, :, None, None]
    assert preprocess(red).flatten().tolist() == pytest.approx([-104.006, -116.669, 255 - 122.679], abs=1e-3)


def test_only_the_last_layer_learns_and_only_it_is_kept() -> None:
    trainer = photographs()
    before = {name: each.detach().clone() for name, each in trainer.model.named_parameters()}
    trainer.train_step()
    moved = {name for name, each in trainer.model.named_parameters() if not torch.equal(each, before[name])}
    assert moved == {"conv10.conv.weight", "conv10.conv.bias"}
    assert list(trainer.modules()) == ["conv10"]


def test_the_photographs_are_squares_of_0_to_1_with_a_thousand_names() -> None:
    found = data.load("photographs.samples", {}, 0)
    assert found.test_inputs.shape == (20, 3, 227, 227)
    assert (float(found.test_inputs.min()), float(found.test_inputs.max())) == (0.0, 1.0)
    assert len(set(found.classes)) == 1000
    assert np.array_equal(found.train_inputs[0][..., ::-1], found.test_inputs[5])
