"""What the experiments measure on a trained feed-forward network beyond loss and accuracy."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explorer.architectures.feed_forward.model import FeedForward
from explorer.training.factory import make_trainer
from explorer.training.randomness import Preserved
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer


def collapse(trainer: Trainer) -> dict[str, float]:
    """Multiply all layers into one matrix and bias; return how far its outputs are from the network's at most.

    Means something only for networks without activation; others give a large difference. Adds what `fit` measures.
    """
    network, inputs = _network(trainer)
    with evaluating(network):
        weight, bias = _product(_linears(network))
        in_one = torch.flatten(inputs, 1).cpu().double() @ weight.T + bias
        difference = (network(inputs).cpu() - in_one).abs().max()
    return {"collapse_difference": float(difference), **fit(trainer)}


def start_gradients(trainer: Trainer) -> dict[str, float]:
    """Return the gradient norms of the first hidden layer and the output layer at the very first step of this run."""
    with Preserved(trainer.device):
        torch.manual_seed(trainer.spec.seed)
        fresh = make_trainer(trainer.spec, trainer.device)
        fresh.train_step()
    network, _ = _network(fresh)
    first, last = (_linears(network)[place].weight.grad for place in (0, -1))
    assert first is not None  # a step was just taken
    assert last is not None
    return {"start_gradient_first": float(first.norm()), "start_gradient_last": float(last.norm())}


def fit(trainer: Trainer) -> dict[str, float]:
    """Return loss and accuracy over the whole training set, measured without dropout."""
    assert isinstance(trainer, SupervisedTrainer)
    inputs, targets = trainer.train
    with evaluating(trainer.model):
        logits = trainer.model(inputs)
        score = trainer.kind.score(logits, targets)
        return {"train_loss": float(trainer.kind.loss(logits, targets)), "train_accuracy": float(score["accuracy"])}


def _network(trainer: Trainer) -> tuple[FeedForward, Tensor]:
    assert isinstance(trainer, SupervisedTrainer)
    assert isinstance(trainer.model, FeedForward)
    return trainer.model, trainer.test[0]


def _linears(network: FeedForward) -> list[nn.Linear]:
    return [module for module in network.modules() if isinstance(module, nn.Linear)]


def _product(layers: list[nn.Linear]) -> tuple[Tensor, Tensor]:
    """Return matrix and bias of all layers in one, in double precision on the CPU (not every GPU has it)."""
    weight = torch.eye(layers[0].in_features, dtype=torch.float64)
    bias = torch.zeros(layers[0].in_features, dtype=torch.float64)
    for layer in layers:
        own, shift = layer.weight.detach().cpu().double(), layer.bias.detach().cpu().double()
        weight, bias = own @ weight, own @ bias + shift
    return weight, bias
