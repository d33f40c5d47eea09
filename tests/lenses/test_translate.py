"""Translation and positions as they are shown."""

from __future__ import annotations

from itertools import product
from typing import cast

import numpy as np
import pytest
import torch

from explorer.architectures.transformer import decoding
from explorer.architectures.transformer.training import TransformerTrainer
from explorer.data.tokens import END, PAD, START
from explorer.engine.messages import Frame, Json
from explorer.spec import SpecError
from explorer.training.supervised import evaluating
from tests.lenses.trainers import look, trained


@pytest.fixture(scope="module")
def trainer() -> TransformerTrainer:
    found = trained("transformer", "grammar", 80)
    assert isinstance(found, TransformerTrainer)
    return found


def part(frame: Frame, at: int) -> dict[str, Json]:
    return cast("list[dict[str, Json]]", frame.facts["parts"])[at]


def test_greedy_words_are_the_likeliest_and_their_shares_are_shown(trainer: TransformerTrainer) -> None:
    frame = look(trainer, "translate", text="the red car", step=1)
    said = decoding.greedy(trainer.model.eval(), trainer._source("the red car", 0)[0], 32)[0]
    trainer.model.train()
    assert part(frame, 1)["pieces"] == [trainer.dataset.classes[token] for token in said[1:].tolist()]
    shares = cast("list[float]", part(frame, 2)["values"])
    assert shares == sorted(shares, reverse=True)
    assert cast("list[float]", part(frame, 1)["values"])[1] == pytest.approx(shares[0], abs=1e-5)
    assert part(frame, 2)["hand"] == 0


def test_a_beam_as_wide_as_the_vocabulary_finds_the_best_of_all() -> None:
    trainer = trained("transformer", "grammar", 5)
    assert isinstance(trainer, TransformerTrainer)
    source = trainer.test[0][:1]
    size = len(trainer.dataset.classes)
    with evaluating(trainer.model):
        (found, *_) = decoding.beam(trainer.model, source, size, 3)
        first = trainer.model(source, torch.tensor([[START]]))[0, -1].log_softmax(0)
        best = max(
            [((END,), float(first[END]) / (6 / 6) ** 0.6)]
            + [
                ((word, END), (float(first[word]) + _second(trainer, source, word)) / (7 / 6) ** 0.6)
                for word in first.topk(40).indices.tolist()
                if word != END
            ],
            key=lambda each: each[1],
        )
    assert found.tokens == best[0]
    assert found.score == pytest.approx(best[1], abs=1e-4)


def _second(trainer: TransformerTrainer, source: torch.Tensor, word: int) -> float:
    return float(trainer.model(source, torch.tensor([[START, word]]))[0, -1].log_softmax(0)[END])


def test_a_beam_of_one_is_greedy(trainer: TransformerTrainer) -> None:
    with evaluating(trainer.model):
        for row in range(5):
            source = trainer.test[0][row : row + 1]
            source = source[:, : int((source != PAD).sum())]
            (found,) = decoding.beam(trainer.model, source, 1, 20)
            said = decoding.greedy(trainer.model, source, 20)[0, 1:].tolist()
            assert list(found.tokens) == said


def test_sentences_translated_together_are_those_translated_alone(trainer: TransformerTrainer) -> None:
    sources = trainer.test[0][:6]
    with evaluating(trainer.model):
        together = decoding.greedy(trainer.model, sources, 20)
        for source, row in zip(sources, together, strict=True):
            alone = decoding.greedy(trainer.model, source[None, : int((source != PAD).sum())], 20)[0]
            assert torch.equal(row[: len(alone)], alone)
            assert (row[len(alone) :] == PAD).all()


def test_the_rivals_of_a_beam_are_shown_and_ordered(trainer: TransformerTrainer) -> None:
    frame = look(trainer, "translate", way="beam", index=2)
    assert part(frame, 3)["title"] == "Sentences kept to the end"
    assert 1 <= len(cast("list[str]", part(frame, 3)["names"])) <= 4
    assert "Right would be:" in str(frame.facts["caption"])


@pytest.mark.parametrize(("options", "says"), [({"way": "greedily"}, "did you mean"), ({"text": "a " * 40}, "at most")])
def test_what_cannot_be_done_is_said(trainer: TransformerTrainer, options: dict[str, str], says: str) -> None:
    with pytest.raises(SpecError, match=says):
        look(trainer, "translate", **options)


def test_words_without_a_meaning_are_said_in_the_caption(trainer: TransformerTrainer) -> None:
    assert "Never seen in English: “zebra”" in str(look(trainer, "translate", text="zebra").facts["caption"])


def test_a_network_that_does_not_translate_is_refused() -> None:
    with pytest.raises(SpecError, match="does not turn one text into another"):
        look(trained("cnn", "mnist", 0), "translate")


def test_positions_are_the_papers_sines() -> None:
    frame = look(trained("transformer", "grammar", 0), "positions")
    table = frame.arrays["part0"].astype(np.float64)
    for place, pair in product((0, 1, 7, 30), (0, 1, 20)):
        angle = place / 10_000 ** (2 * pair / 64)
        assert table[place, 2 * pair : 2 * pair + 2] == pytest.approx([np.sin(angle), np.cos(angle)], abs=2e-3)
    assert np.diag(frame.arrays["part1"]) == pytest.approx(1, abs=1e-3)


def test_a_network_without_positions_is_refused() -> None:
    with pytest.raises(SpecError, match="nothing for the place"):
        look(trained("cnn", "mnist", 0), "positions")
