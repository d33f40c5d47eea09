from __future__ import annotations

import numpy as np
import pytest
import torch

from explorer.spec import SpecError
from explorer.training.supervised import SupervisedTrainer
from tests.lenses.trainers import assert_unseen, look, trained


def test_maps_are_the_convolutions_own_output() -> None:
    trainer = trained("cnn", "mnist")
    assert isinstance(trainer, SupervisedTrainer)
    frame = look(trainer, "maps", index=7)
    layers = frame.facts["layers"]
    assert isinstance(layers, list)
    assert isinstance(layers[0], dict)
    with torch.no_grad():
        expected = trainer.model.get_submodule(str(layers[0]["path"]))(trainer.test[0][7:8])[0]
        answer = trainer.model(trainer.test[0][7:8]).softmax(1)[0]
    scale = float(expected.abs().max())
    seen = (frame.arrays["maps_0"].astype(np.float64) - 128) / 127 * scale
    assert np.abs(seen - expected.numpy()).max() <= 0.51 * scale / 127
    assert frame.arrays["probabilities"] == pytest.approx(answer.numpy(), abs=1e-6)
    assert frame.facts["target"] == int(trainer.test[1][7])


def test_every_layer_is_named_with_its_shape() -> None:
    frame = look(trained("cnn", "mnist", 0), "maps")
    layers = frame.facts["layers"]
    assert isinstance(layers, list)
    for at, layer in enumerate(layers):
        assert isinstance(layer, dict)
        assert isinstance(layer["shape"], list)
        assert frame.arrays[f"maps_{at}"].shape[1:] == tuple(layer["shape"][1:])


def test_colour_pictures_keep_their_colours() -> None:
    assert look(trained("cnn", "emoji", 0), "maps").arrays["picture"].shape == (32, 32, 3)


def test_training_sees_nothing_of_it() -> None:
    assert_unseen("cnn", "fashion", "maps", index=3)


def test_points_have_no_maps() -> None:
    with pytest.raises(SpecError, match="pictures"):
        look(trained("feed_forward", "circles", 0), "maps")
