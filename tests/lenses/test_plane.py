from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.spec import SpecError
from tests.lenses.trainers import assert_unseen, look, trained


def cells(side: int, span: float) -> torch.Tensor:
    """The middles of the cells, from the top left, written out."""
    step = 2 * span / side
    points = [(-span + (j + 0.5) * step, span - (i + 0.5) * step) for i in range(side) for j in range(side)]
    return torch.tensor(points)


def as_numbers(packed: np.ndarray, scale: float = 1.0) -> np.ndarray:
    return (packed.astype(np.float64) - 128) / 127 * scale


def test_surface_is_the_networks_own_probability() -> None:
    trainer = trained("feed_forward", "spirals", 20)
    frame = look(trainer, "plane", grid=8, surface=24)
    with torch.no_grad():
        expected = trainer.model(cells(24, float(str(frame.facts["span"])))).sigmoid().view(24, 24).numpy()
    assert frame.arrays["surface"].shape == (24, 24)
    assert np.abs((as_numbers(frame.arrays["surface"]) + 1) / 2 - expected).max() < 0.5 / 127


def test_units_are_the_hidden_layers_answers() -> None:
    trainer = trained("feed_forward", "spirals", 20)
    frame = look(trainer, "plane", grid=8, surface=8)
    with torch.no_grad():
        x = cells(8, float(str(frame.facts["span"])))
        for index, layer in enumerate(trainer.model.get_submodule("hidden").children()):
            x = layer(x)
            assert np.abs(as_numbers(frame.arrays[f"units_{index}"]) - x.T.reshape(-1, 8, 8).numpy()).max() < 1 / 127


def test_weights_are_copies_by_the_names_that_edit_them() -> None:
    trainer = trained("feed_forward", "circles")
    frame = look(trainer, "plane")
    layers = frame.facts["layers"]
    assert isinstance(layers, list)
    parameters = dict(trainer.model.named_parameters())
    for index, layer in enumerate(layers):
        assert isinstance(layer, dict)
        weight = parameters[f"{layer['path']}.weight"].detach().numpy()
        assert np.array_equal(frame.arrays[f"weights_{index}"], weight)
        assert not np.shares_memory(frame.arrays[f"weights_{index}"], weight)


def test_histograms_count_the_training_points() -> None:
    frame = look(trained("feed_forward", "moons"), "plane", histogram=True)
    assert frame.arrays["histograms"][:-1].sum(1) == pytest.approx(1.0)


def test_points_lie_inside_the_picture() -> None:
    frame = look(trained("feed_forward", "circles"), "plane", points=True)
    assert np.abs(frame.arrays["train_points"]).max() < float(str(frame.facts["span"]))
    assert len(frame.arrays["test_points"]) == len(frame.arrays["test_classes"])


def test_training_sees_nothing_of_it() -> None:
    assert_unseen("feed_forward", "spirals", "plane", points=True, histogram=True)


def test_pictures_have_no_plane() -> None:
    with pytest.raises(SpecError, match="two inputs"):
        look(trained("feed_forward", "mnist", 0), "plane")
