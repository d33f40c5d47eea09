"""One step of the game told in order, with its numbers; what it does, it does to copies."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from explorer.architectures.gan.losses import discriminator_loss, generator_loss
from explorer.spec import float_of, int_of
from explorer.training.randomness import generator

if TYPE_CHECKING:
    from explorer.architectures.gan.training import AdversarialTrainer

Figure = tuple[str, str, str]  # what, its value as written, where it comes from


@dataclass(frozen=True)
class Told:
    """One thing that happens in a step."""

    title: str
    figures: Sequence[Figure]
    examples: Tensor | None = None  # what it happens to: pictures of −1 … 1, if any


def tell(trainer: AdversarialTrainer) -> tuple[Told, ...]:
    """Return what the next step does to both nets, on a batch of its own, through copies of nets and optimisers."""
    pair, teachers = copy.deepcopy((trainer.pair, dict(trainer.optimizers())))
    count = min(int_of(trainer.hypers, "batch_size"), len(trainer.real))
    z, real = trainer.latent(count, 2 + trainer.steps_done), trainer.real[_some(trainer, count)]
    label = float_of(trainer.hypers, "real_label")
    with torch.enable_grad():
        made = pair.generator(z)
        drawn = Told(
            "1 · G makes a batch",
            (("noise", f"{count} × {z.shape[1]}", "drawn from a normal distribution"), ("made", f"{count}", "by G")),
            made.detach(),
        )
        given = torch.cat([real, made.detach()])
        logits = pair.discriminator(given)
        loss = discriminator_loss(logits[:count], logits[count:], label)
        judged = Told("2 · D judges it, and as many real ones", _judged(logits.detach(), count), real)
        norm = _gradients(pair.discriminator, loss)
        if trainer.trains_discriminator:
            teachers["discriminator"].step()
        again = pair.discriminator(given).detach()
        learnt = Told(
            "3 · D learns" if trainer.trains_discriminator else "3 · D does not learn now",
            (
                ("gradient", f"{norm:.3g}", "length, over all weights of D"),
                ("−V before", f"{_value(logits, count):.3f}", "on this batch"),
                ("−V after", f"{_value(again, count):.3f}", "the same batch"),
            ),
        )
        answer = pair.discriminator(made)
        norm = _gradients(pair.generator, generator_loss(answer, trainer.minimax))
        if trainer.trains_generator:
            teachers["generator"].step()
        moved = pair.discriminator(pair.generator(z)).detach()
        followed = Told(
            "4 · G learns through D" if trainer.trains_generator else "4 · G does not learn now",
            (
                ("gradient", f"{norm:.3g}", f"length, over all weights of G; {trainer.hypers['loss']} loss"),
                ("D(G(z)) before", f"{float(answer.detach().sigmoid().mean()):.3f}", "mean of the batch"),
                ("D(G(z)) after", f"{float(moved.sigmoid().mean()):.3f}", "same noise, G one step on"),
            ),
        )
    return drawn, judged, learnt, followed


def _some(trainer: AdversarialTrainer, count: int) -> Tensor:
    """Return places of real examples drawn at random, others at each step."""
    own = generator(trainer.device, trainer.steps_done)
    return torch.randint(len(trainer.real), (count,), generator=own, device=trainer.device)


def _judged(logits: Tensor, count: int) -> Sequence[Figure]:
    probability = logits.sigmoid().squeeze(1)
    real, made = probability[:count], probability[count:]
    return (
        ("D(x)", f"{float(real.mean()):.3f}", "mean over the real ones"),
        ("D(G(z))", f"{float(made.mean()):.3f}", "mean over those made"),
        ("right", f"{100 * float(torch.cat([real > 0.5, made <= 0.5]).float().mean()):.0f} %", "½ divides them"),
    )


def _gradients(net: torch.nn.Module, loss: Tensor) -> float:
    """Write the loss's gradients into the net's parameters; return their length."""
    parameters = list(net.parameters())
    gradients = torch.autograd.grad(loss, parameters)
    for parameter, gradient in zip(parameters, gradients, strict=True):
        parameter.grad = gradient
    return float(torch.stack([each.norm() for each in gradients]).norm())


def _value(logits: Tensor, count: int) -> float:
    """Return −V(D, G), from logits of real examples and then those made."""
    return float(discriminator_loss(logits[:count].detach(), logits[count:].detach()))
