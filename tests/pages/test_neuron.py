"""The neuron's page: three toys, their equations, and the way on to the perceptron."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from explorer.ui.neuron import EQUATIONS, PARTS
from tests.pages.conftest import everything, sound


def test_all_three_parts_stand_with_their_equations(page: Callable[..., AppTest]) -> None:
    test = page("neuron")
    sound(test)
    said = everything(test)
    for part, title, lead in PARTS:
        assert title in said
        assert lead in said
        assert any(EQUATIONS[part] in each.value for each in test.latex)
    assert [button.label for button in test.button] == ["Train one: open the perceptron"]
