"""Muon with matrices taken together does what torch's does one by one."""

from __future__ import annotations

import copy

import torch

from explorer.training.muon import Muon, evened

SHAPES = ((8, 8), (8, 8), (8, 24), (24, 8), (5, 3))


def parameters() -> list[torch.nn.Parameter]:
    torch.manual_seed(0)
    return [torch.nn.Parameter(torch.randn(shape)) for shape in SHAPES]


def test_it_steps_as_torchs_does_matrix_by_matrix() -> None:
    mine = parameters()
    theirs = [copy.deepcopy(each) for each in mine]
    one = Muon(mine, lr=0.05, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
    other = torch.optim.Muon(theirs, lr=0.05, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
    for _ in range(4):
        for a, b in zip(mine, theirs, strict=True):
            a.grad = torch.randn(a.shape)
            b.grad = a.grad.clone()
        one.step()
        other.step()
    for a, b, before in zip(mine, theirs, parameters(), strict=True):
        assert (a - b).norm() < 0.02 * (b - before).norm()
    assert one.state[mine[0]].keys() == other.state[theirs[0]].keys()


def test_a_matrix_without_a_gradient_stays_as_it_is() -> None:
    mine = parameters()
    mine[0].grad = torch.ones(8, 8)
    Muon(mine, lr=0.1, weight_decay=0.1).step()
    assert [torch.equal(a, b) for a, b in zip(mine, parameters(), strict=True)] == [False, True, True, True, True]


def test_singular_values_come_near_one_and_directions_stay() -> None:
    torch.manual_seed(1)
    matrices = [torch.randn(shape) for shape in SHAPES]
    for before, after in zip(matrices, evened(matrices, 5), strict=True):
        values = torch.linalg.svdvals(after.float())
        assert after.shape == before.shape
        assert values.min() > 0.4
        assert values.max() < 1.4
        u, _, v = torch.linalg.svd(before, full_matrices=False)
        turned = u.T @ after.float() @ v.T
        assert (turned - turned.diag().diag()).abs().max() < 0.05
