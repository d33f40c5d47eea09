"""Lenses on contrastive learning: views, who is like whom, the sphere, the queue, neighbours, the other artist."""

from __future__ import annotations

import json
from typing import cast

import numpy as np
import pytest
import torch

from explorer import catalog, lenses
from explorer.engine.messages import Frame, Json, LensRequest
from explorer.lenses.neighbours import nearest
from explorer.lenses.queue import by_age
from explorer.lenses.similarity import pushes
from explorer.spec import SpecError
from explorer.training.contrastive import ContrastiveTrainer
from tests.lenses.trainers import assert_unseen, look, trained

LENSES = ("view_pairs", "similarity", "alignment_and_uniformity", "neighbours", "embedding")
OPTIONS = {"alignment_and_uniformity": {"shape": "sphere"}, "embedding": {"point": 3, "layer": "z"}}


def parts(frame: Frame) -> list[dict[str, Json]]:
    return cast("list[dict[str, Json]]", frame.facts["parts"])


def contrastive(key: str = "simclr", task: str = "mnist", steps: int = 3) -> ContrastiveTrainer:
    found = trained(key, task, steps, batch_size=32)
    assert isinstance(found, ContrastiveTrainer)
    return found


@pytest.mark.parametrize("lens", LENSES)
def test_an_own_picture_is_looked_at_too_and_one_of_another_shape_is_refused(lens: str) -> None:
    trainer = contrastive()
    own = np.zeros((1, 28, 28), np.uint8)
    own[0, 5:20, 12:15] = 255
    frame = lenses.look(trainer, LensRequest(lens, OPTIONS.get(lens, {}), own))
    assert json.loads(json.dumps(frame.facts))["parts"]
    if lens in ("view_pairs", "neighbours"):
        assert "yours" in cast("list[Json]", parts(frame)[0]["labels"])
    if lens == "embedding":
        assert cast("list[Json]", parts(frame)[0]["names"])[-1] == "yours"
    if lens in ("view_pairs", "neighbours", "embedding"):
        with pytest.raises(SpecError, match="expected 1 × 28 × 28"):
            lenses.look(trainer, LensRequest(lens, {}, np.zeros((3, 9, 9), np.uint8)))


@pytest.mark.parametrize("lens", ["view_pairs", "similarity", "alignment_and_uniformity", "other_artist", "queue"])
def test_a_network_that_learns_from_labels_is_refused_in_plain_words(lens: str) -> None:
    with pytest.raises(SpecError, match=f"the lens '{lens}'"):
        look(trained("cnn", "mnist", 1), lens)


def test_views_are_thrown_again_and_the_shares_are_those_of_the_loss() -> None:
    trainer = contrastive()
    one, again, other = (look(trainer, "view_pairs", draw=draw, chosen=2) for draw in (1, 1, 2))
    assert np.array_equal(one.arrays["part0"], again.arrays["part0"])
    assert not np.array_equal(one.arrays["part0"], other.arrays["part0"])
    shares = cast("list[float]", parts(one)[2]["values"])
    assert sum(shares) == pytest.approx(1, abs=1e-5)
    found = cast("list[bool]", one.facts["found"])
    assert (shares[2] == max(shares)) == found[2]


def test_where_nothing_is_changed_both_views_are_the_picture() -> None:
    trainer = contrastive()
    trainer.set_hypers({"shift": 0, "rotate": 0.0, "stretch": 0.0, "shear": 0.0, "colour": 0.0})
    frame = look(trainer, "view_pairs")
    assert np.array_equal(frame.arrays["part0"], frame.arrays["part1"])
    assert "nothing to learn" in str(frame.facts["caption"])


def test_the_push_goes_to_the_nearest() -> None:
    trainer = contrastive()
    inputs, targets = trainer.test[0][:60], trainer.test[1][:60]
    found = pushes(trainer, inputs, targets, "z")
    kin = (targets[:, None] == targets[None]).float().fill_diagonal_(0)
    weights = (found.cosines / trainer.temperature).exp().fill_diagonal_(0)
    weights = weights / weights.sum(1, keepdim=True)
    assert found.push == pytest.approx(float((weights * kin).sum() / 60), rel=1e-4)
    assert found.share == pytest.approx(float(kin.sum() / (60 * 59)), rel=1e-5)
    trainer.set_hypers({"temperature": 2.0})
    assert abs(pushes(trainer, inputs, targets, "z").push - found.share) < abs(found.push - found.share)


def test_z_of_two_numbers_are_drawn_where_they_are() -> None:
    from explorer.runspec import make_spec
    from explorer.training.factory import make_trainer

    torch.manual_seed(1)
    trainer = make_trainer(make_spec(catalog.get("simclr"), "mnist", {"dim": 2}), torch.device("cpu"))
    assert isinstance(trainer, ContrastiveTrainer)
    frame = look(trainer, "alignment_and_uniformity")
    _, _, one, other = trainer.compared(trainer.test[0][:150])
    assert np.allclose(frame.arrays["part0"], torch.cat([one, other]).numpy(), atol=1e-5)
    assert np.allclose(
        np.linalg.norm(look(trainer, "alignment_and_uniformity", shape="sphere").arrays["part0"], axis=1), 1
    )


