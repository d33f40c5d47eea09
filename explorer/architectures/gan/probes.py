"""What the experiments measure on a trained pair beyond its scores."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.architectures.gan.losses import generator_loss
from explorer.architectures.gan.scores import plane_scores
from explorer.architectures.gan.training import AdversarialTrainer
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

COUNT = 200  # examples for distances and gradients


def gradients(trainer: Trainer) -> dict[str, float]:
    """Return the length of G's gradient by both losses at this moment, and how much D believes of what G makes."""
    assert isinstance(trainer, AdversarialTrainer)
    z = trainer.latent(COUNT, 4)
    figures: dict[str, float] = {}
    with torch.enable_grad():
        for name, minimax in (("gradient", False), ("gradient_minimax", True)):
            logits = trainer.pair.discriminator(_live(trainer, z))
            found = torch.autograd.grad(generator_loss(logits, minimax), list(trainer.pair.generator.parameters()))
            figures[name] = float(torch.stack([each.norm() for each in found]).norm())
    figures["believed"] = float(logits.detach().sigmoid().mean())
    return figures


def distances(trainer: Trainer) -> dict[str, float]:
    """Return `gradients`, and how far what G makes is from the nearest real example, without the average."""
    assert isinstance(trainer, AdversarialTrainer)
    with torch.no_grad():
        made = _live(trainer, trainer.latent(COUNT, 4))
    away = torch.cdist(made.flatten(1), trainer.real.flatten(1)).min(1).values
    return {**gradients(trainer), "distance": float(away.mean())}


def modes(trainer: Trainer) -> dict[str, float]:
    """Return `gradients`, and the scores of G as it is in the game ("live_modes", "live_near", "live_top")."""
    assert isinstance(trainer, AdversarialTrainer)
    with evaluating(trainer.pair.generator):
        samples = trainer.pair.generator(trainer.latent(2000, 1))
    scores = plane_scores(samples, trainer.shape)
    return {**gradients(trainer), **{f"live_{name}": value for name, value in scores.items()}}


def _live(trainer: AdversarialTrainer, z: Tensor) -> Tensor:
    """Return what G makes as it stands in the game; with its running statistics, so that looking leaves them alone."""
    net = trainer.pair.generator
    modes = [(module, module.training) for module in net.modules()]
    net.eval()
    try:
        return net(z)
    finally:
        for module, training in modes:
            module.training = training
