"""What a visitor's browser may send from a sheet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.messages import Frame, Json
from explorer.ui.sheets import LONGEST, SheetPanel, _take, title_of

FRAME = Frame({}, {"controls": [{"name": "layer"}, {"name": "text"}], "parts": [{"pick": "chosen"}, {"title": "x"}]})
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(["id", "options", "other"]), json | st.dictionaries(st.text(max_size=8), json)))
def test_whatever_a_browser_sends_is_taken_or_refused(asked: dict[str, Json]) -> None:
    here = SheetPanel()
    _take(FRAME, here, asked)
    assert set(here.options) <= {"layer", "text", "chosen"}
    assert all(isinstance(value, (bool, int, float, str)) for value in here.options.values())


def test_an_option_is_taken_once_and_an_unknown_one_is_refused_by_name() -> None:
    here = SheetPanel()
    assert _take(FRAME, here, {"id": 1, "options": {"layer": "conv", "chosen": 3}})
    assert not _take(FRAME, here, {"id": 1, "options": {"layer": "other"}})
    assert here.options == {"layer": "conv", "chosen": 3}
    assert _take(FRAME, here, {"id": 2, "options": {"layr": "x"}})
    assert "did you mean 'layer'" in here.refused


def test_a_text_that_is_too_long_is_refused_with_its_length() -> None:
    here = SheetPanel()
    _take(FRAME, here, {"id": 1, "options": {"text": "a" * (LONGEST + 1)}})
    assert "2,001 characters" in here.refused
    assert here.options == {}


def test_a_lens_is_called_as_people_write() -> None:
    assert title_of("residual_blocks") == "Residual blocks"
