from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from explorer import tasks
from explorer.spec import SpecError


def test_reconstruction_is_the_squared_error_and_has_no_classes() -> None:
    kind = tasks.get("reconstruction")
    given, wanted = torch.zeros(2, 1, 3, 3), torch.full((2, 1, 3, 3), 0.5)
    assert float(kind.loss(given, wanted)) == pytest.approx(0.25)
    assert kind.outputs(10) == 1
    with pytest.raises(SpecError, match="pictures, not classes"):
        kind.probabilities(given)


def test_segmentation_scores_overlap_by_class_and_leaves_out_what_is_nowhere() -> None:
    kind = tasks.get("segmentation")
    truth = torch.tensor([[[0, 0, 2, 2]]])  # of three classes, class 1 is nowhere
    answer = torch.tensor([[[0, 2, 2, 2]]])
    logits = F.one_hot(answer, 3).permute(0, 3, 1, 2).float() * 9
    score = kind.score(logits, truth)
    assert float(score["accuracy"]) == pytest.approx(3 / 4)
    assert float(score["iou"]) == pytest.approx((1 / 2 + 2 / 3) / 2)
    assert float(kind.loss(logits, answer)) < 0.01 < float(kind.loss(logits, truth))
    assert kind.probabilities(logits).sum(1) == pytest.approx(torch.ones(1, 1, 4).numpy())
