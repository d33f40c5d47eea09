"""Austen in pieces of words: nothing is lost, and what is held out is never learnt from."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tokenizers import Tokenizer

from explorer import data, paths
from explorer.data import characters
from explorer.data.memory import NOT_ASKED
from explorer.data.ngrams import nats
from explorer.data.pieces import MASK, PIECES, SPECIAL, UNKNOWN, WORD_PIECES, Text, byte_pairs, novels, word_pieces
from explorer.data.repeats import LENGTH


def test_pieces_put_together_are_the_text_again() -> None:
    text = novels()[1][0]
    pairs = byte_pairs()
    assert len(pairs.pieces) == PIECES
    assert "".join(pairs.pieces[token] for token in pairs.encode(text)) == text


def test_cutting_word_by_word_gives_what_the_tokenizer_gives() -> None:
    text = novels()[1][1][:20_000] + ' _So_, "--1815--" \n\n  x'
    whole = Tokenizer.from_file(str(paths.assets() / "data" / "austen_bpe.json")).encode(text).ids
    assert byte_pairs().encode(text).tolist() == whole


@pytest.mark.parametrize("name", ["pieces.characters", "pieces.byte_pairs"])
def test_a_target_is_the_token_after_and_the_end_of_each_novel_is_held_out(name: str) -> None:
    text = data.load(name, {"context": 32}, 0)
    assert isinstance(text, Text)
    assert text.context == 32
    assert np.array_equal(text.train_inputs[:, 1:], text.train_targets[:, :-1])
    learnt, held_out = novels()
    assert held_out[0].startswith(text.decode(text.test_inputs.flatten()[:500]))
    assert text.decode(text.train_inputs.flatten()[-500:]) in learnt[1]
    assert text.lengths[text.encode("the")].sum() == 3


def test_word_pieces_know_their_special_tokens_and_unknown_signs() -> None:
    words = word_pieces()
    assert words.get_vocab_size() == WORD_PIECES
    assert [words.token_to_id(each) for each in SPECIAL] == list(range(len(SPECIAL)))
    assert words.encode("Elizabeth").tokens == ["elizabeth"]
    assert words.encode("日本").ids == [UNKNOWN, UNKNOWN]
    assert words.encode("a [MASK] b").ids[1] == MASK


def test_repeated_blocks_repeat_and_only_what_can_be_known_is_asked() -> None:
    blocks = data.load("repeats.blocks", {}, 0)
    half = LENGTH // 2
    assert np.array_equal(blocks.test_inputs[:, :half], blocks.test_inputs[:, half:])
    assert (blocks.test_targets[:, :half] == NOT_ASKED).all()
    assert np.array_equal(blocks.test_targets[:, half:-1], blocks.test_inputs[:, half + 1 :])
    assert np.array_equal(blocks.test_targets[:, -1], blocks.test_inputs[:, 0])


def test_counting_mixes_contexts_as_witten_and_bell_do() -> None:
    # After "a": seen twice, always "b", one kind: (2 + 1 · p("b")) / 3; p("b") = (2 + 2 · 1/2) / (5 + 2)
    assert nats("ababa", "b", 0, 2) == pytest.approx(-math.log(3 / 7))
    assert nats("ababa", "ab", 1, 2) == pytest.approx(-(math.log(4 / 7) + math.log((2 + 3 / 7) / 3)) / 2)


def test_the_reference_line_of_the_cards_is_what_counting_gives() -> None:
    learnt, held_out = novels()
    figure = nats("".join(learnt), "".join(held_out), 3, len(characters.CHARACTERS))
    assert figure == pytest.approx(1.49, abs=0.006)
