"""Verses of the Bible in English and French, split by book: no held-out verse has a neighbour in what was learnt.

The vocabulary are the words that occur at least three times in the verses to learn from; all others are one token.
"""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache

from explorer import paths
from explorer.data.tokens import SPECIAL, TokenPairs, rows, split
from explorer.spec import Settings

LEAST = 3  # occurrences of a word that is kept
HELD_OUT = {10: "2 Samuel", 24: "Jeremiah", 43: "John", 45: "Romans"}  # a history, a prophet, a gospel, a letter
Verse = tuple[int, list[str], list[str]]  # book, English, French


@cache
def verses() -> tuple[Verse, ...]:
    """Return every verse with the number of its book."""
    with gzip.open(paths.assets() / "data" / "english_french_verses.tsv.gz", "rt", encoding="utf-8") as file:
        parts = (line.rstrip("\n").split("\t") for line in file)
        return tuple((int(id.split(".")[0]), split(english), split(french)) for id, english, french in parts)


def _frequent(sentences: Iterable[list[str]]) -> set[str]:
    counts = Counter(word for sentence in sentences for word in sentence)
    return {word for word, count in counts.items() if count >= LEAST}


@cache
def _pairs() -> TokenPairs:
    learnt = [verse for verse in verses() if verse[0] not in HELD_OUT]
    held_out = [verse for verse in verses() if verse[0] in HELD_OUT]
    english, french = _frequent(verse[1] for verse in learnt), _frequent(verse[2] for verse in learnt)
    words = (*SPECIAL, *sorted(english | french))
    ids = {word: at for at, word in enumerate(words)}
    return TokenPairs(
        rows([verse[1] for verse in learnt], ids, False),
        rows([verse[2] for verse in learnt], ids, True),
        rows([verse[1] for verse in held_out], ids, False),
        rows([verse[2] for verse in held_out], ids, True),
        words,
        f"Bible in Basic English and Segond 1910: {len(learnt):,} verses to learn from, "
        f"{len(held_out)} of {', '.join(HELD_OUT.values())} held out",
        frozenset(english),
    )


def _load(settings: Settings, seed: int) -> TokenPairs:
    return _pairs()


DATASETS: dict[str, Callable[[Settings, int], TokenPairs]] = {"english_french": _load}
