"""Changed copies of pictures: what each setting does, and that a run with them still resumes to the bit."""

from __future__ import annotations

import pytest
import torch

from explorer.spec import SpecError
from explorer.training.augmentation import Augmentation

CPU = torch.device("cpu")


def picture() -> torch.Tensor:
    one = torch.full((1, 1, 12, 12), -1.0)
    one[..., 5:7, 2:4] = 1.0
    return one


def test_nothing_is_on_by_default() -> None:
    assert not Augmentation({"learning_rate": 0.1, "mirror": False, "shift": 0}, CPU).on


def test_mirroring_gives_the_picture_or_its_mirror() -> None:
    torch.manual_seed(0)
    many = Augmentation({"mirror": True}, CPU)(picture().repeat(40, 1, 1, 1))
    same = [torch.equal(each, picture()[0]) for each in many]
    mirrored = [torch.equal(each, picture()[0].flip(2)) for each in many]
    assert all(one or other for one, other in zip(same, mirrored, strict=True))
    assert 5 < sum(same) < 35


def test_a_shift_stays_within_its_pixels_and_brings_in_the_ground() -> None:
    torch.manual_seed(0)
    many = Augmentation({"shift": 2}, CPU)(picture().repeat(50, 1, 1, 1))
    rows, columns = torch.meshgrid(torch.arange(12.0), torch.arange(12.0), indexing="ij")
    weight = (many[:, 0] + 1) / (many[:, 0] + 1).sum((1, 2), keepdim=True)
    down, right = (weight * rows).sum((1, 2)) - 5.5, (weight * columns).sum((1, 2)) - 2.5
    assert float(down.abs().max()) <= 2.01
    assert float(right.abs().max()) <= 2.01
    assert float(down.std()) > 0.5
    assert float(many.min()) == pytest.approx(-1.0)


@pytest.mark.parametrize("settings", [{"rotate": 20.0}, {"erase": 0.3}, {"colour": 0.5}, {"mirror": True, "shift": 3}])
def test_chance_is_the_runs_own(settings: dict[str, float]) -> None:
    change = Augmentation(settings, CPU)
    copies = []
    for _ in range(2):
        torch.manual_seed(4)
        copies.append(change(torch.rand(8, 3, 12, 12, generator=torch.Generator().manual_seed(1))))
    assert torch.equal(*copies)
    assert not torch.equal(copies[0], change(torch.rand(8, 3, 12, 12, generator=torch.Generator().manual_seed(1))))


def test_only_pictures_can_be_changed() -> None:
    with pytest.raises(SpecError, match="only pictures"):
        Augmentation({"mirror": True}, CPU)(torch.zeros(3, 2))
