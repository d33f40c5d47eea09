from __future__ import annotations

import numpy as np
import pytest

from explorer import data
from explorer.data import characters


def test_the_novels_use_77_characters_and_every_one_of_them_is_known() -> None:
    texts = [characters.novel(name) for name in characters.NOVELS]
    assert set("".join(texts)) == set(characters.CHARACTERS)
    assert len(characters.CHARACTERS) == len(set(characters.CHARACTERS)) == 77
    assert characters.decode(characters.encode(texts[0][:3000])) == texts[0][:3000]


def test_the_last_tenth_of_each_novel_is_held_out() -> None:
    learnt, held_out = (characters.decode(stream) for stream in characters.streams())
    for name in characters.NOVELS:
        text = characters.novel(name)
        assert text[: int(0.89 * len(text))] in learnt
        assert text[-int(0.099 * len(text)) :] in held_out
    assert len(learnt) + len(held_out) == sum(len(characters.novel(name)) for name in characters.NOVELS)


@pytest.mark.parametrize("context", [64, 33])
def test_the_target_of_each_character_is_the_next_one(context: int) -> None:
    one = data.load("characters.austen", {"context": context}, seed=0)
    assert one.input_shape == (context,)
    for inputs, targets, stream in (
        (one.train_inputs, one.train_targets, characters.streams()[0]),
        (one.test_inputs, one.test_targets, characters.streams()[1]),
    ):
        assert inputs.dtype == targets.dtype == np.int64
        assert np.array_equal(targets[:, :-1], inputs[:, 1:])
        assert np.array_equal(inputs.ravel(), stream[: inputs.size])
        assert np.array_equal(targets.ravel(), stream[1 : targets.size + 1])
    assert len(one.classes) == 77


@pytest.mark.parametrize(
    ("typed", "text", "unknown"),
    [
        ("It is a truth", "It is a truth", ()),
        ("", "", ()),
        ("caf\u00e9 \u201cna\u00efve\u201d \u2014 it\u2019s", 'cafe "naive" -- it\'s', ()),
        ("a\x00b\x1bc\td", "a b c d", ()),
        ("one\r\ntwo", "one\ntwo", ()),
        ("Oh \U0001f600 X\U0001f600", "Oh  ", ("\U0001f600", "X")),
        ("\u05e9\u05dc\u05d5\u05dd", "", ("\u05e9", "\u05dc", "\u05d5", "\u05dd")),
        ("\u202eab", "ab", ("\u202e",)),
    ],
)
def test_what_a_visitor_types_becomes_readable(typed: str, text: str, unknown: tuple[str, ...]) -> None:
    found = characters.readable(typed)
    assert (found.text, found.unknown) == (text, unknown)
    assert characters.decode(characters.encode(found.text)) == text
    assert bool(found.remark) == bool(unknown)
    assert all(each.isprintable() for each in found.remark)
