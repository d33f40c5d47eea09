"""The small OverFeat: one pass and its windows agree, features stand still for boxes, boxes move with scenes."""

from __future__ import annotations

from typing import cast

import pytest
import torch
from torch import nn

from explorer import catalog
from explorer.architectures.overfeat.probes import windows
from explorer.architectures.overfeat.small import WINDOW, SmallOverFeat, build_small
from explorer.architectures.overfeat.training import LocatingTrainer
from explorer.lenses.offset_pooling import interleaved
from explorer.runspec import make_spec
from explorer.spec import SpecError, Value
from explorer.tasks import localisation
from explorer.training.factory import make_trainer

CPU = torch.device("cpu")
CARD = catalog.get("overfeat")


def net(**knobs: Value) -> SmallOverFeat:
    torch.manual_seed(0)
    made = build_small(make_spec(CARD, "single", knobs=knobs).knobs, (1, 64, 64), 15)
    return cast(SmallOverFeat, made).eval()


def trainer(steps: int = 0, knobs: dict[str, Value] | None = None, **hypers: Value) -> LocatingTrainer:
    torch.manual_seed(0)
    made = cast(LocatingTrainer, make_trainer(make_spec(CARD, "single", knobs=knobs or {}, hypers=hypers), CPU))
    for _ in range(steps):
        made.train_step()
    return made


def weights(module: nn.Module) -> list[torch.Tensor]:
    return [each.detach().clone() for each in module.state_dict().values()]


