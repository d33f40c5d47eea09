"""Learning by contrast: losses and scores by hand, the queue, momentum, views, and that labels take no part."""

from __future__ import annotations

import math
from typing import cast

import numpy as np
import pytest
import torch

from explorer import catalog
from explorer.architectures.moco.training import MoCoTrainer
from explorer.architectures.simclr.experiments import EMOJI_PIXELS, PIXELS
from explorer.architectures.simclr.training import SimCLRTrainer
from explorer.data.artists import Counterparts
from explorer.lenses.alignment_and_uniformity import evenly
from explorer.runspec import make_spec
from explorer.spec import SpecError, Value
from explorer.training import contrastive_scores as scores
from explorer.training.checkpoint import capture, restore
from explorer.training.contrastive import ContrastiveTrainer, unit
from explorer.training.contrastive_views import COLOURS, MOVES, Views
from explorer.training.factory import make_trainer
from explorer.training.randomness import Randomness

CPU = torch.device("cpu")
KEYS = ("moco", "simclr")


def trainer_of(
    key: str, task: str = "mnist", knobs: dict[str, Value] | None = None, **hypers: Value
) -> ContrastiveTrainer:
    torch.manual_seed(0)
    return cast("ContrastiveTrainer", make_trainer(make_spec(catalog.get(key), task, knobs or {}, hypers), CPU))


def random_unit(count: int, dims: int, seed: int = 0) -> torch.Tensor:
    return unit(torch.randn(count, dims, generator=torch.Generator().manual_seed(seed)))


# ---- scores ----------------------------------------------------------------------------------------------------------


def test_five_neighbours_vote_and_the_nearer_of_two_equal_classes_wins() -> None:
    known = torch.tensor([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9], [-1.0, 0.0], [-1.0, -0.1]])
    labels = torch.tensor([1, 1, 0, 0, 2, 2])
    shares = scores.votes(known, labels, torch.tensor([[1.0, 0.2], [0.2, 1.0]]), 3)
    assert shares.argmax(1).tolist() == [1, 0]  # two votes each for 0 and 1, one for 2
    assert shares.sum(1).tolist() == pytest.approx([1, 1])


def test_labels_are_the_first_of_each_class() -> None:
    assert scores.first_of_each(np.array([1, 0, 1, 1, 0, 0]), 2).tolist() == [1, 4, 0, 2]


def test_alignment_and_uniformity_by_hand() -> None:
    one, other = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0], [0.0, -1.0]])
    assert float(scores.alignment(one, other)) == pytest.approx((0 + 4) / 2)
    assert float(scores.uniformity(one)) == pytest.approx(-2 * 2)  # one pair, at squared distance 2
    assert float(scores.uniformity(one[:1].repeat(5, 1))) == pytest.approx(0, abs=1e-6)


def test_a_counterpart_is_found_whatever_all_of_one_artist_share() -> None:
    things = torch.randn(30, 8, generator=torch.Generator().manual_seed(1))
    style = torch.full((8,), 5.0)
    assert float(scores.found_again(things, things + style, 1)) == 1.0
    assert float(scores.found_again(things, things.roll(1, 0), 1)) < 0.2
    assert scores.ranks(things, things).tolist() == [0] * 30


# ---- views -----------------------------------------------------------------------------------------------------------


def test_nothing_turned_up_changes_nothing() -> None:
    assert not Views({}, CPU).on
    pictures = torch.randn(4, 1, 28, 28)
    assert torch.equal(Views({}, CPU)(pictures), pictures)


@pytest.mark.parametrize("name", [*MOVES, *COLOURS])
def test_every_way_of_changing_changes_each_picture_in_its_own_way(name: str) -> None:
    amount: Value = {"mirror": True, "shift": 4, "rotate": 30.0, "grey": 0.5, "blur": 2.0}.get(name, 0.4)
    torch.manual_seed(0)
    pictures = torch.randn(1, 3, 32, 32).repeat(16, 1, 1, 1)
    views = Views({name: amount}, CPU)(pictures)
    assert views.shape == pictures.shape
    changed = [not torch.allclose(view, picture, atol=1e-4) for view, picture in zip(views, pictures, strict=True)]
    assert sum(changed) >= 3  # half of them are mirrored, greyed or hidden in part; all others nearly always
    different = {tuple(view.flatten()[::97].mul(100).round().tolist()) for view in views}
    assert len(different) >= 2


