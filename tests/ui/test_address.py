"""An address is read back as it was written, and nothing that is typed into it fails."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer import catalog
from explorer.spec import Card, Knob, Value
from explorer.ui.address import Address, View, read, write

CARDS = catalog.cards()
NAMES = [
    "view",
    "variant",
    "task",
    "run",
    "experiment",
    "node",
    "channel",
    "step",
    "seed",
    "k.widths",
    "h.learning_rate",
]


def value_of(knob: Knob) -> st.SearchStrategy[Value]:
    if knob.choices:
        return st.sampled_from(knob.choices)
    if isinstance(knob.default, bool):
        return st.booleans()
    low, high = knob.minimum or 0, 1000 if knob.maximum is None else knob.maximum
    if isinstance(knob.default, int):
        return st.integers(int(low), int(high))
    if isinstance(knob.default, float):  # the address writes six digits
        return st.integers(0, 100).map(lambda part: float(f"{low + (high - low) * part / 100:g}"))
    return st.just(knob.default)


@st.composite
def addresses(draw: st.DrawFn, card: Card) -> Address:
    variant = draw(st.sampled_from(card.variants))
    task = draw(st.sampled_from(card.tasks)) if card.tasks else None
    own = task.hypers if task else ()
    hypers = {knob.name: draw(value_of(knob)) for knob in own if draw(st.booleans())}
    defaults = {knob.name: knob.default for knob in own}
    return Address(
        view=draw(st.sampled_from(list(View))),
        variant=variant.id,
        task=task.key if task else "",
        run=draw(st.text("abcXYZ019_-", max_size=20)),
        node=draw(st.text(max_size=30)),
        channel=draw(st.integers(-1, 500)),
        step=draw(st.integers(-1, 20)),
        seed=draw(st.integers(0, 10_000)),
        hypers={name: value for name, value in hypers.items() if value != defaults[name]},
    )


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.key)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_reads_back_what_was_written(card: Card, data: st.DataObject) -> None:
    wanted = data.draw(addresses(card))
    assert read(card, write(card, wanted)) == (wanted, ())


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.key)
@settings(max_examples=60, deadline=None)
@given(
    params=st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=12)), st.text(max_size=60), max_size=8)
)
def test_any_text_gives_an_address_that_the_card_has(card: Card, params: dict[str, str]) -> None:
    found, _ = read(card, params)
    card.variant(found.variant)
    assert found.task in [task.key for task in card.tasks] or (not card.tasks and not found.task)
    card.settings(card.variant(found.variant), found.knobs)
    assert read(card, write(card, found)) == (found, ())


@pytest.mark.parametrize(
    ("part", "asked", "right"), [("view", "trian", "train"), ("variant", "lenet5-modem", "lenet5-modern")]
)
def test_a_wrong_name_is_answered_with_the_nearest_right_one(part: str, asked: str, right: str) -> None:
    _, notes = read(catalog.get("cnn"), {part: asked})
    assert len(notes) == 1
    assert asked in notes[0]
    assert f"did you mean '{right}'?" in notes[0]


def test_a_value_outside_its_range_is_brought_in_with_a_word_about_it() -> None:
    card = catalog.get("feed_forward")
    rate = card.tasks[0].hyper("learning_rate")
    found, notes = read(card, {"h.learning_rate": "1e9"})
    assert found.hypers["learning_rate"] == rate.maximum
    assert "outside its range" in notes[0]
