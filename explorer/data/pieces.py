"""The two novels of `explorer.data.characters` in pieces of words: byte-pair encoding for GPT, WordPiece for BERT.

Both vocabularies were learnt from the part of the novels that is there to learn from, and lie in assets/data. Make them
again with `python -m explorer.data.pieces`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from explorer import paths
from explorer.data import Dataset, characters, number
from explorer.spec import Settings

PIECES, WORD_PIECES = 512, 2000  # sizes of the vocabularies
WORDS = r" ?\w+| ?[^\w\s]+|\s"  # what no byte-pair piece goes beyond: a word or signs, with the space before
PAD, UNKNOWN, CLS, SEP, MASK = range(5)  # of WordPiece: what is no word
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


@dataclass(frozen=True)
class Text(Dataset):
    """A text as tokens, cut into inputs and targets (N, context) int64; a target is the token after each.

    `classes` are the tokens as they are written; put together they are the text again.
    """

    encode: Callable[[str], np.ndarray] = characters.encode  # readable text as places in `classes`

    @property
    def context(self) -> int:
        """How many tokens a network reads at once."""
        return self.train_inputs.shape[1]

    def decode(self, tokens: Iterable[int]) -> str:
        return "".join(self.classes[token] for token in tokens)

    @property
    def lengths(self) -> np.ndarray:
        """How many characters each token has, (V,) float32."""
        return np.array([len(each) for each in self.classes], np.float32)


def novels() -> tuple[list[str], list[str]]:
    """Return of each novel the part to learn from and the last tenth, which is held out."""
    texts = [characters.novel(name) for name in characters.NOVELS]
    cuts = [len(text) - int(characters.HELD_OUT * len(text)) for text in texts]
    learnt = [text[:cut] for text, cut in zip(texts, cuts, strict=True)]
    return learnt, [text[cut:] for text, cut in zip(texts, cuts, strict=True)]


class BytePairs:
    """Cuts text into the 512 commonest pieces; every word is cut once and remembered."""

    def __init__(self) -> None:
        self._tokenizer = Tokenizer.from_file(str(_file("austen_bpe")))
        vocabulary = self._tokenizer.get_vocab()
        self.pieces = tuple(sorted(vocabulary, key=vocabulary.__getitem__))
        self._cut: dict[str, list[int]] = {}

    def encode(self, text: str) -> np.ndarray:
        """Return a text in the novels' characters as places in `pieces`, (N,) int64."""
        tokens: list[int] = []
        for word in re.findall(WORDS, text):
            cut = self._cut.get(word)
            tokens += self._remember(word) if cut is None else cut
        return np.array(tokens, np.int64)

    def _remember(self, word: str) -> list[int]:
        cut = self._tokenizer.encode(word).ids
        if len(self._cut) < 50_000:  # visitors' words must not fill the memory
            self._cut[word] = cut
        return cut


@cache
def byte_pairs() -> BytePairs:
    return BytePairs()


@cache
def word_pieces() -> Tokenizer:
    """Return BERT's tokenizer: lower case, no accents, a rare word in pieces, all but the first with ##."""
    return Tokenizer.from_file(str(_file("austen_wordpiece")))


def make() -> None:
    """Learn both vocabularies from the novels and write them into assets/data."""
    learnt, _ = novels()
    pairs = Tokenizer(models.BPE())
    pairs.pre_tokenizer = pre_tokenizers.Split(Regex(WORDS), "isolated")
    alphabet = list(characters.CHARACTERS)
    pairs.train_from_iterator(
        learnt, trainers.BpeTrainer(vocab_size=PIECES, initial_alphabet=alphabet, show_progress=False)
    )
    pairs.save(str(_file("austen_bpe")))
    words = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    words.normalizer = normalizers.BertNormalizer()
    words.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = list(SPECIAL)
    words.train_from_iterator(
        learnt, trainers.WordPieceTrainer(vocab_size=WORD_PIECES, special_tokens=special, show_progress=False)
    )
    words.save(str(_file("austen_wordpiece")))


def _file(name: str) -> Path:
    return paths.assets() / "data" / f"{name}.json"


@cache
def _streams() -> tuple[np.ndarray, np.ndarray]:
    learnt, held_out = novels()
    encode = byte_pairs().encode
    return np.concatenate([encode(text) for text in learnt]), np.concatenate([encode(text) for text in held_out])


def _characters(settings: Settings, seed: int) -> Text:
    return _text(*characters.streams(), tuple(characters.CHARACTERS), characters.encode, "characters", settings)


def _byte_pairs(settings: Settings, seed: int) -> Text:
    pairs = byte_pairs()
    return _text(*_streams(), pairs.pieces, pairs.encode, f"pieces of words, {PIECES} different ones,", settings)


def _text(
    learnt: np.ndarray, held_out: np.ndarray, classes: tuple[str, ...], encode: Callable[[str], np.ndarray],
    what: str, settings: Settings,
) -> Text:  # fmt: skip
    context = int(number(settings, "context", 64))
    return Text(
        *_rows(learnt, context),
        *_rows(held_out, context),
        classes,
        f"“Pride and Prejudice” and “Persuasion” by Jane Austen: {len(learnt):,} {what} to learn from, the last tenth "
        f"of each, {len(held_out):,} in all, held out",
        encode,
    )


def _rows(stream: np.ndarray, context: int) -> tuple[np.ndarray, np.ndarray]:
    whole = (len(stream) - 1) // context * context
    return stream[:whole].reshape(-1, context), stream[1 : whole + 1].reshape(-1, context)


DATASETS: dict[str, Callable[[Settings, int], Dataset]] = {"characters": _characters, "byte_pairs": _byte_pairs}

if __name__ == "__main__":
    make()
