"""Two novels by Jane Austen as characters, and any text of a visitor brought into the characters that they use.

The first 90 % of each novel are there to learn from, the last 10 % are held out. Both are read as one stream.
"""

from __future__ import annotations

import gzip
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from explorer import paths
from explorer.data import Dataset, number
from explorer.spec import Settings

NOVELS = ("pride_and_prejudice", "persuasion")
CHARACTERS = "\n !\"&'()*,-.0123456789:;?ABCDEFGHIJKLMNOPQRSTUVWYZ_abcdefghijklmnopqrstuvwxyz"  # no novel has an X
HELD_OUT = 0.1  # share of each novel, its end
TYPED = {"‘": "'", "’": "'", "“": '"', "”": '"', "—": "--", "–": "-", "−": "-", "…": "...", "\t": " ", "\r\n": "\n"}


@dataclass(frozen=True)
class Readable:
    """A text in the novels' characters, and the characters that had to be left out, each once."""

    text: str
    unknown: tuple[str, ...]

    @property
    def remark(self) -> str:
        """Say what was left out, or return nothing."""
        if not self.unknown:
            return ""
        some = " ".join(_visible(each) for each in self.unknown[:8]) + (" …" if len(self.unknown) > 8 else "")
        return f"Left out, since the novels never use it: {some}"


def novel(name: str) -> str:
    """Return the text of one novel."""
    with gzip.open(paths.assets() / "data" / f"{name}.txt.gz", "rt", encoding="utf-8") as file:
        return file.read()


@cache
def streams() -> tuple[np.ndarray, np.ndarray]:
    """Return the characters to learn from and those held out, each one stream (N,) of int64 places in CHARACTERS."""
    texts = [encode(novel(name)) for name in NOVELS]
    cuts = [len(text) - int(HELD_OUT * len(text)) for text in texts]
    learnt = np.concatenate([text[:cut] for text, cut in zip(texts, cuts, strict=True)])
    held_out = np.concatenate([text[cut:] for text, cut in zip(texts, cuts, strict=True)])
    return learnt, held_out


def encode(text: str) -> np.ndarray:
    """Return the place of each character in CHARACTERS, (N,) int64; raises KeyError for one that is not among them."""
    return np.fromiter(map(_PLACES.__getitem__, text), np.int64, len(text))


def decode(places: np.ndarray) -> str:
    """Return the text of places in CHARACTERS."""
    return "".join(CHARACTERS[place] for place in places)


def readable(text: str) -> Readable:
    """Return a visitor's text in the novels' characters: accents go, typographic marks become plain, the rest is named.

    Control characters become spaces. What is left may be empty.
    """
    for typed, plain in TYPED.items():
        text = text.replace(typed, plain)
    plain = "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
    plain = "".join(" " if unicodedata.category(each) == "Cc" and each != "\n" else each for each in plain)
    unknown = dict.fromkeys(each for each in plain if each not in _PLACES)
    return Readable("".join(each for each in plain if each in _PLACES), tuple(unknown))


def shown(character: str) -> str:
    """Return how a single character is written where it stands alone: a space and a line's end are made visible."""
    return {" ": "␣", "\n": "↵"}.get(character, character)


def _visible(character: str) -> str:
    return character if character.isprintable() else f"U+{ord(character):04X}"


_PLACES = {character: place for place, character in enumerate(CHARACTERS)}


def _austen(settings: Settings, seed: int) -> Dataset:
    """Cut both streams into pieces of `context` characters (64 unless told); the target is the character after each."""
    context = int(number(settings, "context", 64))
    learnt, held_out = streams()
    return Dataset(
        *_pieces(learnt, context),
        *_pieces(held_out, context),
        tuple(CHARACTERS),
        f"“Pride and Prejudice” and “Persuasion” by Jane Austen: {len(learnt):,} characters to learn from, the last "
        f"tenth of each, {len(held_out):,} in all, held out",
    )


def _pieces(stream: np.ndarray, context: int) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and targets (N, context), views of the stream: nothing is copied."""
    whole = (len(stream) - 1) // context * context
    return stream[:whole].reshape(-1, context), stream[1 : whole + 1].reshape(-1, context)


DATASETS: dict[str, Callable[[Settings, int], Dataset]] = {"austen": _austen}
