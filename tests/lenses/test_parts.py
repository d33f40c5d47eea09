"""Lenses on residual blocks and branches: what is switched off is off, and the sizes are those of the network."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
import torch
from torch import Tensor

from explorer import catalog
from explorer.architectures.resnet.model import build_small
from explorer.engine.messages import Frame, Json
from explorer.lenses._parts import blocks, parts
from explorer.lenses.residual_blocks import PICTURES
from explorer.runspec import make_spec
from explorer.spec import SpecError
from explorer.training.supervised import SupervisedTrainer, evaluating
from tests.lenses.trainers import look, trained


def parts_of(frame: Frame) -> list[dict[str, Json]]:
    return cast("list[dict[str, Json]]", frame.facts["parts"])


def supervised(key: str, task: str, steps: int = 2, **knobs) -> SupervisedTrainer:
    trainer = trained(key, task, steps, **knobs)
    assert isinstance(trainer, SupervisedTrainer)
    return trainer


def test_a_block_that_is_switched_off_passes_on_what_it_gets() -> None:
    trainer = supervised("resnet", "fashion")
    x = trainer.test[0][:3]
    first = next(iter(blocks(trainer.model).values()))
    kept: list[tuple[Tensor, Tensor]] = []

    def keep(module: torch.nn.Module, read: tuple[Tensor, ...], output: Tensor) -> None:
        kept.append((read[0], output))

    handle = cast("torch.nn.Module", first).register_forward_hook(keep)
    (part, *_) = parts(trainer.model, x[:1])
    kept.clear()
    with evaluating(trainer.model):
        before = trainer.model(x)
        with part.off():
            trainer.model(x)
        after = trainer.model(x)
    handle.remove()
    assert torch.equal(kept[1][0], kept[1][1])
    assert not torch.equal(kept[0][0], kept[0][1])
    assert torch.equal(before, after)


def test_all_blocks_of_a_residual_net_can_be_switched_off_and_only_those_that_keep_the_shape_of_a_plain_one() -> None:
    card = catalog.get("resnet")
    for shortcut, many in (("residual", 9), ("plain", 7)):
        model = build_small(make_spec(card, "fashion", {"shortcut": shortcut}).knobs, (1, 28, 28), 10)
        assert len(parts(model, torch.zeros(1, 1, 28, 28))) == many


def test_the_sizes_are_those_of_the_branch_and_of_what_it_is_added_to() -> None:
    trainer = supervised("resnet", "fashion")
    frame = look(trainer, "residual_blocks", block=3)
    values = cast("list[float]", parts_of(frame)[0]["values"])
    block = trainer.model.get_submodule("stages.conv2.block1")
    seen: list[Tensor] = []
    handle = block.register_forward_pre_hook(lambda module, read: seen.append(read[0]))
    with evaluating(trainer.model):
        trainer.model(trainer.test[0][:PICTURES])
        handle.remove()
        added = block.branch(seen[0])  # type: ignore[operator]
    ratio = (added.flatten(1).norm(dim=1) / seen[0].flatten(1).norm(dim=1)).mean()
    assert values[0] == pytest.approx(float(ratio), rel=1e-5)
    assert len(values) == 9
    assert [part["kind"] for part in parts_of(frame)] == ["bars", "tiles", "tiles", "tiles"]


def test_the_gradient_at_the_weights_is_that_of_a_training_step() -> None:
    trainer = supervised("resnet", "fashion", 1)
    frame = look(trainer, "gradient_by_depth")
    trainer.model.zero_grad()
    inputs, targets = trainer.train[0][:32], trainer.train[1][:32]
    trainer.objective(inputs, targets)[1].backward()
    layers = [each for each in trainer.model.modules() if isinstance(each, (torch.nn.Conv2d, torch.nn.Linear))]
    wanted = [float(each.weight.grad.norm() / each.weight.detach().norm()) for each in layers]  # type: ignore[union-attr]
    assert frame.arrays["part1_0"] == pytest.approx(wanted, rel=1e-3)
    assert len(wanted) == 20
    assert np.isfinite(frame.arrays["part0_0"]).all()


def test_switching_off_scores_the_network_without_each_part() -> None:
    trainer = supervised("resnet", "fashion", 12)
    frame = look(trainer, "switch_off", off=1)
    shares = cast("list[float]", parts_of(frame)[0]["values"])
    assert len(shares) == 10
    x, y = trainer.test[0][:444], trainer.test[1][:444]
    with evaluating(trainer.model):
        assert shares[0] == pytest.approx(float((trainer.model(x).argmax(1) == y).float().mean()))
    curve = frame.arrays["part1_0"]
    assert len(curve) == 10
    assert all(frame.arrays[f"part1_{order}"][0] == curve[0] for order in (1, 2, 3))


def test_what_the_branches_add_to_the_score_is_the_score() -> None:
    """Behind the last module the net is linear but for dropout: the shares and the bias make up the answer."""
    trainer = supervised("googlenet", "fashion", 3)
    frame = look(trainer, "branches", module="stages.inception_b", index=4, target=2)
    (adds,) = [part for part in parts_of(frame) if str(part["title"]).startswith("Adds to")]
    with evaluating(trainer.model):
        score = float(trainer.model(trainer.test[0][4:5])[0, 2])
    bias = float(trainer.model.state_dict()["fc.bias"][2])
    assert sum(cast("list[float]", adds["values"])) + bias == pytest.approx(score, abs=1e-4)


def test_the_shares_of_the_branches_are_those_of_their_channels_and_make_up_the_whole() -> None:
    trainer = supervised("googlenet", "fashion")
    frame = look(trainer, "branches")
    channels, signal = (cast("list[float]", part["values"]) for part in parts_of(frame)[5:7])
    assert channels == pytest.approx([24 / 80, 32 / 80, 16 / 80, 8 / 80])
    assert sum(signal) == pytest.approx(1)
    maps = [frame.arrays[f"part{number}"].shape for number in range(1, 5)]
    assert maps == [(8, 7, 7)] * 4


def test_a_branch_that_is_switched_off_gives_zeros_and_so_do_as_many_random_channels() -> None:
    trainer = supervised("googlenet", "fashion")
    x = trainer.test[0][:2]
    part = parts(trainer.model, x[:1])[1]
    kept: list[Tensor] = []

    def keep(module: torch.nn.Module, read: object, output: Tensor) -> None:
        kept.append(output)

    module = trainer.model.get_submodule("stages.inception_a")
    with evaluating(trainer.model), part.off():
        handle = module.register_forward_hook(keep)
        trainer.model(x)
        handle.remove()
    assert not kept[0][:, 24:56].any()
    assert kept[0][:, :24].any()
    with evaluating(trainer.model), part.random_off(0):
        handle = module.register_forward_hook(keep)
        trainer.model(x)
        handle.remove()
    assert int((kept[1].abs().sum((0, 2, 3)) == 0).sum()) >= part.channels == 32


@pytest.mark.parametrize("lens", ["switch_off", "residual_blocks", "branches"])
def test_a_network_without_such_parts_is_refused_in_words(lens: str) -> None:
    with pytest.raises(SpecError, match="this network of cnn has no"):
        look(trained("cnn", "mnist", 1), lens)
