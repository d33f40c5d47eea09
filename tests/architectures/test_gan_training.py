"""The game's own training step: who learns from what, and that a run can be taken up again."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from explorer import catalog
from explorer.architectures.gan.losses import discriminator_loss, generator_loss
from explorer.architectures.gan.scores import picture_scores, plane_scores
from explorer.architectures.gan.training import AdversarialTrainer, make_trainer
from explorer.data.distributions import shape
from explorer.runspec import make_spec
from explorer.spec import SpecError, Value

CPU = torch.device("cpu")


def trainer_of(task: str = "ring", knobs: dict[str, Value] | None = None, **hypers: Value) -> AdversarialTrainer:
    torch.manual_seed(1)
    trainer = make_trainer(make_spec(catalog.get("gan"), task, knobs=knobs or {}, hypers=hypers), CPU)
    assert isinstance(trainer, AdversarialTrainer)
    return trainer


def weights(trainer: AdversarialTrainer) -> tuple[list[Tensor], list[Tensor]]:
    nets = (trainer.pair.generator, trainer.pair.discriminator)
    generator, discriminator = ([each.detach().clone() for each in net.parameters()] for net in nets)
    return generator, discriminator


def moved(before: list[Tensor], after: list[Tensor]) -> bool:
    return any(not torch.equal(one, other) for one, other in zip(before, after, strict=True))


def test_the_losses_are_those_of_the_paper() -> None:
    real, made = torch.tensor([[0.3], [-1.0]]), torch.tensor([[0.7], [2.0]])
    value = (F.logsigmoid(real) + torch.log(1 - made.sigmoid())).mean()
    assert float(discriminator_loss(real, made)) == pytest.approx(-float(value))
    assert float(generator_loss(made)) == pytest.approx(-float(made.sigmoid().log().mean()))
    assert float(generator_loss(made, minimax=True)) == pytest.approx(float(torch.log(1 - made.sigmoid()).mean()))
    even = torch.zeros(5, 1)
    assert float(discriminator_loss(even, even)) == pytest.approx(math.log(4))
    assert float(generator_loss(even)) == pytest.approx(math.log(2))


def test_a_smoothed_label_is_best_answered_by_itself() -> None:
    answers = torch.linspace(-4, 4, 801)[:, None]
    losses = torch.stack([discriminator_loss(each[None], torch.zeros(1, 1), 0.9) for each in answers])
    assert float(answers[losses.argmin()].sigmoid()) == pytest.approx(0.9, abs=0.002)


@pytest.mark.parametrize(
    ("trains", "of_g", "of_d"),
    [("both", True, True), ("generator only", True, False), ("discriminator only", False, True)],
)
def test_only_those_nets_learn_that_are_to(trains: str, of_g: bool, of_d: bool) -> None:
    trainer = trainer_of(trains=trains)
    generator, discriminator = weights(trainer)
    trainer.train_step()
    assert (moved(generator, weights(trainer)[0]), moved(discriminator, weights(trainer)[1])) == (of_g, of_d)


def test_while_d_has_its_head_start_g_waits() -> None:
    trainer = trainer_of(knobs={"head_start": 2})
    generator, _ = weights(trainer)
    for _ in range(2):
        trainer.train_step()
    assert not moved(generator, weights(trainer)[0])
    trainer.train_step()
    assert moved(generator, weights(trainer)[0])


def test_g_learns_by_the_gradient_through_d_as_it_is_after_its_own_step() -> None:
    trainer = trainer_of(knobs={"optimizer_g": "sgd"}, rate_g=0.1)
    generator, _ = weights(trainer)
    state = torch.random.get_rng_state()
    trainer.train_step()
    after, _ = weights(trainer)
    torch.random.set_rng_state(state)
    z = torch.randn(128, 2)
    live = list(trainer.pair.generator.parameters())
    with torch.no_grad():
        for parameter, value in zip(live, generator, strict=True):
            parameter.copy_(value)
    found = torch.autograd.grad(generator_loss(trainer.pair.discriminator(trainer.pair.generator(z))), live)
    for old, new, gradient in zip(generator, after, found, strict=True):
        assert torch.allclose(new, old - 0.1 * gradient, atol=1e-6)


def test_the_average_follows_the_generator() -> None:
    trainer = trainer_of(knobs={"average": 0.9})
    before, _ = weights(trainer)
    trainer.train_step()
    after, _ = weights(trainer)
    for average, old, new in zip(trainer.average.parameters(), before, after, strict=True):
        assert torch.allclose(average, 0.9 * old + 0.1 * new, atol=1e-6)


def test_rates_stay_then_fall_to_a_twentieth() -> None:
    trainer = trainer_of(knobs={"steady_steps": 4}, rate_g=1e-2, rate_d=2e-3)
    seen = []
    for _ in range(12):
        trainer.train_step()
        seen.append(trainer.optimizers()["generator"].param_groups[0]["lr"] / 1e-2)
    assert seen[:5] == pytest.approx([1.0] * 5)
    assert seen[6] == pytest.approx(1 - 0.95 / 2)
    assert seen[8:] == pytest.approx([0.05] * 4)
    assert trainer.optimizers()["discriminator"].param_groups[0]["lr"] == pytest.approx(2e-3 * 0.05)


def test_several_steps_of_d_take_several_batches() -> None:
    trainer = trainer_of(d_steps=3)
    trainer.train_step()
    assert int(trainer.extra_state()["position"]) == 3 * 128


def test_pictures_are_kept_at_some_steps_and_come_back_with_the_state() -> None:
    trainer = trainer_of("digits")
    trainer.train_step()
    assert list(trainer.kept) == [1]
    again = trainer_of("digits")
    again.load_extra_state(trainer.extra_state())
    assert torch.equal(again.kept[1], trainer.kept[1])
    assert again.steps_done == 1


def test_real_pictures_fill_the_range_that_g_can_reach() -> None:
    trainer = trainer_of("digits")
    assert (float(trainer.real.min()), float(trainer.real.max())) == pytest.approx((-1.0, 1.0))


def test_the_ring_is_covered_by_its_own_points_and_not_by_one_mode() -> None:
    trainer = trainer_of()
    own = plane_scores(trainer.real, shape("distributions.ring"))
    assert own["modes"] == 8
    assert own["near"] > 0.999
    assert own["top"] == pytest.approx(1 / 8)
    one = plane_scores(torch.tensor([[2.0, 0.0], [2.0, 0.21]] * 50), shape("distributions.ring"))
    assert one == {"modes": 1.0, "near": 0.5, "top": 1.0}


def test_a_class_counts_with_one_in_a_hundred_of_which_the_judge_is_sure() -> None:
    answers = torch.full((200, 10), 0.001)
    answers[:150, 3], answers[150:152, 5], answers[152:153, 7], answers[153:, 8] = 0.95, 0.99, 0.99, 0.89
    fair = 200 / 10  # of the 150 threes no more count
    assert picture_scores(answers) == {"classes": 2.0, "confident": pytest.approx((fair + 2 + 1) / 200)}


def test_the_convolutional_pair_is_refused_for_points() -> None:
    from explorer.architectures.gan.small import build_small

    with pytest.raises(SpecError, match="halves a square picture twice"):
        build_small({"net": "convolutional", "z_size": 4, "maps": 8}, (2,), 1)
