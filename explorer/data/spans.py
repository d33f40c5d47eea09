"""Two spans of text with a question about both, in BERT's word pieces: [CLS] A [SEP] B [SEP].

A span is any piece of running text, as in BERT's paper, not a sentence. Both together always have as many tokens, and
where A ends is drawn for a whole batch: how long a span is tells nothing about the answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from explorer.data import Dataset, number
from explorer.data.pieces import CLS, SEP, SPECIAL, novels, word_pieces
from explorer.data.verses import HELD_OUT, verses
from explorer.spec import Settings

TOKENS, MORE_TOKENS = 24, 36  # of both spans together, unless set; telling books apart takes more
SHORTEST = 4
ROWS = 640  # held out, half of them with the answer yes
BLANK = re.compile(r"_+|\[MASK\]")
WORDS = re.compile(r"[^\W_]+|[^\w\s]|_")  # what no piece goes beyond
Streams = tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Spans(Dataset):
    """Rows (N, tokens + 3) int64; targets 1 where the answer to `question` is yes. `classes` is the vocabulary.

    `learnt` and `held_out` are the sources, each one stream of tokens; both spans of a row have `tokens` together.
    """

    learnt: Streams
    held_out: Streams
    question: str
    answers: tuple[str, str]  # no, yes
    tokens: int

    def rows(self, streams: Streams, random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
        """Return rows and their answers, yes and no by turns; where A ends is drawn anew for each call."""
        ends = int(random.integers(SHORTEST, self.tokens - SHORTEST + 1))
        yes = np.arange(count) % 2
        drawn = _following if self.question == FOLLOWS else _same_source
        first, second = drawn(streams, random, yes, ends, self.tokens)
        mark = np.full((count, 1), SEP)
        return np.concatenate([np.full((count, 1), CLS), first, mark, second, mark], 1), yes


FOLLOWS = "Does B follow A?"
SAME = "Are both from the same book?"


def _following(
    streams: Streams, random: np.random.Generator, yes: np.ndarray, ends: int, tokens: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return A, and B that goes on from it or stands anywhere else in the same source."""
    source = random.integers(0, len(streams), len(yes))
    first = _places(streams, random, source, tokens)
    second = np.where(yes == 1, first + ends, _places(streams, random, source, tokens))
    return _cut(streams, source, first, ends), _cut(streams, source, second, tokens - ends)


def _same_source(
    streams: Streams, random: np.random.Generator, yes: np.ndarray, ends: int, tokens: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return A of either source, drawn evenly, and B of the same or the other: B's alone tells nothing."""
    source = random.integers(0, len(streams), len(yes))
    other = np.where(yes == 1, source, (source + 1) % len(streams))
    first, second = _places(streams, random, source, tokens), _places(streams, random, other, tokens)
    return _cut(streams, source, first, ends), _cut(streams, other, second, tokens - ends)


def _places(streams: Streams, random: np.random.Generator, source: np.ndarray, tokens: int) -> np.ndarray:
    lengths = np.array([len(stream) for stream in streams])
    return random.integers(0, lengths[source] - tokens)


def _cut(streams: Streams, source: np.ndarray, places: np.ndarray, length: int) -> np.ndarray:
    pairs = zip(source, places, strict=True)
    return np.stack([streams[which][at : at + length] for which, at in pairs])


def segments(rows: np.ndarray) -> np.ndarray:
    """Return 0 up to the first [SEP] of each row and 1 after it, (N, T) int64."""
    ended = (rows == SEP).cumsum(1) - (rows == SEP)
    return (ended > 0).astype(np.int64)


@cache
def _cut_words(word: str) -> tuple[int, ...]:
    return tuple(word_pieces().encode(word).ids)


def encode(text: str) -> np.ndarray:
    """Return running text of the books as word pieces, (N,) int64; every word is cut once and remembered."""
    return np.array([token for word in WORDS.findall(text) for token in _cut_words(word)], np.int64)


def encode_own(text: str) -> list[int]:
    """Return a visitor's text as word pieces; underscores and [MASK] are blanks, no other special token gets in."""
    found = word_pieces().encode(BLANK.sub("[MASK]", text))
    return [
        id for id, token in zip(found.ids, found.tokens, strict=True)
        if id >= len(SPECIAL) or token in ("[MASK]", "[UNK]")
    ]  # fmt: skip


@cache
def _austen() -> tuple[Streams, Streams]:
    learnt, held_out = novels()
    return tuple(map(encode, learnt)), tuple(map(encode, held_out))


@cache
def _bible() -> tuple[np.ndarray, np.ndarray]:
    learnt = [" ".join(verse[1]) for verse in verses() if verse[0] not in HELD_OUT]
    held_out = [" ".join(verse[1]) for verse in verses() if verse[0] in HELD_OUT]
    return encode(" ".join(learnt)), encode(" ".join(held_out))


def _next(settings: Settings, seed: int) -> Spans:
    source = "“Pride and Prejudice” and “Persuasion” by Jane Austen, the last tenth of each held out"
    return _spans(*_austen(), FOLLOWS, ("another place", "it follows"), _tokens(settings, TOKENS), source)


def _books(settings: Settings, seed: int) -> Spans:
    (learnt, held_out), bible = _austen(), _bible()
    to_learn, kept = ((np.concatenate(part), verse) for part, verse in zip((learnt, held_out), bible, strict=True))
    source = (
        "Two novels by Jane Austen, the last tenth of each held out, and verses of the Bible in Basic English, "
        f"of which {', '.join(HELD_OUT.values())} are held out"
    )
    return _spans(to_learn, kept, SAME, ("two books", "the same"), _tokens(settings, MORE_TOKENS), source)


def _tokens(settings: Settings, usual: int) -> int:
    return int(number(settings, "tokens", usual))


def _spans(
    learnt: Streams, held_out: Streams, question: str, answers: tuple[str, str], tokens: int, source: str
) -> Spans:
    """Return the data with its held-out rows, always the same; rows to learn from are drawn step by step."""
    vocabulary = word_pieces().get_vocab()
    classes = tuple(sorted(vocabulary, key=vocabulary.__getitem__))
    empty = np.zeros((0, tokens + 3), np.int64), np.zeros(0, np.int64)
    maker = Spans(*empty, *empty, classes, source, learnt, held_out, question, answers, tokens)
    parts = [maker.rows(held_out, np.random.default_rng([7, at]), 32) for at in range(ROWS // 32)]
    rows, yes = (np.concatenate(part) for part in zip(*parts, strict=True))
    return Spans(rows[:32], yes[:32], rows, yes, classes, source, learnt, held_out, question, answers, tokens)


DATASETS: dict[str, Callable[[Settings, int], Dataset]] = {"austen": _next, "books": _books}
