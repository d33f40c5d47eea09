"""What a trainer whose network reads text offers to those who look: texts as the network takes them, and translations.

A trainer takes part by having the method; nothing has to be registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from torch import Tensor


@dataclass(frozen=True)
class Reading:
    """One text on its way through a network: `model(*inputs)`, each input a batch of one, its words for people.

    `words` are what stands at each place that asks, by the first part of an attention's module path ("encoder",
    "decoder"); "" stands for all others. `memory` is what cross-attention looks at. Where the network answers with
    logits (1, T, V) over `vocabulary`, `answers` is the key of the words behind whose places they come.
    """

    text: str  # as it was read
    inputs: tuple[Tensor, ...]
    words: Mapping[str, tuple[str, ...]]
    memory: tuple[str, ...] = ()
    vocabulary: tuple[str, ...] = ()
    answers: str | None = None
    notes: tuple[str, ...] = ()  # sentences about the text, such as which words were never seen
    index: int = -1  # of the held-out text; −1: an own one
    held_out: int = 0  # how many held-out texts there are
    segments: tuple[int, ...] = ()  # where two texts are read as one: which each place belongs to, 0 or 1
    hint: str = ""  # what an own text may hold beside words


@runtime_checkable
class Reads(Protocol):
    """A trainer whose network reads text."""

    def reading(self, text: str, index: int) -> Reading:
        """Read an own text, or where it is empty the held-out one of number `index`, modulo their number.

        Raises SpecError for a text that cannot be read, in words for the one who typed it.
        """
        ...


@dataclass(frozen=True)
class Hypothesis:
    """One translation: its words, the share of each, and the logarithm of the share of all together."""

    words: tuple[str, ...]
    shares: tuple[float, ...]
    score: float  # what hypotheses are ordered by


@dataclass(frozen=True)
class Translation:
    """What a network says for a text, the best first; `steps` (T, V): the share of every word at each step of it."""

    source: tuple[str, ...]
    right: tuple[str, ...]  # what was wanted; empty for an own text
    hypotheses: tuple[Hypothesis, ...]
    steps: np.ndarray
    vocabulary: tuple[str, ...]
    notes: tuple[str, ...] = ()


@runtime_checkable
class Translates(Protocol):
    """A trainer whose network writes a text for a text."""

    def translate(self, text: str, index: int, width: int) -> Translation:
        """Translate an own text, or a held-out one, keeping the `width` best beginnings at each step (1: greedy)."""
        ...
