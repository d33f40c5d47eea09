from __future__ import annotations

import math

import pytest
import torch

from explorer import tasks
from explorer.spec import SpecError


def test_binary_and_classification_agree_on_two_classes() -> None:
    logits, targets = torch.randn(20, 1), torch.randint(0, 2, (20,))
    pair = torch.cat([torch.zeros(20, 1), logits], dim=1)  # softmax of (0, z) is the sigmoid of z
    one, two = tasks.get("binary"), tasks.get("classification")
    assert torch.allclose(one.loss(logits, targets), two.loss(pair, targets))
    assert torch.allclose(one.probabilities(logits), two.probabilities(pair))
    assert one.score(logits, targets) == two.score(pair, targets)


def test_a_logit_of_zero_knows_nothing() -> None:
    assert float(tasks.get("binary").loss(torch.zeros(4, 1), torch.tensor([0, 1, 0, 1]))) == pytest.approx(math.log(2))


def test_outputs_follow_the_classes() -> None:
    assert (tasks.get("binary").outputs(2), tasks.get("classification").outputs(10)) == (1, 10)
    with pytest.raises(ValueError, match="the data has 3"):
        tasks.get("binary").outputs(3)


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(SpecError, match="did you mean 'classification'"):
        tasks.get("clasification")
