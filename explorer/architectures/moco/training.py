"""MoCo's step (algorithm 1): queries learn, the key encoder follows by momentum, and keys wait in the queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer import catalog
from explorer.architectures.moco.model import Encoder, MoCo, momentum_update
from explorer.architectures.moco.small import MOST_KEYS, SmallQueue, build_small
from explorer.data import Dataset
from explorer.spec import RunSpec, float_of, int_of
from explorer.training.contrastive import ContrastiveTrainer, unit
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

WITNESSES = 128  # views that are kept beside their keys, to see how keys of their age have gone stale
EACH_TIME = 2
BYTE = 255


@dataclass(frozen=True)
class Drift:
    """Views whose keys were made at different times, the oldest first: ages (N,) in steps, views (N, C, H, W).

    `cosines` (N,) tell how alike the key made then and the key that the encoder makes now are.
    """

    ages: Tensor
    cosines: Tensor
    views: Tensor


class MoCoTrainer(ContrastiveTrainer):
    """The negatives of a query are the keys of earlier batches; `births` tells the step at which each was made."""

    def __init__(self, spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> None:
        super().__init__(spec, catalog.get(spec.architecture).task(spec.task), build_small, device, upload)
        shape, dim = self.dataset.input_shape, self.moco.queue.keys.shape[1]
        self._births = torch.full((MOST_KEYS,), -1, device=device)  # −1: noise, not yet replaced by a key
        self._witness_births = torch.full((WITNESSES,), -1, device=device)
        self._witness_views = torch.zeros((WITNESSES, *shape), dtype=torch.uint8, device=device)
        self._witness_keys = torch.zeros((WITNESSES, dim), device=device)
        self._new: tuple[Tensor, Tensor] | None = None

    @property
    def moco(self) -> MoCo:
        assert isinstance(self.model, MoCo)
        return self.model

    @property
    def network(self) -> nn.Module:
        """The query encoder, which is what remains when training is over."""
        return self.moco.query_encoder

    def contrast(self, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        q = self.moco.query_encoder(first)
        with torch.no_grad():
            k = self.moco.key_encoder(second)
        self._new = second, k
        partner = torch.zeros(len(q), dtype=torch.long, device=self.device)
        return self.moco.compare(q, k), partner

    def encode(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        encoder = self.moco.query_encoder
        assert isinstance(encoder, Encoder)
        h = encoder.trunk(pictures)
        return h, unit(encoder.head(h))

    def after_update(self) -> None:
        """Let the key encoder follow, and the batch's keys take the place of the oldest."""
        assert self._new is not None
        views, keys = self._new
        self._bear_witness(views)
        momentum_update(self.moco.key_encoder, self.moco.query_encoder, float_of(self.hypers, "key_momentum"))
        self.moco.queue.enqueue(keys)
        self._births = torch.cat([self._births, self._births.new_full((len(keys),), self._steps)])[-MOST_KEYS:]

    # ---- how old the keys are ------------------------------------------------------------------------------------

    @property
    def ages(self) -> Tensor:
        """How many steps ago each key in use was made, the oldest first, (K,); −1 for noise that was there before."""
        births = self._births[-self._used :]
        return torch.where(births < 0, -1, self._steps - 1 - births)

    def drift(self) -> Drift:
        """Encode again the views whose keys were kept aside when they were made."""
        there = self._witness_births >= 0
        births, views = self._witness_births[there], self._pictured(self._witness_views[there])
        now = self._keys_of(views) if len(views) else self._witness_keys[there]
        cosines = (now * self._witness_keys[there]).sum(1)
        ages = self._steps - 1 - births
        return Drift(ages, cosines, views)

    def _bear_witness(self, views: Tensor) -> None:
        """Keep a few of the batch's views with the keys made of them now, as the encoder answers when it is used."""
        if self._steps % self._pause:
            return
        kept = self._in_bytes(views[:EACH_TIME])
        keys = self._keys_of(self._pictured(kept))
        births = self._witness_births.new_full((len(kept),), self._steps)
        self._witness_views = torch.cat([self._witness_views, kept])[-WITNESSES:]
        self._witness_keys = torch.cat([self._witness_keys, keys])[-WITNESSES:]
        self._witness_births = torch.cat([self._witness_births, births])[-WITNESSES:]

    @property
    def _pause(self) -> int:
        """Steps from one witness to the next, so that together they are as old as the oldest key."""
        return max(1, -(-self._used * EACH_TIME // (WITNESSES * self._batch_size())))

    def _keys_of(self, views: Tensor) -> Tensor:
        with evaluating(self.moco.key_encoder):
            return self.moco.key_encoder(views)

    def _in_bytes(self, views: Tensor) -> Tensor:
        low, span = self._range
        return ((views - low) * (BYTE / span)).clamp(0, BYTE).round().to(torch.uint8)

    def _pictured(self, views: Tensor) -> Tensor:
        low, span = self._range
        return low + views * (span / BYTE)

    # ---- settings and state --------------------------------------------------------------------------------------

    @property
    def _used(self) -> int:
        return int_of(self.hypers, "queue_length")

    def _place(self) -> None:
        super()._place()
        low, high = float(self.dataset.train_inputs.min()), float(self.dataset.train_inputs.max())
        self._range = low, max(high - low, 1e-6)

    def _tune(self) -> None:
        super()._tune()
        self.moco.temperature.by = self.temperature
        queue = self.moco.queue
        assert isinstance(queue, SmallQueue)
        queue.used = self._used

    def example_inputs(self) -> tuple[Tensor, ...]:
        return self.test[0][:1], self.test[0][:1]

    def extra_state(self) -> Mapping[str, Tensor]:
        return {
            **super().extra_state(),
            "births": self._births,
            "witness_births": self._witness_births,
            "witness_views": self._witness_views,
            "witness_keys": self._witness_keys,
        }

    def load_extra_state(self, state: Mapping[str, Tensor]) -> None:
        super().load_extra_state(state)
        self._births = state["births"].to(self.device)
        self._witness_births = state["witness_births"].to(self.device)
        self._witness_views = state["witness_views"].to(self.device)
        self._witness_keys = state["witness_keys"].float().to(self.device)


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> Trainer:
    """Return the trainer of both encoders and the queue."""
    return MoCoTrainer(spec, device, upload)
