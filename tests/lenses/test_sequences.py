"""Lenses on recurrent networks: what they follow is what the network computes, and any text can be typed into them."""

from __future__ import annotations

import json
from typing import cast

import numpy as np
import pytest
import torch

from explorer import catalog
from explorer.data import characters
from explorer.engine.messages import Frame, Json
from explorer.lenses._sequence import followed, reading, stepwise
from explorer.spec import SpecError
from explorer.training.supervised import SupervisedTrainer
from tests.lenses.trainers import assert_unseen, look, trained

TASKS = [(key, task.key) for key in ("rnn", "lstm") for task in catalog.get(key).tasks]
LOOKS = [(key, task, lens) for key, task in TASKS for lens in catalog.get(key).task(task).lenses]
TEXTS = {
    "empty": "",
    "control": "\x00\x07\x1b[31m\x7f",
    "emoji": "\U0001f600\U0001f680",
    "right to left": "\u05e9\u05dc\u05d5\u05dd \u202eabc",
    "never seen": "X\u4e2d\u6587X",
    "one": "a",
    "long": "so " * 3000,
    "lines": "\n\n\n",
}


def parts(frame: Frame) -> list[dict[str, Json]]:
    return cast("list[dict[str, Json]]", frame.facts["parts"])


@pytest.mark.parametrize(("key", "task", "lens"), LOOKS)
def test_every_lens_of_every_task_draws_finite_numbers(key: str, task: str, lens: str) -> None:
    frame = look(trained(key, task, 2), lens)
    json.dumps(frame.facts, allow_nan=False)
    for name, array in frame.arrays.items():
        assert array.size, name
        assert np.isfinite(array[~np.isnan(array)]).all() if array.dtype.kind == "f" else True, name


@pytest.mark.parametrize(("key", "task", "lens"), [each for each in LOOKS if each[1] in ("characters", "adding")])
def test_looking_leaves_no_trace(key: str, task: str, lens: str) -> None:
    assert_unseen(key, task, lens)


@pytest.mark.parametrize(("key", "task"), TASKS)
def test_the_states_that_are_followed_are_those_of_torchs_layer(key: str, task: str) -> None:
    trainer, network = stepwise(trained(key, task, 3), "hidden_states")
    inputs = trainer.test[0][:3]
    states = torch.stack([state[0] for state in followed(trainer, network, inputs)], 1)
    with torch.no_grad():
        assert torch.allclose(network.output(states), trainer.model(inputs), atol=1e-5)


def test_a_linear_network_is_followed_as_well() -> None:
    from explorer.runspec import make_spec
    from explorer.training.factory import make_trainer

    torch.manual_seed(0)
    made = make_trainer(make_spec(catalog.get("rnn"), "sines", knobs={"activation": "none"}), torch.device("cpu"))
    trainer, network = stepwise(made, "hidden_states")
    states = torch.stack([state[0] for state in followed(trainer, network, trainer.test[0][:2])], 1)
    with torch.no_grad():
        assert torch.allclose(network.output(states), trainer.model(trainer.test[0][:2]), atol=1e-5)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
@pytest.mark.parametrize("lens", ["next_character", "hidden_states", "gates", "state_space"])
def test_whatever_is_typed_is_answered(lens: str, text: str) -> None:
    frame = look(trained("lstm", "characters", 2), lens, text=text)
    json.dumps(frame.facts, allow_nan=False)
    caption = str(frame.facts["caption"])
    known = characters.readable(text[:400])
    assert ("Left out" in caption) == bool(known.unknown)
    if not known.text.strip("\n ") and not text.strip("\n"):
        assert lens != "next_character" or len(parts(frame)) == 3
    controls = cast("list[dict[str, Json]]", frame.facts["controls"])
    assert controls[0]["name"] == "text"
    assert all(array.size for array in frame.arrays.values())


def test_an_empty_text_is_said_to_be_one() -> None:
    assert "nothing to read" in str(look(trained("rnn", "characters", 1), "hidden_states", text="").facts["caption"])


def test_bars_are_the_probabilities_after_the_text_and_the_sample_is_the_same_again() -> None:
    trainer = trained("rnn", "characters", 20)
    frame = look(trainer, "next_character", text="She was", temperature=5, sample=3)
    with torch.no_grad():
        logits = trainer.model(torch.from_numpy(characters.encode("She was"))[None])[0]
    best = logits[-1].softmax(0).topk(8)
    assert parts(frame)[0]["values"] == pytest.approx(best.values.tolist(), abs=1e-5)
    costs = torch.nn.functional.cross_entropy(logits[:-1], torch.from_numpy(characters.encode("he was")))
    assert f"{float(costs):.2f} nats" in str(parts(frame)[1]["note"])
    again = look(trainer, "next_character", text="She was", temperature=5, sample=3)
    other = look(trainer, "next_character", text="She was", temperature=5, sample=4)
    assert parts(frame)[2]["pieces"] == parts(again)[2]["pieces"] != parts(other)[2]["pieces"]


