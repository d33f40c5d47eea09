"""Numbers and names as the pages write them."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.ui.text import ago, emphasised, figure, in_words, short, spelled


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("The *maps* move.", "The <i>maps</i> move."),
        ("a **bold** word", "a <b>bold</b> word"),
        ("2 * 3 * 4 stays", "2 * 3 * 4 stays"),
        ("one *star", "one *star"),
        ("<b>no</b> *x*", "&lt;b&gt;no&lt;/b&gt; <i>x</i>"),
    ],
)
def test_stars_become_emphasis_and_nothing_else_becomes_markup(text: str, wanted: str) -> None:
    assert emphasised(text) == wanted


@given(st.text())
def test_no_text_can_bring_markup_of_its_own(text: str) -> None:
    assert set(re.findall(r"<[^>]*>", emphasised(text))) <= {"<i>", "</i>", "<b>", "</b>"}
    assert html.unescape(re.sub(r"</?[ib]>", "", emphasised(text))).replace("*", "") == text.replace("*", "")


@pytest.mark.parametrize(
    ("number", "words", "little", "spoken"),
    [
        (3, "Three", "3", "3"),
        (23, "Twenty-three", "23", "23"),
        (25_557_032, "25,557,032", "25.6 M", "25.6 million"),
        (174_604_222_464, "174,604,222,464", "175 B", "175 billion"),
    ],
)
def test_counts_in_three_ways(number: int, words: str, little: str, spoken: str) -> None:
    assert (in_words(number), short(number), spelled(number)) == (words, little, spoken)


def test_measured_values_have_a_true_minus_and_a_thin_space() -> None:
    assert figure(-0.1234, False) == "−0.123"
    assert figure(0.9731, True) == "97.3\u2009%"


@pytest.mark.parametrize(("past", "said"), [(5, "just now"), (61, "1 minute ago"), (7300, "2 hours ago")])
def test_how_long_ago(past: float, said: str) -> None:
    assert ago(1000.0, 1000.0 + past) == said
