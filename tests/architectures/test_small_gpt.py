"""The small GPT that trains live: its places, its windows, its nats."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from explorer.architectures.gpt.model import GPT
from explorer.architectures.gpt.training import GPTTrainer, Windows
from explorer.architectures.transformer.model import sinusoids
from explorer.spec import SpecError
from tests.lenses.trainers import look, trained


def test_places_start_as_sines_as_large_as_the_tokens() -> None:
    gpt = trained("gpt", "characters", 0).model
    assert isinstance(gpt, GPT)
    places, tokens = gpt.position_embedding.weight.detach(), gpt.token_embedding.weight
    assert torch.allclose(places / places.abs().max(), sinusoids(64, 64), atol=1e-5)
    assert float(places.square().mean().sqrt()) == pytest.approx(float(tokens.detach().std()), rel=0.05)
    assert gpt.head.weight is tokens


def test_windows_begin_anywhere_and_go_on_where_they_were_left() -> None:
    text = torch.arange(1000)
    windows = Windows(text, 8, 4, seed=1)
    tokens, following = windows.next()
    assert torch.equal(tokens + 1, following)
    assert tokens.shape == (4, 8)
    starts = torch.cat([windows.next()[0][:, 0] for _ in range(300)])
    assert int(starts.min()) < 10
    assert int(starts.max()) > 980
    state = windows.state()
    after = windows.next()[0]
    again = Windows(text, 8, 4, seed=2)
    again.load(state)
    assert torch.equal(again.next()[0], after)


@pytest.mark.parametrize("task", ["characters", "pieces"])
def test_the_loss_is_in_nats_a_character(task: str) -> None:
    trainer = trained("gpt", task, 3)
    assert isinstance(trainer, GPTTrainer)
    inputs, targets = trainer.scored()
    with torch.no_grad():
        nats = F.cross_entropy(trainer.model(inputs).flatten(0, 1), targets.flatten(), reduction="sum")
    written = trainer.dataset.decode(targets.flatten().tolist())
    assert trainer.evaluate()["test_loss"] == pytest.approx(float(nats) / len(written), rel=1e-4)


def test_no_answer_depends_on_what_comes_later() -> None:
    trainer = trained("gpt", "pieces", 2)
    assert isinstance(trainer, GPTTrainer)
    row = trainer.test[0][:1].clone()
    with torch.no_grad():
        before = trainer.model(row)
        row[0, 40:] = 3
        after = trainer.model(row)
    assert torch.allclose(before[0, :40], after[0, :40], atol=1e-5)


@pytest.mark.parametrize("task", ["characters", "pieces", "repeats"])
def test_attention_is_shown_of_held_out_and_of_own_texts(task: str) -> None:
    trainer = trained("gpt", task, 2)
    weights = look(trainer, "attention").arrays["weights_0"]
    assert weights.shape == (2, 4, 48, 48)
    assert (weights.diagonal(offset=1, axis1=2, axis2=3) == 0).all()
    own = look(trainer, "attention", text="she was")
    assert "".join(own.facts["places"][0]["rows"]).replace("␣", "") == "shewas"  # type: ignore[index,call-overload,arg-type]
    with pytest.raises(SpecError, match="eft out"):
        look(trainer, "attention", text="😀")