def test_the_histogram_of_a_gate_counts_all_cells_and_steps() -> None:
    trainer = trained("lstm", "characters", 3)
    for what in ("forget_gate", "input_gate", "output_gate"):
        bars = parts(look(trainer, "gates", what=what))[2]
        assert sum(cast("list[float]", bars["values"])) == pytest.approx(1.0)
    with pytest.raises(SpecError, match="did you mean 'cell'"):
        look(trainer, "gates", what="cel")
    assert "no gates" in str(look(trained("rnn", "characters", 1), "gates").facts["caption"])


@pytest.mark.parametrize("key", ["rnn", "lstm"])
def test_the_gradient_by_an_early_state_is_what_a_small_push_does_to_the_loss(key: str) -> None:
    from explorer.lenses.gradient_through_time import gradient_norms

    trainer, network = stepwise(trained(key, "sines", 3), "gradient_through_time")
    trainer.model.double()
    inputs, targets = trainer.test[0][:1].double(), trainer.test[1][:1].double()
    trainer.test = (inputs, targets)
    norms = gradient_norms(trainer, network, 1)
    assert norms[0].shape == (64,)
    states = followed(trainer, network, inputs)

    def loss(at: int, unit: int, push: float) -> float:
        state = tuple(part.clone() for part in states[at])
        state[0][0, unit] += push
        with torch.no_grad():
            for x in network.read(inputs).unbind(1)[at + 1 :]:
                state = network.step(x, state)
            return float(trainer.kind.loss(network.output(state[0])[:, None], targets))

    for at in (63, 60):
        units = states[0][0].shape[1]
        slopes = [(loss(at, unit, 1e-6) - loss(at, unit, -1e-6)) / 2e-6 for unit in range(units)]
        assert float(np.linalg.norm(slopes)) == pytest.approx(float(norms[0][at]), rel=1e-4, abs=1e-12)


def test_a_visitors_text_is_read_as_it_is_cleaned() -> None:
    from explorer.engine.messages import LensRequest

    trainer = trained("rnn", "characters", 1)
    assert isinstance(trainer, SupervisedTrainer)
    read = reading(trainer, LensRequest("hidden_states", {"text": "caf\u00e9\n\U0001f600!"}))
    assert characters.decode(read.inputs[0].numpy()) == "cafe\n!"
    assert read.labels == ("c", "a", "f", "e", "↵", "!")


def test_lenses_for_sequences_refuse_other_networks_in_words() -> None:
    for lens in ("hidden_states", "state_space", "gradient_through_time", "next_character", "forecast", "recall"):
        with pytest.raises(SpecError, match=lens):
            look(trained("cnn", "mnist", 1), lens)


ECHO = [(task.key, lens) for task in catalog.get("esn").tasks for lens in task.lenses]


@pytest.mark.parametrize(("task", "lens"), ECHO)
def test_every_lens_on_a_reservoir_draws_finite_numbers(task: str, lens: str) -> None:
    frame = look(trained("esn", task, 4), lens)
    json.dumps(frame.facts, allow_nan=False)
    for name, array in frame.arrays.items():
        assert array.size, name
        assert np.isfinite(array[~np.isnan(array)]).all(), name


def test_eigenvalues_lie_within_the_radius_and_follow_it() -> None:
    trainer = trained("esn", "sunspots", 2)
    for radius in (0.9, 0.5):
        trainer.set_hypers({"spectral_radius": radius})
        frame = look(trainer, "eigenvalues")
        found = frame.arrays["part0"][frame.arrays["part0_classes"] == 1]
        assert len(found) == 100
        assert float(np.hypot(*found.T).max()) == pytest.approx(radius, abs=1e-5)
    leaky = look(trainer, "eigenvalues", leaky=True).arrays["part0"][-100:]
    leak = float(str(trainer.hypers["leak"]))
    assert np.allclose(leaky, (1 - leak) * np.array([1, 0]) + leak * found, atol=1e-6)


def test_two_starts_agree_in_a_calm_reservoir_and_not_in_a_wild_one() -> None:
    trainer = trained("esn", "sunspots", 2)
    assert "They agree" in str(look(trainer, "echo_state_test").facts["caption"])
    trainer.set_hypers({"spectral_radius": 2.0, "input_scale": 0.05})
    assert "They agree" not in str(look(trainer, "echo_state_test", input=False).facts["caption"])


def test_lenses_on_reservoirs_refuse_other_networks_in_words() -> None:
    for lens in ("reservoir_traces", "readout_weights", "eigenvalues", "echo_state_test"):
        with pytest.raises(SpecError, match=lens):
            look(trained("rnn", "sines", 1), lens)