def same(one: list[torch.Tensor], other: list[torch.Tensor]) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("side", [40, 64, 128])
@pytest.mark.parametrize("padding", ["border", "every layer"])
def test_there_is_an_answer_at_every_eighth_pixel(padding: str, side: int) -> None:
    assert net(padding=padding)(torch.zeros(2, 1, side, side)).shape == (2, 15, side // 8 - 3, side // 8 - 3)


def test_one_pass_gives_what_every_window_alone_gives_unless_layers_pad() -> None:
    scene = torch.randn(1, 1, 88, 88)
    for padding, exact in (("border", True), ("every layer", False)):
        model = net(padding=padding)
        with torch.no_grad():
            dense = model(scene)[0].flatten(1).T  # places, 15
            cut = model.windows(scene)[..., 0, 0]
        assert dense.shape == cut.shape == (64, 15)
        assert torch.allclose(dense, cut, atol=1e-4) == exact


def test_an_answer_sees_its_window_and_nothing_else() -> None:
    model, scene = net(), torch.randn(1, 1, 128, 128)
    with torch.no_grad():
        before = model(scene)
        scene[..., 90, 90] += 5.0
        changed = (model(scene) - before).abs().amax((0, 1)) > 0
    rows = changed.any(1).nonzero()[:, 0]
    seen = [at for at in range(13) if 8 * at - 6 <= 90 < 8 * at - 6 + WINDOW]
    assert rows.tolist() == seen


def test_pooling_begun_at_each_cell_gives_answers_half_a_step_apart() -> None:
    model, scene = net(), torch.randn(1, 1, 64, 64)
    with torch.no_grad():
        maps = model.offsets(scene)
        assert torch.allclose(maps[0], model(scene), atol=1e-5)
        # begun one cell later it sees what it would have seen of the scene four pixels further on
        moved = torch.roll(scene, (-4, -4), (2, 3))
        assert torch.allclose(maps[3][..., 1:3, 1:3], model(moved)[..., 1:3, 1:3], atol=1e-4)
    assert interleaved([each[0, 0].numpy() for each in maps]).shape == (8, 8)


def test_settings_that_do_not_fit_are_explained() -> None:
    with pytest.raises(SpecError, match="names 3 layers; there are two"):
        net(channels=(8, 8, 8))
    with pytest.raises(SpecError, match="multiple of 8"):
        build_small(make_spec(CARD, "single").knobs, (1, 60, 60), 15)


# ---- training --------------------------------------------------------------------------------------------------------


def test_first_the_classifier_learns_with_its_features_then_only_the_regressor() -> None:
    one = trainer(classify_until=2)
    parts = {name: cast(nn.Module, one.model.get_submodule(name)) for name in ("features", "classifier", "regressor")}
    for moving in ({"features", "classifier"}, {"features", "classifier"}, {"regressor"}, {"regressor"}):
        before = {name: weights(part) for name, part in parts.items()}
        one.train_step()
        assert {name for name, part in parts.items() if not same(before[name], weights(part))} == moving
    assert one.batch_scores() == {"stage": 2.0}


def test_at_once_everything_learns_in_every_step() -> None:
    one = trainer(knobs={"training": "at once"})
    before = weights(one.model)
    one.train_step()
    assert sum(torch.equal(a, b) for a, b in zip(before, weights(one.model), strict=True)) == 0


def test_raising_the_step_of_the_change_gives_the_turn_back_to_the_classifier() -> None:
    one = trainer(3, classify_until=2)
    assert one.stage == "locating"
    one.set_hypers({"classify_until": 100})
    assert one.stage == "classifying"
    assert one.model.features.training or one.train_step()
    one.train_step()
    assert one.model.features.training


def test_each_part_has_a_rate_of_its_own_that_falls_in_its_own_time() -> None:
    one = trainer(knobs={"box_steps": 50}, classify_until=14, learning_rate=0.01, box_rate=0.002)
    rates = []
    for _ in range(64):
        one.train_step()
        rates.append(one.optimizers()["optimizer"].param_groups[0]["lr"])
    assert rates[0] < rates[2]
    assert max(rates[:14]) <= 0.01
    assert rates[13] < 0.002
    assert rates[14] == pytest.approx(0.002)
    assert rates[63] < 0.0001


def test_a_stretched_scenes_boxes_hold_its_digits_still() -> None:
    one = trainer(stretch=0.2, move=4)
    scenes = torch.full((40, 1, 64, 64), -0.5)
    scenes[:, :, 24:40, 20:36] = 3.0
    objects = torch.tensor([[[5, 20, 24, 36, 40]]]).expand(40, 1, 5)
    drawn, moved = one.stretched(scenes, objects)
    for scene, edges in zip(drawn[:, 0], moved[:, 0, 1:], strict=True):
        ink = (scene > 1.25).nonzero()
        top, left = ink.amin(0).tolist()
        bottom, right = (ink.amax(0) + 1).tolist()
        assert edges.tolist() == pytest.approx([left, top, right, bottom], abs=1.01)
    assert len({tuple(each) for each in moved[:, 0].tolist()}) == 40
    one.set_hypers({"stretch": 0.0, "move": 0})
    assert one.stretched(scenes, objects)[0] is scenes


def test_the_held_out_scores_are_those_of_the_kind() -> None:
    one = trainer(2)
    scores = one.evaluate()
    with torch.no_grad():
        maps = one.model.eval()(one.test[0])
    wanted = localisation.score(maps, one.test_objects)
    assert scores["test_accuracy"] == pytest.approx(float(wanted["accuracy"]))
    assert scores["test_iou"] == pytest.approx(float(wanted["iou"]), abs=1e-5)
    assert torch.equal(one.test[1], one.test_objects[:, 0, 0])


def test_what_the_experiment_measures_of_windows() -> None:
    measured = windows(trainer(2))
    assert measured["places"] == 169
    assert measured["difference"] < 1e-3
    assert measured["same"] == 1.0
    window = 20 * 20 * 25 * 16 + 8 * 8 * 9 * 16 * 40 + 2 * 2 * 9 * 40 * 80 + 4 * 80 * 128 + 128 * 11
    window += 16 * 40 * 64 + 64 * 4
    assert measured["macs_windows"] == 169 * window
    assert measured["macs_windows"] > 4 * measured["macs_dense"]
