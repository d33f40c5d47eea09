"""The small BERT that trains live: what is hidden, what is asked of a pair, and what its lenses show."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
import torch

from explorer import data
from explorer.architectures.bert.small import build_small
from explorer.architectures.bert.training import BERTTrainer, own_row
from explorer.data.pieces import CLS, MASK, SEP, SPECIAL, novels, word_pieces
from explorer.data.spans import MORE_TOKENS, TOKENS, Spans, encode, segments
from explorer.engine.messages import Frame, Json
from explorer.spec import SpecError
from explorer.training.masking import continuing, hide, whole
from explorer.training.randomness import generator
from explorer.training.supervised import evaluating
from tests.lenses.trainers import assert_unseen, look, trained

AWKWARD = ("", "😀😀", "a" * 100_000, "\x00\x1b[31m", "שלום עולם", "<script>", "_ _ _ _ _", "[SEP] [CLS] x")
SMALL = {"embed_dim": 64, "num_heads": 2, "num_layers": 1, "feed_forward_ratio": 1, "spread": 0.5}
LENSES = ("fill_the_blank", "masking", "pair_verdict", "word_plane")


def spans(name: str) -> Spans:
    found = data.load(f"spans.{name}", {}, 0)
    assert isinstance(found, Spans)
    return found


def parts(frame: Frame) -> list[dict[str, Json]]:
    return cast("list[dict[str, Json]]", frame.facts["parts"])


def where(stream: np.ndarray, piece: np.ndarray) -> bool:
    windows = np.lib.stride_tricks.sliding_window_view(stream, len(piece))
    return bool((windows == piece).all(1).any())


def test_cutting_word_by_word_gives_what_the_tokenizer_gives() -> None:
    text = novels()[1][1][:30_000]
    assert encode(text).tolist() == word_pieces().encode(text).ids


def test_a_pair_follows_or_not_and_its_lengths_say_nothing() -> None:
    austen = spans("austen")
    rows, yes = austen.test_inputs, austen.test_targets
    assert yes.mean() == 0.5
    assert (rows[:, 0] == CLS).all()
    ends = (rows[:, 1:] == SEP).argmax(1)
    assert ends[yes == 1].mean() == ends[yes == 0].mean()
    for row, answer in zip(rows[:40], yes[:40], strict=True):
        words = row[row >= len(SPECIAL)]
        assert len(words) == TOKENS
        assert any(where(stream, words) for stream in austen.held_out) == (answer == 1)


def test_the_second_span_alone_does_not_tell_whether_the_book_is_the_same() -> None:
    books = spans("books")
    rows, yes = books.rows(books.learnt, np.random.default_rng(0), 400)
    second = [row[segments(row[None])[0] == 1][:-1] for row in rows]
    first_source = np.array([where(books.learnt[0], each) for each in second])
    assert abs(first_source[yes == 1].mean() - first_source[yes == 0].mean()) < 0.15
    assert 0.4 < first_source.mean() < 0.6


def test_of_the_chosen_words_eight_in_ten_are_hidden_and_one_in_ten_is_another() -> None:
    rows = torch.from_numpy(np.tile(spans("austen").test_inputs, (4, 1)))
    hidden = hide(rows, 0.25, continuing(spans("austen").classes), generator(torch.device("cpu"), 3))
    assert hidden.places.shape[1] == round(0.25 * TOKENS)
    assert torch.equal(rows.gather(1, hidden.places), hidden.words)
    assert bool((hidden.words >= len(SPECIAL)).all())
    read = hidden.tokens.gather(1, hidden.places)
    assert float((read == MASK).float().mean()) == pytest.approx(0.8, abs=0.02)
    assert float((read == hidden.words).float().mean()) == pytest.approx(0.1, abs=0.02)
    untouched = torch.ones_like(rows).scatter(1, hidden.places, 0).bool()
    assert torch.equal(hidden.tokens[untouched], rows[untouched])


def test_a_word_is_whole_if_no_later_piece_of_it_follows() -> None:
    names = (*SPECIAL, "the", "eli", "##za", "##beth", ",")
    rows = torch.tensor([[CLS, 5, 6, 7, 8, 9, SEP]])
    assert whole(rows, continuing(names)).tolist() == [[False, True, False, False, False, True, False]]


def test_whole_words_are_hidden_first_and_pieces_only_when_those_run_out() -> None:
    names = (*SPECIAL, "the", "eli", "##za", "##beth", ",")
    rows = torch.tensor([[CLS, 5, 6, 7, 8, 9, SEP]]).repeat(50, 1)
    chance = generator(torch.device("cpu"), 1)
    assert hide(rows, 0.4, continuing(names), chance).places.sort(1).values.tolist() == [[1, 5]] * 50
    most = hide(rows, 0.8, continuing(names), chance).places
    assert ((most == 1).any(1) & (most == 5).any(1)).all()
    assert set(most.flatten().tolist()) == {1, 2, 3, 4, 5}


def test_asking_at_some_places_gives_what_the_whole_network_answers_there() -> None:
    trainer = trained("bert", "words", 2)
    assert isinstance(trainer, BERTTrainer)
    tokens, which = trainer.example_inputs()
    with evaluating(trainer.model):
        words, pair = trainer.model(tokens, which)
        at = trainer.hidden.places[:1]
        asked, asked_pair = trainer.answers(type(trainer.hidden)(tokens, at, trainer.hidden.words[:1]), which)
    assert torch.allclose(words[0, at[0]], asked[0], atol=1e-5)
    assert torch.allclose(pair, asked_pair, atol=1e-5)


@pytest.mark.parametrize(("sees", "changes"), [("both", True), ("left", False)])
def test_only_with_both_directions_a_word_depends_on_what_follows(sees: str, changes: bool) -> None:
    sizes = {"embed_dim": 16, "num_heads": 2, "num_layers": 2, "feed_forward_ratio": 2}
    settings = {**sizes, "sees": sees, "positions": "sines", "spread": 0.5}
    net = build_small(settings, (27,), 50)
    row = torch.randint(5, 50, (1, 27))
    which = torch.zeros_like(row)
    with torch.no_grad():
        before = net(row, which)[0][0, 10]
        row[0, 20] = (row[0, 20] - 4) % 45 + 5
        assert torch.allclose(before, net(row, which)[0][0, 10], atol=1e-6) != changes


@pytest.mark.parametrize("text", AWKWARD)
def test_any_text_is_read(text: str) -> None:
    trainer = trained("bert", "words", 1)
    fills = look(trainer, "fill_the_blank", text=text)
    assert 1 <= sum(part["kind"] == "bars" for part in parts(fills)) <= 3
    shares = cast("list[float]", parts(look(trainer, "pair_verdict", first=text, second=text))[0]["values"])
    assert sum(shares) == pytest.approx(1, abs=1e-5)


def test_masking_shows_what_was_hidden_and_counts_it() -> None:
    trainer = trained("bert", "words", 1)
    was, read, _, numbers = parts(look(trainer, "masking", index=3, draw=2))
    changed = sum(
        a != b for a, b in zip(cast("list[str]", was["pieces"]), cast("list[str]", read["pieces"]), strict=True)
    )
    counts = [int(str(figure[1])) for figure in cast("list[list[str]]", numbers["figures"])]
    assert sum(counts) == round(0.25 * TOKENS)
    assert changed == counts[0] + counts[1]


def test_attention_reads_own_texts() -> None:
    trainer = trained("bert", "books", 1)
    assert look(trainer, "attention").arrays["weights_0"].shape == (2, 4, MORE_TOKENS + 3, MORE_TOKENS + 3)
    assert look(trainer, "attention", text="she was").arrays["weights_0"].shape == (2, 4, 4, 4)
    (place,) = cast("list[dict[str, Json]]", look(trainer, "attention").facts["places"])
    assert (place["title"], place["masked"]) == ("Encoder looks at itself", False)


def test_attention_tells_a_text_from_the_one_after_the_bar() -> None:
    frame = look(trained("bert", "words", 1), "attention", text="she was _ | and he")
    (place,) = cast("list[dict[str, Json]]", frame.facts["places"])
    assert place["rows"] == ["[CLS]", "she", "was", "[MASK]", "[SEP]", "and", "he", "[SEP]"]
    assert frame.facts["segments"] == [0, 0, 0, 0, 0, 1, 1, 1]


@pytest.mark.parametrize("text", [each for each in AWKWARD if each not in ("", "\x00\x1b[31m")])
def test_attention_reads_any_text(text: str) -> None:
    trainer = trained("bert", "words", 1)
    rows = len(own_row(text, TOKENS))
    assert look(trainer, "attention", text=text).arrays["weights_0"].shape == (2, 4, rows, rows)


@pytest.mark.parametrize("text", ["\x00", " ", "|", "[CLS] | [SEP]"])
def test_attention_says_when_there_is_nothing_to_read(text: str) -> None:
    with pytest.raises(SpecError, match="nothing in this text"):
        look(trained("bert", "words", 1), "attention", text=text)


@pytest.mark.parametrize("text", ["a " * 60, "a " * 60 + "| b", "a | " + "b " * 60, "a " * 60 + "|" + "b " * 60])
def test_a_long_text_is_cut_and_neither_half_of_a_pair_is_lost(text: str) -> None:
    row = own_row(text, TOKENS)
    assert len(row) == TOKENS + 2 + ("|" in text)
    assert (word_pieces().token_to_id("b") in row) == ("|" in text)


@pytest.mark.parametrize("lens", LENSES)
def test_looking_leaves_no_trace(lens: str) -> None:
    assert_unseen("bert", "books", lens)


@pytest.mark.parametrize("lens", LENSES)
def test_networks_that_fill_no_blanks_are_refused(lens: str) -> None:
    with pytest.raises(SpecError):
        look(trained("gpt", "repeats", 1), lens)


@pytest.mark.parametrize(("positions", "spread"), [("sines", 0.5), ("random", 0.02)])
def test_places_begin_as_large_as_words_or_small(positions: str, spread: float) -> None:
    net = build_small({**SMALL, "sees": "both", "positions": positions}, (27,), 50)
    places = net.embeddings.position.weight.detach()
    assert float(places.square().mean().sqrt()) == pytest.approx(spread, rel=0.1)


def test_places_far_apart_begin_unlike() -> None:
    net = build_small({**SMALL, "sees": "both", "positions": "sines"}, (27,), 50)
    alike = torch.nn.functional.cosine_similarity
    places = net.embeddings.position.weight.detach()
    assert alike(places[3], places[4], dim=0) > 0.8
    assert alike(places[3], places[20], dim=0) < 0.3


def test_a_row_is_as_long_as_asked() -> None:
    rows = data.load("spans.books", {"tokens": 20}, 0).test_inputs
    assert rows.shape[1] == 23
    assert ((rows == SEP).sum(1) == 2).all()


def test_every_word_begins_about_equally_likely() -> None:
    net = build_small({**SMALL, "sees": "both", "positions": "sines"}, (27,), 500)
    with torch.no_grad():
        words, _ = net(torch.randint(5, 500, (4, 27)), torch.zeros(4, 27, dtype=torch.long))
    assert float(words.std()) < 1
