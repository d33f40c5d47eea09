"""What CapsNet's experiments measure: each probe on small cases whose answer is known."""

from __future__ import annotations

import pytest
import torch

from explorer import catalog
from explorer.architectures.capsnet import probes
from explorer.runspec import make_spec
from explorer.spec import Value
from explorer.training.factory import make_trainer
from explorer.training.supervised import SupervisedTrainer
from explorer.training.trainer import Trainer


def fresh(**knobs: Value) -> Trainer:
    torch.manual_seed(0)
    return make_trainer(make_spec(catalog.get("capsnet"), "mnist", knobs=knobs), torch.device("cpu"))


def test_an_angle_written_into_the_vector_is_read_and_one_that_is_not_there_is_not() -> None:
    generator = torch.manual_seed(0)
    angles = torch.tensor(probes.ANGLES, dtype=torch.float64) / 30
    own = torch.randn(40, 1, 16, generator=generator, dtype=torch.float64) * 0.01
    told = own + angles[None, :, None] * torch.randn(16, generator=generator, dtype=torch.float64)
    blind = torch.randn(40, len(angles), 16, generator=generator, dtype=torch.float64)
    assert probes._angle_r2(told[::2], told[1::2]) > 0.98
    assert probes._angle_r2(blind[::2], blind[1::2]) < 0.1


def test_digits_that_are_fitted_on_are_not_tested_on() -> None:
    paths = torch.arange(10.0)[:, None, None].expand(10, 7, 16)
    targets = torch.tensor([0, 1] * 5)
    for fitted, tested in probes._halves(paths, targets):
        assert not set(fitted.flatten().tolist()) & set(tested.flatten().tolist())


@pytest.mark.parametrize("body", ["capsules", "convolution"])
def test_pose_and_robustness_are_measured_for_capsules_and_for_the_rival(body: str) -> None:
    trainer = fresh(body=body)
    assert isinstance(trainer, SupervisedTrainer)
    trainer.test = trainer.test[0][:200], trainer.test[1][:200]
    found = probes.pose(trainer) | probes.robustness(trainer)
    assert {"angle_r2", "line_share", "pixels_angle_r2", "pixels_line_share"} <= set(found)
    assert 0 < found["line_share"] <= 1
    assert found["pixels_angle_r2"] < 1
    assert all(0 <= found[f"accuracy_{way}"] <= 1 for way in ("shift_2", "shift_4", "turn_15", "turn_30"))


def test_with_one_turn_everyone_gets_an_even_share() -> None:
    trainer = fresh()
    trainer.set_hypers({"routing": 1})
    assert probes.couplings(trainer) == {"say": pytest.approx(1.0, abs=1e-5)}
