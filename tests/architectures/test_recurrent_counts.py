"""Counts of the RNN, LSTM and echo state variants, worked out here without the models."""

from __future__ import annotations

import pytest

from explorer import catalog
from explorer.tracing.trace import blueprint

# id: inputs, hidden units, outputs (0: none), biases of a hidden unit, steps drawn, answers given in them
RNN = {
    "rnn-elman-xor": (1, 2, 1, 1, 9, 9),
    "rnn-elman-letters": (6, 20, 6, 1, 9, 9),
    "rnn-elman-words": (31, 150, 31, 1, 8, 8),
    "rnn-torch-128-256": (128, 256, 0, 2, 8, 0),
    "rnn-textbook-128-256": (128, 256, 0, 1, 8, 0),
    "rnn-28-128-10": (28, 128, 10, 2, 28, 1),
}
# id: inputs, cells, outputs, gates and candidate, biases of each, peepholes of a cell, steps, answers
LSTM = {
    "lstm-torch-128-256": (128, 256, 0, 4, 2, 0, 8, 0),
    "lstm-textbook-128-256": (128, 256, 0, 4, 1, 0, 8, 0),
    "lstm-1997-noforget-128-256": (128, 256, 0, 3, 1, 0, 8, 0),
    "lstm-peephole-128-256": (128, 256, 0, 4, 1, 3, 8, 0),
    "lstm-28-128-10": (28, 128, 10, 4, 2, 0, 28, 1),
}
# id: inputs, units, fed back, outputs
ESN = {
    "esn-sin7-100": (1, 100, 0, 1),
    "esn-melody-400": (0, 400, 1, 1),
    "esn-1000-1pct": (0, 1000, 1, 1),
}
PARAMETERS = {
    "rnn-elman-xor": 11, "rnn-elman-letters": 666, "rnn-elman-words": 31_981, "rnn-torch-128-256": 98_816,
    "rnn-textbook-128-256": 98_560, "rnn-28-128-10": 21_514, "lstm-torch-128-256": 395_264,
    "lstm-textbook-128-256": 394_240, "lstm-1997-noforget-128-256": 295_680, "lstm-peephole-128-256": 395_008,
    "lstm-28-128-10": 82_186, "esn-sin7-100": 100, "esn-melody-400": 400, "esn-1000-1pct": 1_000,
}  # fmt: skip
ONE_STEP = {
    "rnn-elman-xor": 8, "rnn-elman-letters": 640, "rnn-elman-words": 31_800, "rnn-torch-128-256": 98_304,
    "rnn-textbook-128-256": 98_304, "rnn-28-128-10": 21_248, "lstm-torch-128-256": 393_216,
    "lstm-textbook-128-256": 393_216, "lstm-1997-noforget-128-256": 294_912, "lstm-peephole-128-256": 393_216,
    "lstm-28-128-10": 81_152,
}  # fmt: skip
WITHOUT_ZEROS = {
    "esn-sin7-100": (5, 100, 700),
    "esn-melody-400": (1.25, 400, 2_800),
    "esn-1000-1pct": (1, 1000, 12_000),
}


@pytest.mark.parametrize("id", RNN)
def test_a_recurrent_layer_has_two_matrices_however_long_the_sequence(id: str) -> None:
    variant = catalog.get("rnn").variant(id)
    i, h, o, biases, steps, answers = RNN[id]
    assert variant.parameters == h * i + h * h + biases * h + (h + 1) * o == PARAMETERS[id]
    assert variant.macs == steps * h * (i + h) + answers * h * o
    assert variant.input_shape == (steps, i)


@pytest.mark.parametrize("id", LSTM)
def test_an_lstm_has_a_recurrent_layer_for_each_gate_and_the_candidate(id: str) -> None:
    variant = catalog.get("lstm").variant(id)
    i, h, o, layers, biases, peepholes, steps, answers = LSTM[id]
    assert variant.parameters == layers * (h * (i + h) + biases * h) + peepholes * h + (h + 1) * o == PARAMETERS[id]
    assert variant.macs == steps * layers * h * (i + h) + answers * h * o


@pytest.mark.parametrize("id", ESN)
def test_an_echo_state_network_trains_a_weight_for_each_unit_and_fixes_the_others(id: str) -> None:
    variant = catalog.get("esn").variant(id)
    i, units, back, o = ESN[id]
    assert variant.parameters == units * o == PARAMETERS[id]
    assert variant.fixed == units * (i + units + back)
    assert variant.macs == 8 * (variant.fixed + variant.parameters)  # each number once a step, zeros among them


@pytest.mark.parametrize("id", ONE_STEP)
def test_one_step_costs_what_the_note_says(id: str) -> None:
    key = id.partition("-")[0]
    assert blueprint(key, id, {"steps": 1}).macs == ONE_STEP[id]
    variant = catalog.get(key).variant(id)
    step = ONE_STEP[id] - (1_280 if id.endswith("28-128-10") else 0)  # the answer is given once, 128 · 10
    assert f"{step:,}" in variant.note


@pytest.mark.parametrize("id", WITHOUT_ZEROS)
def test_the_work_without_the_zeros_is_told(id: str) -> None:
    percent, units, macs = WITHOUT_ZEROS[id]
    assert macs == percent / 100 * units**2 + 2 * units  # one signal in, by the input or the feedback, and one out
    variant = catalog.get("esn").variant(id)
    assert variant.settings["density"] == percent / 100
    assert f"{macs:,}" in variant.note


def test_catalog_holds_exactly_the_named_variants_of_the_recurrent_networks() -> None:
    named = {"rnn": set(RNN), "lstm": set(LSTM), "esn": set(ESN)}
    assert {key: {one.id for one in catalog.get(key).variants} for key in named} == named
