"""CapsNet's own training step: what the decoder adds, pairs laid over each other, and routing turned while it runs."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from explorer import catalog
from explorer.architectures.capsnet.model import ConvolutionalRival, SmallCapsNet
from explorer.architectures.capsnet.training import CapsNetTrainer, OverlappingTrainer, moved, squared
from explorer.runspec import make_spec
from explorer.spec import Value
from explorer.training.factory import make_trainer

CPU = torch.device("cpu")


def trainer(task: str = "mnist", knobs: dict[str, Value] | None = None, **hypers: Value) -> CapsNetTrainer:
    torch.manual_seed(1)
    made = make_trainer(make_spec(catalog.get("capsnet"), task, knobs=knobs or {}, hypers=hypers), CPU)
    assert isinstance(made, CapsNetTrainer)
    return made


def network(of: CapsNetTrainer) -> SmallCapsNet:
    assert isinstance(of.model, SmallCapsNet)
    return of.model


def test_the_loss_is_the_margin_loss_and_the_squared_errors_with_their_weight() -> None:
    heavy = trainer(reconstruction=0.01)
    inputs, targets = heavy.train[0][:6], heavy.train[1][:6]
    lengths, loss = heavy.objective(inputs, targets)
    v = network(heavy).capsules(inputs)
    drawn = network(heavy).redrawn(v, targets)
    wanted = (inputs - inputs.min()) / (inputs.max() - inputs.min())
    by_hand = heavy.kind.loss(v.norm(dim=2), targets) + 0.01 * (drawn - wanted.flatten(1)).square().sum(1).mean()
    assert torch.allclose(lengths, v.norm(dim=2))
    assert float(loss.detach()) == pytest.approx(float(by_hand.detach()), rel=1e-4)


def test_only_the_kept_capsule_is_drawn() -> None:
    small = network(trainer())
    v = torch.randn(1, 10, 16)
    other = v.clone()
    other[0, [n for n in range(10) if n != 3]] += 1.0
    kept = torch.tensor([3])
    assert torch.equal(small.redrawn(v, kept), small.redrawn(other, kept))


def test_turns_of_routing_can_be_changed_while_it_trains() -> None:
    one = trainer()
    x = one.test[0][:4]
    three = network(one).capsules(x)
    one.set_hypers({"routing": 1})
    assert not torch.allclose(network(one).capsules(x), three, atol=1e-4)
    one.set_hypers({"routing": 3})
    assert torch.allclose(network(one).capsules(x), three)
    u = network(one).primary(x)
    turns = network(one).digit_caps.turns(u, 3)
    assert torch.allclose(turns[-1][1], three, atol=1e-6)
    even = torch.full_like(turns[0][0], 0.1)
    assert torch.allclose(turns[0][0], even)
    assert all(torch.allclose(c.sum(1), torch.ones_like(c[:, 0])) for c, _ in turns)  # what one sends is shared out


def test_the_rival_has_as_many_weights_as_the_capsules_without_decoder() -> None:
    capsules = trainer(knobs={"decoder": False}).model
    rival = trainer(knobs={"body": "convolution"}).model
    assert isinstance(rival, ConvolutionalRival)
    sizes = [sum(each.numel() for each in one.parameters()) for one in (capsules, rival)]
    assert sizes[1] - sizes[0] == 160 + 160 * 10 + 10  # the biases, and the layer that reads
    assert isinstance(capsules, SmallCapsNet)
    assert capsules.digit_caps.predictions.W.numel() == rival.hidden.weight.numel()


def test_pictures_are_moved_as_wholes_by_no_more_than_the_distance() -> None:
    torch.manual_seed(0)
    pictures = torch.full((200, 1, 9, 9), -1.0)
    pictures[:, 0, 4, 4] = 1.0
    found = moved(pictures, 3, -1.0)
    places = (found == 1).nonzero()
    assert len(places) == 200
    assert set(places[:, 2].tolist()) == set(places[:, 3].tolist()) == set(range(1, 8))
    assert (found == -1).sum() == 200 * 80


def test_pairs_are_laid_over_each_other_and_two_of_a_kind_do_not_count() -> None:
    pairs = trainer("overlapping", reconstruction=0.0)
    assert isinstance(pairs, OverlappingTrainer)
    inputs = pairs.train[0][:4]
    same = torch.tensor([5, 5, 5, 5])
    assert float(pairs.objective(inputs, same)[1].detach()) == 0.0
    lengths, loss = pairs.objective(inputs, torch.tensor([1, 2, 2, 1]))  # the second pair counts, and the fourth
    present = F.one_hot(torch.tensor([[1, 1], [2, 1], [2, 2], [1, 2]]), 10).sum(1)
    each = (present.clamp_max(1) * F.relu(0.9 - lengths) ** 2 + (present == 0) * 0.5 * F.relu(lengths - 0.1) ** 2).sum(
        1
    )
    assert float(loss.detach()) == pytest.approx(float(each[[1, 3]].mean().detach()), rel=1e-5)


def test_held_out_pairs_are_scored_against_the_digits_they_were_made_of() -> None:
    pairs = trainer("overlapping")
    scores = pairs.evaluate()
    small, (inputs, targets) = network(pairs), pairs.test
    with torch.no_grad():
        v = small.capsules(inputs)
        parts = torch.from_numpy(pairs.dataset.test_parts).flatten(2) / 255  # type: ignore[attr-defined]
        wrong = sum(
            squared(small.redrawn(v, kept), parts[:, n]) for n, kept in enumerate((targets // 10, targets % 10))
        )
    assert scores["test_redrawn"] == pytest.approx(float(torch.as_tensor(wrong).mean()) / (2 * 784), rel=1e-4)


def test_a_digit_learnt_alone_is_redrawn_better_than_at_first() -> None:
    one = trainer()
    before = one.evaluate()
    for _ in range(30):
        one.train_step()
    after = one.evaluate()
    assert after["test_redrawn"] < 0.6 * before["test_redrawn"]
    assert after["test_accuracy"] > 0.6
