"""Lenses on networks that write: the figures they show are the network's own, and any text of a visitor's is read."""

from __future__ import annotations

from typing import cast

import numpy as np
import pytest
import torch

from explorer.engine.messages import Frame, Json
from explorer.lenses import kept_samples
from explorer.lenses._writing import Manner, writer
from explorer.spec import SpecError
from explorer.training.supervised import evaluating
from tests.lenses.trainers import assert_unseen, look, trained

TASKS = ("characters", "pieces")
LENSES = ("next_token", "writing", "surprise", "logit_lens", "kept_samples")
AWKWARD = ("", "\n", "😀😀", "a" * 100_000, "\x00\x1b[31m", "שלום עולם", "<script>alert(1)</script>", "naïve “quotes”—")


def parts(frame: Frame) -> list[dict[str, Json]]:
    return cast("list[dict[str, Json]]", frame.facts["parts"])


def test_top_k_and_top_p_keep_the_likeliest_and_share_out_the_rest() -> None:
    logits = torch.tensor([0.1, 0.5, 0.25, 0.15]).log()
    assert torch.allclose(Manner(1.0).shares(logits), logits.exp())
    assert torch.allclose(Manner(1.0, top_k=2).shares(logits), torch.tensor([0, 2 / 3, 1 / 3, 0]))
    assert torch.allclose(Manner(1.0, top_p=0.7).shares(logits), torch.tensor([0, 2 / 3, 1 / 3, 0]))
    assert torch.allclose(Manner(1.0, top_p=0.01).shares(logits), torch.tensor([0.0, 1, 0, 0]))
    assert torch.allclose(Manner(0.5).shares(logits), (2 * logits).softmax(0))


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("text", AWKWARD)
def test_any_text_is_read(task: str, text: str) -> None:
    trainer = trained("gpt", task, 1)
    for lens in LENSES:
        frame = look(trainer, lens, text=text)
        assert all(np.isfinite(array).all() for array in frame.arrays.values())
    assert ("Left out" in str(look(trainer, "next_token", text=text).facts["caption"])) == any(
        each in text for each in "😀ש<["
    )


def test_the_bars_are_the_networks_answer() -> None:
    trainer = trained("gpt", "characters", 20)
    (bars, _) = parts(look(trainer, "next_token", text="It is a truth universally"))
    text = writer(trainer, "next_token")
    with evaluating(trainer.model):
        row = torch.tensor([text.encode("It is a truth universally")])
        best = trainer.model(row)[0, -1].softmax(0).topk(12)
    assert bars["values"] == pytest.approx(best.values.tolist(), abs=1e-5)


def test_a_long_text_is_foretold_with_at_least_half_a_context_before_each_token() -> None:
    trainer = trained("gpt", "characters", 5)
    writes = writer(trainer, "surprise")
    tokens = trainer.test[0].flatten()[:200].tolist()  # type: ignore[attr-defined]
    every = writes.all_logits(tokens)
    assert len(every) == 200
    assert torch.allclose(every[:64], writes.logits(tokens[:64]), atol=1e-5)
    assert torch.allclose(every[-1], writes.logits(tokens)[-1], atol=1e-4)


def test_the_last_layer_of_the_logit_lens_is_the_network() -> None:
    trainer = trained("gpt", "characters", 20)
    frame = look(trainer, "logit_lens", text="She was not")
    last = [part for part in parts(frame) if part["kind"] == "words"][-1]
    (bars, _) = parts(look(trainer, "next_token", text="She was not"))
    assert cast("list[float]", last["values"])[-1] == pytest.approx(cast("list[float]", bars["values"])[0], abs=1e-5)
    assert frame.arrays["part4"].shape == (3, len("She was not"))


def test_what_is_written_after_a_text_comes_with_the_seed_and_from_what_was_kept() -> None:
    trainer = trained("gpt", "characters", 20)
    assert "added" not in look(trainer, "writing").facts
    first, again = (look(trainer, "writing", more=1, seed=3, temperature=10) for _ in range(2))
    assert first.facts["added"] == again.facts["added"]
    assert len(cast("list[Json]", first.facts["added"])) == 40
    greedy = look(trainer, "writing", more=1, top_k=0).facts["added"]
    assert greedy == look(trainer, "writing", more=7, top_k=0).facts["added"]
    assert all(share == 1 for _, share in cast("list[tuple[str, float]]", greedy))


def test_texts_are_kept_by_step_and_forgotten_after_a_rewind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_samples, "clock", lambda: 0.0)
    trainer = trained("gpt", "characters", 0)
    start = {name: each.clone() for name, each in trainer.extra_state().items()}
    look(trainer, "kept_samples")
    for _ in range(12):
        trainer.train_step()
    assert [part["title"] for part in parts(look(trainer, "kept_samples"))] == ["Step 0", "Step 12"]
    trainer.load_extra_state(start)
    assert [part["title"] for part in parts(look(trainer, "kept_samples"))] == ["Step 0"]


def test_induction_says_how_much_heads_look_back() -> None:
    trainer = trained("gpt", "repeats", 2)
    lines, induction, before, row = parts(look(trainer, "induction"))
    assert lines["kind"] == "lines"
    assert len(cast("list[Json]", induction["names"])) == 2 * 4
    for bars in (induction, before):
        assert all(0 <= share <= 1 for share in cast("list[float]", bars["values"]))
    assert len(cast("list[Json]", row["pieces"])) == 64


@pytest.mark.parametrize("task", ["mnist"])
@pytest.mark.parametrize("lens", [*LENSES, "induction"])
def test_networks_that_read_no_text_are_refused(task: str, lens: str) -> None:
    with pytest.raises(SpecError):
        look(trained("cnn", task, 1), lens)


def test_writing_more_leaves_no_trace() -> None:
    assert_unseen("gpt", "pieces", "writing", more=1)
