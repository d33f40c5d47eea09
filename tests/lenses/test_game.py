"""Lenses on a game of two nets: what they show is what the nets do, and training sees nothing of it."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
import torch

from explorer.architectures.gan.training import AdversarialTrainer
from explorer.engine.messages import Json
from explorer.lenses._sheet import Points, sheet
from explorer.lenses.between import arc
from explorer.lenses.game import LONGEST, MADE, REAL, SPAN
from explorer.lenses.nearest import apart, nearest
from explorer.spec import SpecError
from tests.lenses.test_sheets import parts
from tests.lenses.trainers import assert_unseen, look, trained


def game(task: str = "ring", steps: int = 5) -> AdversarialTrainer:
    trainer = trained("gan", task, steps)
    assert isinstance(trainer, AdversarialTrainer)
    return trainer


def test_points_carry_a_field_arrows_and_curves_of_their_own() -> None:
    field, places = np.zeros((4, 4), np.uint8), np.zeros((3, 2))
    frame = sheet(Points("p", places, field=field, arrows=np.ones((3, 2)), curves=np.ones((2, 5, 2)), span=1))
    assert frame.arrays["part0_field"].dtype == np.uint8
    assert frame.arrays["part0_arrows"].shape == (3, 2)
    assert frame.arrays["part0_curves"].dtype == np.float32
    assert set(sheet(Points("p", places)).arrays) == {"part0"}


def test_the_field_is_d_seen_from_above_with_the_highest_row_first() -> None:
    trainer = game(steps=60)
    field = look(trainer, "game").arrays["part0_field"].astype(float)
    side = len(field)
    at = (np.arange(side) + 0.5) / side * 2 * SPAN - SPAN
    for row, column in ((0, 0), (5, 40), (47, 3)):
        point = torch.tensor([[at[column], -at[row]]], dtype=torch.float32)
        with torch.no_grad():
            answer = 2 * float(trainer.pair.discriminator(point).sigmoid()) - 1
        assert (field[row, column] - 128) / 127 == pytest.approx(answer, abs=0.01)


def test_arrows_lead_points_to_where_d_believes_more() -> None:
    trainer = game(steps=60)
    frame = look(trainer, "game")
    places, arrows = (torch.from_numpy(frame.arrays[name])[REAL:] for name in ("part0", "part0_arrows"))
    assert float(arrows.norm(dim=1).max()) <= LONGEST + 1e-5
    assert float(arrows.norm(dim=1).max()) > 0.9 * LONGEST
    assert not frame.arrays["part0_arrows"][:REAL].any()
    with torch.no_grad():
        rise = trainer.pair.discriminator(places + 1e-3 * arrows) - trainer.pair.discriminator(places)
    assert float((rise > 0).float().mean()) > 0.98


def test_minimax_points_the_same_way() -> None:
    one, other = game(steps=30), game(steps=30)
    other.set_hypers({"loss": "minimax"})
    first, second = (look(each, "game").arrays["part0_arrows"][REAL:] for each in (one, other))
    cosine = (first * second).sum(1) / (np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1) + 1e-12)
    assert np.median(cosine) > 0.999


def test_the_cloth_is_what_g_makes_of_a_lattice_of_noise() -> None:
    trainer = game()
    cloth = look(trainer, "game", cloth=True).arrays["part0_curves"]
    with torch.no_grad():
        corner = trainer.pair.generator(torch.tensor([[-2.0, -2.0]]))[0]
    assert cloth.shape == (26, 40, 2)
    assert cloth[0, 0] == pytest.approx(corner.numpy(), abs=1e-5)
    assert cloth[13, 0] == pytest.approx(corner.numpy(), abs=1e-5)
    assert "part0_field" not in look(trainer, "game", field=False).arrays


def test_verdicts_are_shares_of_all_examples() -> None:
    frame = look(game(steps=60), "verdicts")
    assert frame.arrays["part0_0"].sum() == pytest.approx(1, abs=1e-4)
    assert frame.arrays["part0_1"].sum() == pytest.approx(1, abs=1e-4)


def test_samples_come_from_the_same_noise_and_earlier_ones_are_kept() -> None:
    trainer = game("digits", 31)
    now, earlier = look(trainer, "samples"), look(trainer, "samples", moment=0)
    assert now.arrays["part0"].shape == (32, 28, 28)
    assert np.array_equal(earlier.arrays["part0"], trainer.kept[1][:, 0].numpy())
    assert np.array_equal(look(trainer, "samples", moment=1).arrays["part0"], trainer.kept[30][:, 0].numpy())
    (slider,) = cast("list[dict[str, Json]]", now.facts["controls"])
    assert slider["words"] == ["step 1", "step 30", "now"]


def test_an_arc_begins_and_ends_where_it_should_and_keeps_its_length() -> None:
    start, end = torch.tensor([3.0, 0.0, 0.0]), torch.tensor([0.0, 3.0, 0.0])
    way = arc(start, end, 5)
    assert torch.allclose(way[[0, -1]], torch.stack([start, end]), atol=1e-5)
    assert torch.allclose(way.norm(dim=1), torch.full((5,), 3.0), atol=1e-5)
    assert torch.allclose(arc(start, 2 * start, 3)[1], 1.5 * start)


def test_a_walk_begins_and_ends_with_what_g_makes_of_both_noises() -> None:
    trainer = game("digits", 3)
    frame = look(trainer, "between", start=4, end=9)
    ends = torch.cat([trainer.latent(1, 14), trainer.latent(1, 19)])
    pictures = ((trainer.made(ends) + 1) * 127.5 + 0.5).to(torch.uint8)[:, 0].numpy()
    assert np.abs(frame.arrays["part0"][[0, -1]].astype(int) - pictures.astype(int)).max() <= 1
    assert np.array_equal(frame.arrays["part0"][[0, -1]], frame.arrays["part1"][[0, -1]])


def test_the_nearest_of_a_copy_is_itself() -> None:
    real = torch.randn(20, 1, 4, 4, generator=torch.manual_seed(0))
    distance, place = nearest(real[[7, 3]] + 1e-4, real)
    assert place.tolist() == [7, 3]
    assert float(distance.max()) < 0.05
    assert apart(real[:1].expand(5, -1, -1, -1)) == pytest.approx(0, abs=1e-5)


def test_the_story_has_four_parts_and_says_who_does_not_learn() -> None:
    trainer = game()
    trainer.set_hypers({"trains": "generator only"})
    titles = [part["title"] for part in parts(look(trainer, "narrated")) if part["kind"] == "numbers"]
    assert [str(title)[0] for title in titles] == list("1234")
    assert titles[2] == "3 · D does not learn now"


def test_the_story_is_of_a_step_that_does_what_it_says() -> None:
    learnt = game(steps=200).told()[2].figures
    before, after = (float(learnt[n][1]) for n in (1, 2))
    assert after < before


def test_what_is_recognised_is_counted_from_the_share_that_is_asked_for() -> None:
    trainer = game("digits", 3)
    with torch.no_grad():
        most, answer = trainer.judged(trainer.made(trainer.latent(200))).max(1)
    for sure in (50, 90):
        frame = look(trainer, "recognised", sure=sure)
        bars = parts(frame)[1]
        expected = torch.bincount(answer[most > sure / 100], minlength=10) / 200
        assert bars["values"] == pytest.approx(expected.tolist())
    labels = cast("list[str]", parts(frame)[0]["labels"])
    assert labels[3] == f"{int(answer[3])} · {100 * float(most[3]):.0f}\u00a0%"


@pytest.mark.parametrize("lens", ["samples", "between", "verdicts", "nearest", "narrated", "recognised"])
def test_looking_at_pictures_leaves_no_trace_in_training(lens: str) -> None:
    assert_unseen("gan", "digits", lens)


@pytest.mark.parametrize(
    ("key", "task", "lens"), [("cnn", "mnist", "game"), ("gan", "digits", "game"), ("gan", "ring", "samples")]
)
def test_what_a_lens_cannot_show_is_refused_in_words(key: str, task: str, lens: str) -> None:
    with pytest.raises(SpecError, match=r"looks at a generator|needs"):
        look(trained(key, task, 1), lens)


def test_there_are_as_many_made_points_as_real_ones() -> None:
    classes = look(game(), "game").arrays["part0_classes"]
    assert np.bincount(classes).tolist() == [REAL, MADE]