def test_a_mirrored_picture_is_the_picture_from_right_to_left_and_a_shift_is_whole() -> None:
    torch.manual_seed(0)
    picture = torch.randn(1, 1, 8, 8).repeat(20, 1, 1, 1)
    for view in Views({"mirror": True}, CPU)(picture):
        assert torch.allclose(view, picture[0], atol=1e-4) or torch.allclose(view, picture[0].flip(2), atol=1e-4)
    line = torch.zeros(50, 1, 28, 28)
    line[..., 14] = 1.0
    middle = (Views({"shift": 3}, CPU)(line) * torch.arange(28)).sum((1, 2, 3)) / 28
    assert float((middle - 14).abs().max()) <= 3.01
    assert float((middle - 14).abs().max()) > 2


def test_a_turned_circle_stays_and_the_ground_goes_on() -> None:
    torch.manual_seed(0)
    y, x = torch.meshgrid(torch.arange(28) - 13.5, torch.arange(28) - 13.5, indexing="ij")
    circle = torch.where(x.square() + y.square() < 49, 1.0, -0.4)[None, None].repeat(8, 1, 1, 1)
    views = Views({"rotate": 90.0}, CPU)(circle)
    assert float((views - circle).abs().mean()) < 0.03
    assert float(views[:, :, 0, 0].max()) == pytest.approx(-0.4)


def test_only_pictures_have_views() -> None:
    with pytest.raises(SpecError, match="only pictures"):
        Views({"shift": 1}, CPU)(torch.zeros(3, 2))


# ---- a step ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", KEYS)
def test_labels_take_no_part_in_training(key: str) -> None:
    one, other = trainer_of(key), trainer_of(key)
    other._batches.replace(other.pictures, torch.zeros_like(other.labels))
    for trainer in (one, other):
        torch.manual_seed(5)
        for _ in range(2):
            trainer.train_step()
    for own, same in zip(one.model.parameters(), other.model.parameters(), strict=True):
        assert torch.equal(own, same)


def test_a_view_of_simclr_chooses_among_all_others_of_the_batch() -> None:
    trainer = trainer_of("simclr", batch_size=16, temperature=0.5)
    pictures = trainer.pictures[:16]
    logits, partner = trainer.contrast(pictures, pictures)
    assert logits.shape == (32, 32)
    assert partner.tolist() == [*range(16, 32), *range(16)]
    assert bool(logits.diagonal().isneginf().all())
    assert float(logits[0, 16].detach()) == pytest.approx(1 / 0.5, rel=1e-4)  # a picture and itself: cosine 1


@pytest.mark.parametrize("key", KEYS)
def test_without_negatives_a_pair_that_is_one_loses_nothing(key: str) -> None:
    trainer = trainer_of(key, negatives=False, temperature=0.5)
    logits, partner = torch.full((4, 6), -7.0), torch.zeros(4, dtype=torch.long)
    logits[:, 0] = 1 / 0.5  # cosine 1
    assert float(trainer.attraction(logits, partner)) == pytest.approx(0, abs=1e-6)
    logits[:, 0] = -1 / 0.5
    assert float(trainer.attraction(logits, partner)) == pytest.approx(4)


def test_keys_enter_the_queue_at_its_young_end_and_the_key_encoder_follows() -> None:
    trainer = trainer_of("moco", batch_size=64, queue_length=256, key_momentum=0.9)
    assert isinstance(trainer, MoCoTrainer)
    moco = trainer.moco
    before_k = [each.clone() for each in moco.key_encoder.parameters()]
    noise = moco.queue.keys.clone()
    trainer.train_step()
    assert torch.equal(moco.queue.keys[:-64], noise[64:])
    assert torch.allclose(moco.queue.keys[-64:].norm(dim=1), torch.ones(64), atol=1e-5)
    for old, now, query in zip(before_k, moco.key_encoder.parameters(), moco.query_encoder.parameters(), strict=True):
        assert torch.allclose(now, 0.9 * old + 0.1 * query, atol=1e-6)
        assert now.grad is None
    assert trainer.ages.tolist() == [-1] * 192 + [0] * 64
    trainer.train_step()
    assert trainer.ages.tolist() == [-1] * 128 + [1] * 64 + [0] * 64


def test_a_query_meets_its_key_and_as_many_others_as_the_queue_is_long() -> None:
    trainer = trainer_of("moco", batch_size=32, queue_length=100)
    trainer.train_step()
    logits, partner = trainer.contrast(trainer.pictures[:32], trainer.pictures[:32])
    assert logits.shape == (32, 101)
    assert partner.tolist() == [0] * 32
    trainer.set_hypers({"queue_length": 300})
    assert trainer.contrast(trainer.pictures[:8], trainer.pictures[:8])[0].shape == (8, 301)


