from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.engine.messages import Frame, Json
from explorer.spec import SpecError
from explorer.ui import inside_asked as asked
from explorer.ui.inside import PANELS, WITHIN
from explorer.ui.inside_pictures import PicturesPanel, _take

LAYERS: list[Json] = [{"path": "conv", "weighted": True}, {"path": "pool", "weighted": False}]
FRAME = Frame({}, {"input_shape": [1, 3, 2], "layers": LAYERS})
json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


KINDS = st.sampled_from(["draw", "pick", "layer", "class", "why"]) | json
PARTS = dict.fromkeys(("pixels", "index", "layer", "channel", "target", "method"), json)


@given(st.fixed_dictionaries({"kind": KINDS}, optional=PARTS))
def test_whatever_a_browser_sends_is_taken_or_refused(question: dict[str, Json]) -> None:
    panel = PicturesPanel()
    try:
        _take(panel, FRAME, question)
    except SpecError:
        assert panel.own is None
    assert panel.layer in ("", "conv")
    assert 0 <= panel.index <= 10**6
    assert -1 <= panel.channel <= 10**6


def test_a_drawing_arrives_as_it_was_drawn() -> None:
    panel, ink = PicturesPanel(target=3), np.arange(6, dtype=np.uint8)
    _take(panel, FRAME, {"kind": "draw", "pixels": base64.b64encode(ink.tobytes()).decode()})
    assert panel.own is not None
    np.testing.assert_array_equal(panel.own, ink.reshape(1, 3, 2))
    assert (panel.origin, panel.origin_id, panel.target) == ("draw", 1, -1)


@pytest.mark.parametrize("pixels", ["", "AAAA", "A" * 500, "not base64!", 7, None])
def test_a_drawing_of_another_size_is_refused(pixels: Json) -> None:
    with pytest.raises(SpecError):
        asked.pixels({"pixels": pixels}, (1, 3, 2))


def test_a_layer_without_weights_cannot_be_taken_apart() -> None:
    with pytest.raises(SpecError, match="pool"):
        _take(PicturesPanel(), FRAME, {"kind": "layer", "layer": "pool", "channel": 0})


@given(json)
def test_a_point_lies_in_the_plane_or_is_refused(value: Json) -> None:
    try:
        point = asked.point({"point": value}, 1.5)
    except SpecError:
        return
    assert point.shape == (2,)
    assert np.abs(point).max() <= 1.5


def test_every_task_can_be_looked_into_with_a_panel() -> None:
    from explorer import catalog, lenses

    for card in catalog.cards():
        for task in card.tasks:
            assert set(task.inside) - {*PANELS, *WITHIN} <= set(lenses.names()), f"{card.key}/{task.key}"
