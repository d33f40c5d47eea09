from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

import explorer
from explorer.training.randomness import Preserved, Randomness

CPU = torch.device("cpu")
PACKAGE = Path(explorer.__file__).parent


def test_generators_are_made_in_one_place() -> None:
    """A generator for another device than the run's is the one mix-up that fake devices do not catch."""
    places = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if re.search(r"torch\.Generator\(|import Generator\b", path.read_text(encoding="utf-8"))
    }
    assert places == {"training/randomness.py"}


def test_a_run_draws_the_same_whatever_others_draw() -> None:
    drawn = []
    for disturb in (False, True):
        randomness = Randomness(3, CPU)
        numbers = []
        for _ in range(3):
            with randomness:
                numbers.append(torch.rand(2))
            if disturb:
                torch.rand(7)
        drawn.append(torch.stack(numbers))
    assert torch.equal(*drawn)


def test_it_may_be_entered_twice_and_puts_back_after_an_error() -> None:
    before = torch.get_rng_state()
    randomness = Randomness(0, CPU)
    with pytest.raises(KeyError), randomness, randomness:  # noqa: PT012
        torch.rand(3)
        raise KeyError
    assert torch.equal(torch.get_rng_state(), before)
    with randomness:
        second = torch.rand(3)
    torch.manual_seed(0)
    torch.rand(3)
    assert torch.equal(second, torch.rand(3))


def test_state_and_load_go_back() -> None:
    randomness = Randomness(0, CPU)
    state = randomness.state()
    with randomness:
        first = torch.rand(3)
    randomness.load(state)
    with randomness:
        assert torch.equal(torch.rand(3), first)


def test_preserved_leaves_no_trace() -> None:
    before = torch.get_rng_state()
    with pytest.raises(RuntimeError), Preserved(CPU):  # noqa: PT012
        torch.rand(3)
        raise RuntimeError
    assert torch.equal(torch.get_rng_state(), before)
