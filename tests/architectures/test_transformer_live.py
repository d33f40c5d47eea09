"""The Transformer that trains live: teacher forcing, batches, scores, and what its knobs change."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from explorer import catalog
from explorer.architectures.transformer.small import build_small
from explorer.architectures.transformer.training import BatchesByLength, TransformerTrainer
from explorer.data.tokens import PAD, UNKNOWN
from explorer.runspec import make_spec
from explorer.spec import Value
from explorer.tasks import translation
from explorer.training.run import Run
from explorer.training.supervised import evaluating
from tests.lenses.trainers import trained
from tests.training.states import state_of, steps


def trainer_of(task: str = "grammar", after: int = 0, **hypers: Value) -> TransformerTrainer:
    found = trained("transformer", task, after, **hypers)
    assert isinstance(found, TransformerTrainer)
    return found


def small(**knobs: Value) -> nn.Module:
    settings = make_spec(catalog.get("transformer"), "grammar", knobs=knobs).knobs
    torch.manual_seed(0)
    return build_small(settings, (12,), 50).eval()


def test_the_loss_is_of_each_next_word_and_padding_counts_nowhere() -> None:
    trainer = trainer_of()
    sources, targets = trainer.test[0][:5], trainer.test[1][:5]
    with evaluating(trainer.model):
        _, loss = trainer.objective(sources, targets)
        costs = []
        for source, target in zip(sources, targets, strict=True):
            one, words = source[source != PAD][None], target[target != PAD]
            shares = trainer.model(one, words[None, :-1])[0].log_softmax(1)
            costs += [-float(shares[at, word]) for at, word in enumerate(words[1:].tolist())]
    assert float(loss) == pytest.approx(sum(costs) / len(costs), rel=1e-4)


def test_smoothing_is_spread_over_the_vocabulary() -> None:
    logits, targets = torch.randn(2, 3, 7), torch.tensor([[2, 4, 5, 3], [2, 6, 3, 0]])
    logs = logits.log_softmax(2)
    wanted = [(0, 0, 4), (0, 1, 5), (0, 2, 3), (1, 0, 6), (1, 1, 3)]
    plain = -sum(logs[at] for at in wanted) / 5
    spread = -sum(logs[row, place].mean() for row, place, _ in wanted) / 5
    assert translation.loss(logits, targets) == pytest.approx(float(plain), rel=1e-5)
    assert translation.loss(logits, targets, 0.2) == pytest.approx(float(0.8 * plain + 0.2 * spread), rel=1e-5)


def test_the_score_leaves_out_padding_and_words_that_are_unknown() -> None:
    targets = torch.tensor([[2, 4, UNKNOWN, 3, PAD]])
    logits = torch.zeros(1, 4, 5)
    logits[0, 0, 4] = logits[0, 1, UNKNOWN] = logits[0, 2, 4] = logits[0, 3, PAD] = 1
    assert float(translation.score(logits, targets)["accuracy"]) == 0.5  # 4 right, END wrong


def test_batches_hold_sentences_of_about_one_length_without_idle_columns() -> None:
    trainer = trainer_of()
    batches = BatchesByLength(*trainer.train, 64, 0)
    seen: list[tuple[int, ...]] = []
    for _ in range(batches.per_epoch):
        sources, targets = batches.next()
        assert (sources != PAD).any(0).all()
        assert (targets != PAD).any(0).all()
        lengths = (targets != PAD).sum(1)
        assert lengths.max() - lengths.min() <= 2
        seen += [tuple(row[row != PAD].tolist()) for row in sources]
    assert len(set(seen)) == len(seen)
    first, second = batches.next(), batches.next()
    assert first[0].shape != second[0].shape or not torch.equal(first[0], second[0])


def test_only_the_network_without_mask_sees_what_comes() -> None:
    source, target = torch.arange(4, 10)[None], torch.arange(10, 16)[None]
    changed = target.clone()
    changed[0, -1] = 40
    for mask, same in (("causal", True), ("none", False)):
        model = small(mask=mask)
        with torch.no_grad():
            assert torch.allclose(model(source, target)[:, :3], model(source, changed)[:, :3], atol=1e-6) is same


@pytest.mark.parametrize(("positions", "same"), [("none", True), ("sinusoids", False), ("learned", False)])
def test_without_positions_the_order_of_the_source_is_lost(positions: str, same: bool) -> None:
    model, target = small(positions=positions), torch.arange(10, 16)[None]
    with torch.no_grad():
        one, other = model(torch.tensor([[5, 6, 7]]), target), model(torch.tensor([[7, 6, 5]]), target)
    assert torch.allclose(one, other, atol=1e-5) is same


@pytest.mark.parametrize("norm", ["after", "before"])
def test_padding_of_the_source_changes_nothing(norm: str) -> None:
    model, source, target = small(norm=norm), torch.tensor([[5, 6, 7]]), torch.arange(10, 16)[None]
    padded = torch.tensor([[5, 6, 7, PAD, PAD]])
    with torch.no_grad():
        assert torch.allclose(model(source, target), model(padded, target, padded == PAD), atol=1e-5)


def test_the_three_matrices_of_words_are_one() -> None:
    model = small(norm="before")
    tied = {id(model.head.weight), id(model.source_embedding.token.weight), id(model.target_embedding.token.weight)}  # type: ignore[union-attr]
    assert len(tied) == 1


def test_dropout_and_smoothing_can_be_turned_while_it_trains() -> None:
    trainer = trainer_of(after=1)
    trainer.set_hypers({"dropout": 0.3, "label_smoothing": 0.1, "batch_size": 8})
    assert {each.p for each in trainer.model.modules() if isinstance(each, nn.Dropout)} >= {0.3}
    trainer.train_step()
    assert len(trainer._last[1]) == 8  # type: ignore[index]


def test_scores_of_the_held_out_are_those_of_all_its_words() -> None:
    trainer = trainer_of(after=120)
    scores = trainer.evaluate()
    sources, targets = trainer.test
    with evaluating(trainer.model):
        right = trainer.answers(sources, targets).argmax(2) == targets[:, 1:]
        wrong = trainer.answers(sources.roll(1, 0), targets).argmax(2) == targets[:, 1:]
    known = targets[:, 1:] > UNKNOWN
    assert scores["test_accuracy"] == pytest.approx(float(right[known].float().mean()), abs=1e-5)
    assert scores["test_wrong_source"] == pytest.approx(float(wrong[known].float().mean()), abs=1e-2)
    assert scores["test_accuracy"] > scores["test_wrong_source"] + 0.1


def test_an_inversion_is_seen_where_one_head_looks_at_both_words() -> None:
    trainer = trainer_of()
    crossings = trainer.dataset.crossings
    weights = torch.zeros(len(trainer.test[0]), 2, 13, 12)
    for row, adjective, noun, said_adjective, said_noun in crossings[: len(crossings) // 2].tolist():
        weights[row, 1, said_adjective - 1, adjective] = weights[row, 1, said_noun - 1, noun] = 1
    for row, adjective, _, said_adjective, _ in crossings.tolist():
        weights[row, 0, said_adjective - 1, adjective] = 1  # a head that finds one of the two only
    share = (len(crossings) // 2) / len(crossings)
    assert trainer._inversion(weights)["test_inversion"] == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize("task", ["grammar", "verses"])
def test_a_reopened_run_takes_the_same_steps(task: str, tmp_path: Path) -> None:
    spec = make_spec(catalog.get("transformer"), task, hypers={"dropout": 0.2, "batch_size": 16})
    run = steps(Run.create(spec, tmp_path / "run"), 4)
    run.checkpoint()
    steps(run, 4)
    again = steps(Run.open(run.directory), 4)
    assert state_of(again) == state_of(run)
