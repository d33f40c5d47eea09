"""GoogLeNet's training step: the losses of the net and of its auxiliary head, added with a weight (sec. 5)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from explorer import catalog
from explorer.architectures.googlenet.model import SmallGoogLeNet, build_small
from explorer.data import Dataset
from explorer.spec import RunSpec, float_of
from explorer.training.supervised import SupervisedTrainer
from explorer.training.trainer import Trainer


class GoogLeNetTrainer(SupervisedTrainer):
    """Also gives "net_loss" and "aux_loss", of which "loss" is the weighted sum, and the head's "aux_accuracy"."""

    model: SmallGoogLeNet
    _heard: tuple[Tensor, Tensor, Tensor] | None = None  # the head's answers, its loss, the net's own loss
    _helper: tuple[Tensor, Tensor] | None = None  # the head's answers in the last step, and the targets

    def train_step(self) -> Mapping[str, float | Tensor]:
        scalars = super().train_step()
        if self._heard is None or self._last is None:
            return scalars
        answers, helper_loss, own_loss = self._heard
        self._helper = answers, self._last[1]
        return {**scalars, "net_loss": own_loss, "aux_loss": helper_loss}

    def objective(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return the net's answers, and its loss plus the head's times `aux_weight`."""
        logits, helper = self.model.answers(inputs)
        loss = self.kind.loss(logits, targets)
        if helper is None:
            return logits, loss
        helper_loss = self.kind.loss(helper, targets)
        self._heard = helper.detach(), helper_loss.detach(), loss.detach()
        return logits, loss + float_of(self.hypers, "aux_weight") * helper_loss

    def batch_scores(self) -> Mapping[str, float | Tensor]:
        scores = super().batch_scores()
        if self._helper is None:
            return scores
        return {**scores, "aux_accuracy": self.kind.score(*self._helper)["accuracy"]}

    def load_extra_state(self, state: Mapping[str, Tensor]) -> None:
        super().load_extra_state(state)
        self._heard = self._helper = None


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> Trainer:
    """Return the trainer of the small net, with or without its auxiliary head."""
    return GoogLeNetTrainer(spec, catalog.get(spec.architecture).task(spec.task), build_small, device, upload)
