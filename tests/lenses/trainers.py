"""Real small networks, a few steps trained, and a check that looking leaves no trace in training."""

from __future__ import annotations

import torch

from explorer import catalog, lenses
from explorer.engine.messages import Frame, LensRequest
from explorer.runspec import make_spec
from explorer.spec import Value
from explorer.training.factory import make_trainer
from explorer.training.trainer import Trainer

CPU = torch.device("cpu")


def trained(key: str, task: str, steps: int = 5, **hypers: Value) -> Trainer:
    torch.manual_seed(3)
    trainer = make_trainer(make_spec(catalog.get(key), task, hypers=hypers), CPU)
    for _ in range(steps):
        trainer.train_step()
    return trainer


def look(trainer: Trainer, lens: str, **options: Value) -> Frame:
    return lenses.look(trainer, LensRequest(lens, options))


def assert_unseen(key: str, task: str, lens: str, **options: Value) -> None:
    """Two equal networks, one looked at between two steps: both are the same afterwards, to the last bit."""
    alone, watched = trained(key, task), trained(key, task)
    before = [(module.training, len(module._forward_hooks)) for module in watched.model.modules()]
    gradients = [None if each.grad is None else each.grad.clone() for each in watched.model.parameters()]
    state = torch.random.get_rng_state()
    look(watched, lens, **options)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert [(module.training, len(module._forward_hooks)) for module in watched.model.modules()] == before
    for each, gradient in zip(watched.model.parameters(), gradients, strict=True):
        assert (each.grad is None) == (gradient is None)
        assert gradient is None or each.grad is None or torch.equal(each.grad, gradient)
    alone.train_step()
    torch.random.set_rng_state(state)
    watched.train_step()
    for one, other in zip(alone.model.state_dict().values(), watched.model.state_dict().values(), strict=True):
        assert torch.equal(one, other)
