from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.training import batches
from explorer.training.batches import Batches
from explorer.training.placing import placed, rows

CPU = torch.device("cpu")


def _batches(count: int, size: int) -> Batches:
    numbers = torch.arange(count)
    return Batches(numbers.float()[:, None], numbers, size, seed=5)


@pytest.fixture(params=[1, 40, 2**20], ids=["one batch a piece", "some", "an epoch"])
def piece(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "PIECE", request.param)


@pytest.mark.usefixtures("piece")
def test_an_epoch_shows_each_example_once_in_the_order_of_its_shuffle() -> None:
    ours, order = _batches(23, 4), torch.randperm(23, generator=torch.Generator().manual_seed(5))
    seen = [ours.next() for _ in range(5)]
    assert torch.cat([targets for _, targets in seen]).tolist() == order[:20].tolist()
    assert all(inputs[:, 0].tolist() == targets.tolist() for inputs, targets in seen)
    assert ours.next()[1].tolist() != order[20:].tolist(), "what is left waits for the next shuffle"


@pytest.mark.usefixtures("piece")
@pytest.mark.parametrize("done", [0, 1, 3, 5, 7])
def test_a_saved_place_in_an_epoch_goes_on(done: int) -> None:
    ours, again = _batches(23, 4), _batches(23, 4)
    for _ in range(done):
        ours.next()
    again.load(ours.state())
    for _ in range(8):
        assert ours.next()[1].tolist() == again.next()[1].tolist()


@pytest.mark.usefixtures("piece")
def test_another_size_goes_on_in_the_same_epoch() -> None:
    ours, order = _batches(23, 4), torch.randperm(23, generator=torch.Generator().manual_seed(5))
    ours.next()
    ours.resize(6)
    assert ours.next()[1].tolist() == order[4:10].tolist()


@pytest.mark.usefixtures("piece")
def test_a_set_smaller_than_a_batch_is_one_batch() -> None:
    ours = _batches(3, 8)
    assert [sorted(ours.next()[1].tolist()) for _ in range(3)] == [[0, 1, 2]] * 3


@pytest.mark.parametrize("shape", [(6, 1, 4, 5), (6, 3, 4, 5), (6, 7), (6, 2, 3, 4, 5)])
def test_placed_rows_keep_values_and_layout(shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(0).random(shape, dtype=np.float32)
    data, order = placed(array, CPU), torch.tensor([4, 0, 5])
    taken = rows(data, order)
    assert np.array_equal(data.numpy(), array)
    assert torch.equal(taken, data[order])
    assert taken.stride() == data.stride()
    assert (data.stride(1) == 1) == (len(shape) in (2, 4)), "pictures lie channels last"