def test_shares_of_distances_add_up_to_one() -> None:
    frame = look(contrastive(), "alignment_and_uniformity")
    assert frame.arrays["part1_0"].sum() == pytest.approx(1, abs=1e-4)
    assert frame.arrays["part1_1"].sum() == pytest.approx(1, abs=1e-4)


def test_the_nearest_of_a_picture_among_others_is_itself() -> None:
    rows = torch.randn(40, 6, generator=torch.Generator().manual_seed(0))
    places, alike = nearest(rows[7:8], rows)
    assert int(places[0]) == 7
    assert float(alike[0]) == pytest.approx(1)
    assert alike.tolist() == sorted(alike.tolist(), reverse=True)


@pytest.mark.parametrize(("key", "task"), [("simclr", "emoji"), ("cnn", "mnist")])
def test_neighbours_of_any_network_for_pictures_are_training_pictures(key: str, task: str) -> None:
    trainer = trained(key, task, 2)
    frame = look(trainer, "neighbours", index=4)
    side = frame.arrays["part1"].shape[1]
    assert frame.arrays["part1"].shape[:3] == frame.arrays["part2"].shape[:3] == (10, side, side)
    assert not np.array_equal(frame.arrays["part1"], frame.arrays["part2"])


def test_the_neighbours_of_a_clicked_point_are_those_shown() -> None:
    frame = look(contrastive(), "embedding", points=50, point=7)
    assert parts(frame)[0]["marked"] == [7]
    assert frame.arrays["part1"].shape[0] == 3  # itself and two views
    shown = [picture.tobytes() for picture in frame.arrays["part0_pictures"]]
    near = [picture.tobytes() for picture in frame.arrays["part2"]]
    assert set(near) <= set(shown)
    assert shown[7] not in near
    assert len(parts(look(contrastive(), "embedding", points=50))) == 1


def test_keys_by_age() -> None:
    steps, alike = by_age(torch.tensor([9, 3, 3, 0]), torch.tensor([0.1, 0.8, 0.6, 1.0]), 5)
    assert steps.tolist() == [0, 3]
    assert alike.tolist() == pytest.approx([1.0, 0.7])
    assert np.isnan(by_age(torch.zeros(0), torch.zeros(0), -1)[1]).all()


def test_the_queue_is_noise_at_first_and_then_holds_keys_of_every_step() -> None:
    empty = look(trained("moco", "mnist", 0), "queue")
    assert "noise" in str(empty.facts["caption"])
    frame = look(contrastive("moco", steps=4), "queue")
    assert frame.arrays["part1_0"].tolist() == [32, 32, 32, 32]
    assert frame.arrays["part0_x"].tolist() == [0, 1, 2, 3]
    assert frame.arrays["part0_0"][0] == pytest.approx(1, abs=0.1)


def test_frames_are_drawn_where_the_same_emoji_was_found() -> None:
    trainer = contrastive(task="emoji")
    frame = look(trainer, "other_artist", page=2)
    tiles = parts(frame)[0]
    labels = cast("list[str]", tiles["labels"])
    framed = {cast("int", each["tile"]) for each in cast("list[dict[str, Json]]", tiles["boxes"])}
    for tile, label in enumerate(labels):
        if tile % 6:
            assert label.startswith("✓") == (tile in framed)
            assert (label.removeprefix("✓ ") == labels[tile - tile % 6]) == (tile in framed)
    with pytest.raises(SpecError, match="drawn twice"):
        look(contrastive(), "other_artist")


@pytest.mark.parametrize(("key", "lens"), [("moco", "queue"), ("simclr", "other_artist")])
def test_looking_at_the_second_task_leaves_no_trace(key: str, lens: str) -> None:
    assert_unseen(key, "emoji", lens)


def test_an_unknown_word_is_refused_with_the_nearest() -> None:
    with pytest.raises(SpecError, match="did you mean 'sphere'"):
        look(contrastive(), "alignment_and_uniformity", shape="spere")
    with pytest.raises(SpecError, match="to compare pictures by"):
        look(contrastive(), "similarity", layer="y")


@pytest.mark.parametrize("key", ["moco", "simclr"])
def test_a_followed_digit_is_named_by_its_labelled_neighbours(key: str) -> None:
    trainer = contrastive(key)
    frame = look(trainer, "inspect", index=3)
    known, labels = trainer.labelled
    places, _ = nearest(trainer.representation(trainer.test[0][3:4]), trainer.representation(known), 5)
    votes = torch.bincount(labels[places], minlength=10) / 5
    assert np.allclose(frame.arrays["probabilities"], votes.numpy(), atol=1e-3)
    assert "labelled" in str(frame.facts["answers_by"])
    assert look(trained("cnn", "mnist", 1), "inspect").facts["answers_by"] == ""
