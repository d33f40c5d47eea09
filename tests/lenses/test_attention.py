"""Attention as it is shown: every number is the network's own, and bad requests are refused in words."""

from __future__ import annotations

import math
from typing import cast

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.architectures.transformer.model import Attention, causal_mask
from explorer.architectures.transformer.training import TransformerTrainer
from explorer.engine.messages import Frame, Json
from explorer.lenses.attention import entropy
from explorer.spec import SpecError
from explorer.training.attention import recording, switched_off
from explorer.training.supervised import evaluating
from tests.lenses.trainers import assert_unseen, look, trained


@pytest.fixture(scope="module")
def trainer() -> TransformerTrainer:
    """Return a network of two layers that has learnt a little."""
    found = trained("transformer", "grammar", 60)
    assert isinstance(found, TransformerTrainer)
    return found


def places(frame: Frame) -> list[dict[str, Json]]:
    return cast("list[dict[str, Json]]", frame.facts["places"])


def test_the_three_uses_of_attention_stand_apart_with_the_words_they_look_at(trainer: TransformerTrainer) -> None:
    frame = look(trainer, "attention", text="the red car")
    titles = ["Encoder looks at itself", "Decoder looks back", "Decoder looks at the source"]
    assert [each["title"] for each in places(frame)] == titles
    source, target = ["the", "red", "car", "<end>"], places(frame)[1]["rows"]
    assert places(frame)[0]["rows"] == places(frame)[0]["columns"] == places(frame)[2]["columns"] == source
    assert places(frame)[2]["rows"] == target
    assert cast("list[str]", target)[0] == "<start>"
    for at, place in enumerate(places(frame)):
        rows, columns = cast("list[str]", place["rows"]), cast("list[str]", place["columns"])
        assert frame.arrays[f"weights_{at}"].shape == (1, 4, len(rows), len(columns))


def test_the_stages_are_the_formula(trainer: TransformerTrainer) -> None:
    frame = look(trainer, "attention", place=1, layer=0, head=2)
    scores, hidden = frame.arrays["scores"], frame.arrays["hidden"].astype(bool)
    assert np.array_equal(hidden, np.triu(np.ones_like(hidden), 1).astype(bool))
    shares = np.exp(np.where(hidden, -np.inf, scores))
    shares /= shares.sum(1, keepdims=True)
    assert frame.arrays["weights_1"][0, 2] == pytest.approx(shares, abs=1e-5)
    assert frame.facts["chosen"] == [1, 0, 2]
    module = trainer.model.decoder.layers[0].self_attention
    assert isinstance(module, Attention)
    assert frame.facts["scale"] == module.query.out_features // module.num_heads


def test_what_it_says_next_is_the_networks_own_answer(trainer: TransformerTrainer) -> None:
    frame = look(trainer, "attention", index=3)
    with evaluating(trainer.model):
        answers = trainer.answers(trainer.test[0][3:4], trainer.test[1][3:4])[0].softmax(1)
    shares, words = answers.max(1)
    says = cast("list[str]", frame.facts["says"])
    assert says == [trainer.dataset.classes[word] for word in words[: len(says)].tolist()]
    assert frame.facts["sure"] == pytest.approx(shares[: len(says)].tolist(), abs=1e-4)
    assert frame.facts["held_out"] == len(trainer.test[0])


def test_the_sharpest_head_is_enlarged_unless_another_is_asked_for(trainer: TransformerTrainer) -> None:
    frame = look(trainer, "attention")
    spreads = cast("list[list[float]]", places(frame)[2]["entropy"])[0]
    assert frame.facts["chosen"] == [2, 0, int(np.argmin(spreads))]


def test_entropy_is_nothing_for_one_word_and_the_logarithm_for_all() -> None:
    weights = torch.stack([torch.eye(8), torch.full((8, 8), 1 / 8)])[None]  # 1 layer, 2 heads
    assert entropy(weights)[0].tolist() == pytest.approx([0.0, 3.0], abs=1e-6)


def test_a_head_that_is_switched_off_adds_nothing_and_the_rest_stays(trainer: TransformerTrainer) -> None:
    module = trainer.model.decoder.layers[0].cross_attention
    assert isinstance(module, Attention)
    path, x = "decoder.layers.0.cross_attention", torch.randn(1, 3, 64, generator=torch.manual_seed(0))
    with torch.no_grad(), switched_off(trainer.model, [(path, 1), (path, 3)]):
        silent = module(x, x)
    width = 64 // module.num_heads
    with torch.no_grad():
        value = module.heads(module.value(x))
        weights = module.softmax(module.scores(module.heads(module.query(x)), module.heads(module.key(x))))
        mixed = module.mix(weights, value)
        for head in (1, 3):
            mixed[..., head * width : (head + 1) * width] = 0
        assert torch.allclose(silent, module.output_projection(mixed), atol=1e-6)
        assert not torch.allclose(module(x, x), silent)


def test_switching_off_changes_what_is_said_and_comes_back(trainer: TransformerTrainer) -> None:
    every = " ".join(f"2.0.{head}" for head in range(4))
    plain, silent = look(trainer, "attention", index=1), look(trainer, "attention", index=1, off=every)
    assert silent.facts["sure"] != plain.facts["sure"]
    assert silent.facts["off"] == every.split()
    assert look(trainer, "attention", index=1).facts["sure"] == plain.facts["sure"]


@pytest.mark.parametrize("off", ["2.0.4", "3.0.0", "1.1.0", "x", "1.2", "-1.0.0", "1e9.0.0"])
def test_a_head_that_is_not_there_cannot_be_switched_off(trainer: TransformerTrainer, off: str) -> None:
    with pytest.raises(SpecError, match="no head"):
        look(trainer, "attention", off=off)


def test_words_never_seen_are_said_and_nothing_breaks(trainer: TransformerTrainer) -> None:
    frame = look(trainer, "attention", text="the <b>zebra</b> sees la voiture")
    (note,) = cast("list[str]", frame.facts["notes"])
    assert all(f"“{word}”" in note for word in ("<", "zebra", "la", "voiture"))
    assert "“sees”" not in note
    assert "zebra" in cast("list[str]", places(frame)[0]["columns"])


@pytest.mark.parametrize(("text", "says"), [("the " * 31, "at most 30"), ("_ _", "no word in this text")])
def test_a_text_that_cannot_be_read_is_refused_in_words(trainer: TransformerTrainer, text: str, says: str) -> None:
    with pytest.raises(SpecError, match=says):
        look(trainer, "attention", text=text)


def test_a_network_without_attention_is_refused() -> None:
    with pytest.raises(SpecError, match="no attention between words"):
        look(trained("cnn", "mnist", 0), "attention")


class Bare(nn.Module):
    """Attention of someone else's making, with a mask at its second call only."""

    def __init__(self) -> None:
        super().__init__()
        self.first = Attention(8, 2)
        self.second = Attention(8, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.second(self.first(x, x), x, causal_mask(x.shape[1], x))


def test_any_network_made_of_the_stages_is_recorded() -> None:
    model, x = Bare(), torch.randn(1, 5, 8)
    with torch.no_grad(), recording(model) as seen:
        model(x)
    assert [(each.path, each.crosses) for each in seen] == [("first", False), ("second", True)]
    assert seen[0].masked is seen[0].scores
    assert seen[1].masked[0, 0, 0, 1] == -math.inf
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


@pytest.mark.parametrize("options", [{}, {"text": "the red car", "off": "0.0.1 2.0.0"}])
def test_training_sees_nothing_of_it(options: dict[str, str]) -> None:
    assert_unseen("transformer", "grammar", "attention", **options)
