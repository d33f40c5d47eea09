"""The lens that takes separable convolutions apart: its parts add up to what the network computed."""

from __future__ import annotations

from typing import cast

import pytest
import torch

from explorer import catalog
from explorer.engine.messages import Frame, Json, LensRequest
from explorer.lenses import separable
from explorer.lenses._chain import recording
from explorer.runspec import make_spec
from explorer.spec import SpecError
from explorer.training.factory import make_trainer
from explorer.training.supervised import SupervisedTrainer, evaluating
from tests.lenses.trainers import CPU, look, trained


def kinds(frame: Frame) -> list[Json]:
    return [part["kind"] for part in cast("list[dict[str, Json]]", frame.facts["parts"])]


def test_every_depthwise_convolution_is_found_with_the_pointwise_that_reads_it() -> None:
    trainer = trained("mobilenet", "fashion", 1)
    assert isinstance(trainer, SupervisedTrainer)
    with evaluating(trainer.model), recording(trainer.model) as links:
        trainer.model(trainer.test[0][:1])
    found = separable.halves(links)
    assert [each.path for each in found] == [f"blocks.{n}" for n in range(4)]
    for each in found:
        assert each.channels is not None
        halves = (each.space.path, each.channels.path)
        assert halves == (f"{each.path}.depthwise", f"{each.path}.pointwise")


def test_the_filtered_maps_times_their_weights_add_up_to_the_channel_that_goes_out() -> None:
    trainer = trained("xception", "fashion", 3)
    assert isinstance(trainer, SupervisedTrainer)
    with evaluating(trainer.model), recording(trainer.model) as links:
        trainer.model(trainer.test[0][:1])
    one = separable.halves(links)[-1]
    assert one.channels is not None
    weights = trainer.model.get_parameter(f"{one.channels.path}.weight")[5, :, 0, 0]
    added = (one.space.left[0] * weights[:, None, None]).sum(0)
    assert torch.allclose(added, one.channels.summed[0, 5], atol=1e-5)


def test_the_sheet_shows_the_channels_that_weigh_most_first() -> None:
    trainer = trained("xception", "fashion", 3)
    frame = look(trainer, "separable", layer="entry_flow.sepconv", output=7)
    assert kinds(frame) == ["tiles", "tiles", "tiles", "tiles", "tiles", "heat", "numbers"]
    weights = trainer.model.get_parameter("entry_flow.sepconv.pointwise.weight")[7, :, 0, 0].detach()
    parts = cast("list[dict[str, Json]]", frame.facts["parts"])
    shown = [int(str(each)) for each in cast("list[Json]", parts[0]["labels"])]
    assert shown == weights.abs().topk(separable.SHOWN).indices.tolist()
    assert frame.arrays["part1"].shape == (separable.SHOWN, 3, 3)
    figures = cast("list[list[str]]", parts[6]["figures"])
    assert figures[0][1] == f"{9 * 32 + 32 * 64:,}"
    assert figures[2][1] == "12.7 %"


def test_a_convolution_that_is_not_separable_is_shown_as_one() -> None:
    spec = make_spec(catalog.get("xception"), "fashion", knobs={"convolutions": "full"})
    trainer = make_trainer(spec, CPU)
    frame = separable.look(trainer, LensRequest("separable", {"output": 3}))
    assert kinds(frame) == ["tiles", "tiles", "tiles", "tiles", "tiles", "numbers"]
    assert str(frame.facts["caption"]).startswith("Both at once.")
    assert isinstance(trainer, SupervisedTrainer)
    with evaluating(trainer.model), recording(trainer.model) as links:
        trainer.model(trainer.test[0][:1])
    link = separable.halves(links)[-1].space
    module = trainer.model.get_submodule(link.path)
    shares = separable._shares(module, link.seen, module.weight[3].detach())  # type: ignore[arg-type]
    assert torch.allclose(shares.sum(0), link.summed[0, 3], atol=1e-4)


def test_what_cannot_be_taken_apart_is_refused() -> None:
    with pytest.raises(SpecError, match=r"no convolution is called 'blocks\.9'; did you mean"):
        look(trained("mobilenet", "fashion", 1), "separable", layer="blocks.9")
    with pytest.raises(SpecError, match="only pictures"):
        look(trained("feed_forward", "spirals", 1), "separable")
