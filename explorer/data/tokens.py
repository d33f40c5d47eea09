"""Sentences as rows of token ids: pairs of a source and a target, one vocabulary for both, padded at the end.

A vocabulary begins with the four tokens that are no words: `PAD` fills a row up, `UNKNOWN` stands for a word that is
not in it, `START` begins a target and `END` ends a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from explorer.data import Dataset

PAD, UNKNOWN, START, END = range(4)
SPECIAL = ("<pad>", "<unknown>", "<start>", "<end>")
APOSTROPHES = {"’": "'", "`": "'"}  # as people type them
TOKEN = re.compile(r"[^\W\d_]+'?|\d+|[^\w\s]")  # a word, with the apostrophe that ends it; a number; one other sign


@dataclass(frozen=True)
class TokenPairs(Dataset):
    """Inputs are sources (N, S) int64 that end in `END`; targets are (N, T) int64 from `START` to `END`.

    `classes` is the vocabulary of both languages. `crossings` (M, 5) int64 are places in held-out pairs where two words
    change order: row, source place of the first and of the second, target place of that first's word and the second's.
    """

    source_words: frozenset[str] = frozenset()  # of the vocabulary: what the source language uses
    crossings: np.ndarray = field(default_factory=lambda: np.zeros((0, 5), np.int64))

    @property
    def length(self) -> int:
        """The longest row that a network has to read."""
        return max(self.train_inputs.shape[1], self.test_inputs.shape[1], self.train_targets.shape[1])


def split(text: str) -> list[str]:
    """Return the tokens of a text in lower case: words, numbers and signs; French "l'arbre" is two."""
    plain = "".join(APOSTROPHES.get(sign, sign) for sign in text.lower())
    return TOKEN.findall(plain)


def joined(words: Iterable[str]) -> str:
    """Return words as people write them: no space after an apostrophe nor before a sign that ends a phrase."""
    text = " ".join(words)
    text = re.sub(r"' (?=\w)", "'", text)
    return re.sub(r" ([,.;:!?)])", r"\1", text)


def rows(sentences: Sequence[Sequence[str]], ids: dict[str, int], begin: bool) -> np.ndarray:
    """Return sentences as rows of ids (N, longest) int64, each with `END` behind it and, if asked, `START` before."""
    coded = [[START] * begin + [ids.get(word, UNKNOWN) for word in each] + [END] for each in sentences]
    table = np.full((len(coded), max(map(len, coded), default=1)), PAD, np.int64)
    for row, sentence in zip(table, coded, strict=True):
        row[: len(sentence)] = sentence
    return table
