from __future__ import annotations

import numpy as np
import pytest

from explorer.spec import SpecError
from tests.lenses.trainers import assert_unseen, look, trained


def test_the_sample_goes_through_weights_sum_and_bias() -> None:
    frame = look(trained("perceptron", "and", 7), "line")
    arrays = frame.arrays
    sums = arrays["weights"] @ arrays["sample"] + arrays["biases"]
    assert arrays["sums"] == pytest.approx(sums, abs=1e-6)
    assert arrays["answers"][0] == float(sums[0] > 0)
    assert arrays["answers"][1] == pytest.approx(1 / (1 + np.exp(-sums[1])), abs=1e-6)


def test_sample_and_target_are_a_row_of_the_table() -> None:
    frame = look(trained("perceptron", "xor", 3), "line")
    row = [np.array_equal(point, frame.arrays["sample"]) for point in frame.arrays["points"]].index(True)
    assert frame.arrays["classes"][row] == frame.facts["target"]


def test_784_weights_become_a_picture() -> None:
    trainer = trained("perceptron", "digits01", 30)
    frame = look(trainer, "line")
    weight = trainer.model.get_parameter("rosenblatt.sum.weight").detach().numpy().reshape(28, 28)
    assert frame.arrays["weight_maps"].shape == (2, 28, 28)
    expected = weight / np.abs(weight).max() * 127 + 128
    assert np.abs(frame.arrays["weight_maps"][0] - expected).max() <= 0.51
    assert frame.arrays["picture"].shape == (28, 28)


def test_before_the_first_step_there_is_a_sample_too() -> None:
    assert look(trained("perceptron", "and", 0), "line").arrays["sample"].shape == (2,)


def test_training_sees_nothing_of_it() -> None:
    assert_unseen("perceptron", "clouds", "line")


def test_deep_networks_have_no_line() -> None:
    with pytest.raises(SpecError, match="sample by sample"):
        look(trained("feed_forward", "circles", 0), "line")
