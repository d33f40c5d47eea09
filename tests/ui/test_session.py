"""What is remembered of a visitor, and what stands in the address instead."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from streamlit.testing.v1 import AppTest

from explorer.spec import SpecError
from explorer.ui import session as sessions
from explorer.ui.session import KEY, Session


@dataclass
class Panel:
    count: int = 0


def test_a_panel_keeps_its_state_and_names_are_apart() -> None:
    mine = Session()
    mine.panel(Panel).count = 3
    assert mine.panel(Panel).count == 3
    assert mine.panel(Panel, "other").count == 0
    assert Session().panel(Panel).count == 0


def test_the_projector_setting_is_remembered_and_taken_back() -> None:
    def script() -> None:
        import streamlit as st

        from explorer.ui.session import is_room

        st.write(str(is_room()))

    test = AppTest.from_function(script)
    test.query_params["size"] = "room"
    assert test.run().markdown[0].value == "True"
    test.query_params.clear()
    assert test.run().markdown[0].value == "True"
    test.query_params["size"] = "desk"
    assert test.run().markdown[0].value == "False"
    assert isinstance(test.session_state[KEY], Session)


def test_going_to_a_view_writes_the_address_and_keeps_the_projector_setting() -> None:
    def script() -> None:
        from explorer import catalog
        from explorer.ui.address import View
        from explorer.ui.session import go

        go(catalog.get("cnn"), view=View.TRAIN, seed=4)

    test = AppTest.from_function(script)
    test.query_params["size"] = "room"
    test.query_params["node"] = "C1"
    test.run()
    assert not test.exception
    wanted = {"view": "train", "seed": "4", "node": "C1", "size": "room"}
    assert {name: test.query_params[name] for name in test.query_params} == wanted


def test_an_engine_that_does_not_exist_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_ENGINE", "lokal")
    sessions.client.clear()
    with pytest.raises(SpecError, match="no engine 'lokal' here; did you mean 'local'"):
        sessions.client()