def test_keys_drift_only_if_their_encoder_moves() -> None:
    still = trainer_of("moco", batch_size=64, learning_rate=1e-5, key_momentum=0.999)
    moving = trainer_of("moco", batch_size=64, learning_rate=0.05, key_momentum=0.0)
    for trainer in (still, moving):
        for _ in range(6):
            trainer.train_step()
    assert isinstance(still, MoCoTrainer)
    assert isinstance(moving, MoCoTrainer)
    kept, lost = still.drift(), moving.drift()
    assert kept.ages.tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1, 0, 0]
    assert float(kept.cosines[-1]) == pytest.approx(1, abs=0.05)
    assert float(lost.cosines[0]) < float(kept.cosines[0])


@pytest.mark.parametrize("key", KEYS)
def test_a_captured_state_takes_the_same_steps_again(key: str) -> None:
    random = Randomness(3, CPU)
    first = trainer_of(key, batch_size=32)
    with random:
        for _ in range(3):
            first.train_step()
    state = capture(3, first, random)
    with random:
        for _ in range(3):
            first.train_step()
    second, again = trainer_of(key, batch_size=32), Randomness(0, CPU)
    restore(state, second, again)
    with again:
        for _ in range(3):
            second.train_step()
    for one, other in zip(first.model.state_dict().values(), second.model.state_dict().values(), strict=True):
        assert torch.equal(one, other)
    for one, other in zip(first.extra_state().values(), second.extra_state().values(), strict=True):
        assert torch.equal(one, other)


@pytest.mark.parametrize("key", KEYS)
def test_scoring_draws_no_random_number_that_training_sees(key: str) -> None:
    trainer = trainer_of(key)
    before = torch.random.get_rng_state()
    first = trainer.evaluate()
    assert torch.equal(torch.random.get_rng_state(), before)
    assert trainer.evaluate() == first


def test_z_is_h_where_there_is_no_head() -> None:
    trainer = trainer_of("simclr", knobs={"head": "none"})
    pictures = trainer.test[0][:20]
    assert torch.allclose(trainer.representation(pictures, True), unit(trainer.representation(pictures)), atol=1e-5)


# ---- emoji -----------------------------------------------------------------------------------------------------------


def test_held_out_emoji_come_in_pairs_of_one_name_and_no_name_is_on_both_sides() -> None:
    trainer = trainer_of("simclr", "emoji")
    dataset = trainer.dataset
    assert isinstance(dataset, Counterparts)
    assert len(dataset.names) == len(set(dataset.names)) == len(dataset.test_targets) // 2
    assert (dataset.test_targets[::2] == dataset.test_targets[1::2]).all()
    train = {picture.tobytes() for picture in dataset.train_inputs}
    assert not [picture for picture in dataset.test_inputs if picture.tobytes() in train]


def test_two_artists_make_a_pair_if_asked_to() -> None:
    trainer = trainer_of("simclr", "emoji", {"pairs": "two artists"}, crop=0.0, shift=0, rotate=0.0, stretch=0.0,
                         shear=0.0, colour=0.0, grey=0.0)  # fmt: skip
    pairs, _ = trainer._batches.next()
    first, second = trainer.views(pairs)
    assert first.shape == second.shape == (128, 3, 32, 32)
    rows = [int((trainer.pictures == picture).flatten(1).all(1).nonzero()[0]) for picture in first[:5]]
    for row, other in zip(rows, second[:5], strict=True):
        assert torch.equal(trainer.pictures[row + 1], other)
        assert row % 2 == 0


def test_pixels_find_as_many_as_the_page_says() -> None:
    digits, emoji = trainer_of("simclr"), trainer_of("simclr", "emoji")
    known, labels = digits.labelled
    shares = scores.votes(known.flatten(1), labels, digits.test[0].flatten(1), 10)
    said = {metric: value for task in catalog.get("simclr").tasks for metric, _, value in task.references}
    assert float((shares.argmax(1) == digits.test[1]).float().mean()) == pytest.approx(said["test_accuracy"], abs=5e-4)
    assert said["test_accuracy"] == PIXELS
    assert said["counterpart"] == EMOJI_PIXELS
    pixels = emoji.test[0].flatten(1)
    for name, within in (("counterpart", 1), ("counterpart_5", 5)):
        assert float(scores.found_again(pixels[::2], pixels[1::2], within)) == pytest.approx(said[name], abs=5e-4)


def test_the_uniformity_of_an_even_spread() -> None:
    for dims in (2, 3, 64):
        assert float(scores.uniformity(random_unit(2000, dims))) == pytest.approx(evenly(dims), abs=0.03)
    assert evenly(2) == pytest.approx(-4 + math.log(11.3019), abs=1e-4)  # I₀(4)


def test_simclr_sends_both_views_through_one_network() -> None:
    assert isinstance(trainer_of("simclr"), SimCLRTrainer)
    assert set(trainer_of("simclr").modules()) == {"model"}
