"""Lenses that give sheets: the parts they are made of, and what they find in real networks."""

from __future__ import annotations

import importlib
import json
from typing import cast

import numpy as np
import pytest
import torch

from explorer import catalog, lenses
from explorer.engine.messages import Frame, Json
from explorer.lenses._features import before_the_answer, outputs_of
from explorer.lenses._sheet import Bars, Choice, Heat, Slider, Words, sheet, text_option
from explorer.lenses.embedding import turn
from explorer.spec import SpecError
from explorer.training.supervised import SupervisedTrainer, evaluating
from tests.lenses.trainers import assert_unseen, look, trained


def parts(frame: Frame) -> list[dict[str, Json]]:
    return cast("list[dict[str, Json]]", frame.facts["parts"])


def test_a_sheet_is_plain_json_beside_its_arrays() -> None:
    frame = sheet(
        Heat("h", np.array([[1.0, -2.0]]), ("row",), ("a", "b")),
        Bars("b", ("x",), (0.5,), shares=True),
        Words("w", ("a", "b"), (0.0, 1.0)),
        caption="All of it.",
        controls=(Slider("n", "N", 2, 0, 5), Choice("m", "M", "a", (("a", "A"),))),
    )
    assert json.loads(json.dumps(frame.facts))["caption"] == "All of it."
    assert parts(frame)[0]["low"], parts(frame)[0]["high"] == (-2.0, 2.0)  # a signed scale is symmetric
    assert frame.arrays["part0"].dtype == np.float16


def test_text_of_a_visitor_loses_control_characters_and_is_cut() -> None:
    assert text_option({"text": "a\x00b\nc" + "d" * 50}, "text", "", 6) == "a b\ncd"
    assert text_option({}, "text", "usual", 20) == "usual"


def test_features_are_what_the_last_layer_reads() -> None:
    trainer = trained("cnn", "mnist", 3)
    assert isinstance(trainer, SupervisedTrainer)
    inputs = trainer.test[0][:7]
    features = before_the_answer(trainer.model, inputs)
    with evaluating(trainer.model):
        assert torch.allclose(trainer.model.get_submodule("fc")(features), trainer.model(inputs), atol=1e-5)


def test_a_projection_is_turned_towards_the_one_before() -> None:
    cloud = torch.randn(40, 2, generator=torch.manual_seed(0))
    angle = torch.tensor(1.1)
    spun = cloud @ torch.stack([torch.stack([angle.cos(), angle.sin()]), torch.stack([-angle.sin(), angle.cos()])])
    assert torch.allclose(spun @ turn(spun, cloud), cloud, atol=1e-5)
    mirrored = cloud * torch.tensor([1.0, -1.0])
    assert torch.allclose(mirrored @ turn(mirrored, cloud), cloud, atol=1e-5)


@pytest.mark.parametrize(("method", "dims"), [("plane", 2), ("space", 3), ("tsne", 2)])
def test_the_embedding_has_a_place_for_every_example(method: str, dims: int) -> None:
    frame = look(trained("cnn", "mnist", 3), "embedding", method=method, points=60)
    assert frame.arrays["part0"].shape == (60, dims)
    assert frame.arrays["part0_pictures"].shape == (60, 28, 28)
    assert np.isfinite(frame.arrays["part0"]).all()


def test_the_pictures_that_excite_a_unit_are_the_strongest_first_and_boxes_lie_inside() -> None:
    trainer = trained("cnn", "mnist", 20)
    assert isinstance(trainer, SupervisedTrainer)
    frame = look(trainer, "excites", layer="features.stage1.conv", channel=2)
    found = outputs_of(trainer.model, "features.stage1.conv", trainer.test[0][:1000])[:, 2].flatten(1).amax(1)
    labels = [float(str(each).replace("−", "-")) for each in cast("list[Json]", parts(frame)[0]["labels"])]
    assert labels == pytest.approx(found.topk(12).values.tolist(), abs=0.006)
    for each in cast("list[dict[str, Json]]", parts(frame)[0]["boxes"]):
        left, top, right, bottom = cast("list[float]", each["box"])
        assert 0 <= left < right <= 28
        assert 0 <= top < bottom <= 28
        assert right - left <= 5


def test_an_unknown_layer_is_refused_with_the_nearest() -> None:
    with pytest.raises(SpecError, match="did you mean 'fc'"):
        look(trained("cnn", "mnist", 1), "excites", layer="fcc")


LEAVING = [
    (card.key, task.key, lens)
    for card in catalog.cards()
    for task in card.tasks[:1]
    for lens in dict.fromkeys((*task.lenses, *task.inside))
]


@pytest.mark.parametrize(("key", "task", "lens"), LEAVING)
def test_looking_leaves_no_trace_in_training(key: str, task: str, lens: str) -> None:
    assert lens in lenses.names()
    assert_unseen(key, task, lens)


def test_a_lens_hides_no_name_that_its_room_needs() -> None:
    for name in lenses.names():
        importlib.import_module(f"explorer.lenses.{name}")
    with pytest.raises(SpecError, match="did you mean 'maps'"):
        look(trained("cnn", "mnist", 1), "mapps")
