"""The margin loss, for one thing in a picture and for two."""

from __future__ import annotations

import pytest
import torch

from explorer.tasks import capsule_pairs, capsules


def test_the_margin_loss_by_hand() -> None:
    lengths = torch.tensor([[0.95, 0.05, 0.3], [0.5, 0.1, 0.9]])
    first = 0.5 * 0.2**2  # long enough, one other too long
    second = 0.8**2 + 0.5 * (0.4**2 + 0.8**2)  # class 1 should have been long
    assert float(capsules.loss(lengths, torch.tensor([0, 1]))) == pytest.approx((first + second) / 2)


def test_nothing_is_lost_where_all_lengths_are_right() -> None:
    lengths = torch.tensor([[0.9, 0.1, 0.1]])
    assert float(capsules.loss(lengths, torch.tensor([0]))) == pytest.approx(0.0, abs=1e-12)


def test_of_two_both_are_to_be_long() -> None:
    lengths = torch.tensor([[0.9, 0.9, 0.1, 0.1]])
    assert float(capsule_pairs.loss(lengths, torch.tensor([1]))) == pytest.approx(0.0, abs=1e-12)  # 0 and 1
    assert float(capsule_pairs.loss(lengths, torch.tensor([2]))) == pytest.approx(0.8**2 + 0.5 * 0.8**2)  # 0 and 2


def test_a_pair_is_right_if_both_are_found_in_any_order() -> None:
    lengths = torch.tensor([[0.9, 0.2, 0.8], [0.9, 0.2, 0.8], [0.1, 0.8, 0.9]])
    targets = torch.tensor([2, 6, 1])  # 0 and 2, 2 and 0, 0 and 1
    score = capsule_pairs.score(lengths, targets)
    assert float(score["accuracy"]) == pytest.approx(2 / 3)
    assert float(score["found"]) == pytest.approx(5 / 6)


def test_shares_of_lengths_add_up_to_one() -> None:
    shares = capsules.probabilities(torch.tensor([[0.9, 0.1], [0.0, 0.0]]))
    assert shares[0].tolist() == pytest.approx([0.9, 0.1])
    assert shares.isfinite().all()
