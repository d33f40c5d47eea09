"""The training step of networks that learn without labels: two views of each picture are to find each other."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from explorer.data import Dataset
from explorer.data.artists import Counterparts
from explorer.spec import RunSpec, Settings, Task, float_of
from explorer.training import contrastive_scores as scores
from explorer.training import optimizer
from explorer.training.contrastive_views import Views
from explorer.training.randomness import generator
from explorer.training.supervised import EVALUATION_BATCH, Build, SupervisedTrainer, evaluating

LABELS = 10  # of each class: all that is ever asked of them is the class of held-out pictures
PAIRED = 256  # held-out pictures whose two views are compared
SEED = 7  # of the views that are compared: the same at every step, so that only the network changes


class ContrastiveTrainer(SupervisedTrainer):
    """Trains an encoder and a head on pairs of views; labels take no part.

    h is what the encoder makes of a picture, and what is used in the end; z, of length 1, is what the loss sees.
    """

    augmentation: Views
    answers_by = "The network names nothing: these are the classes of the five nearest of a few labelled pictures."

    def __init__(
        self, spec: RunSpec, task: Task, build: Build, device: torch.device, upload: Dataset | None = None
    ) -> None:
        super().__init__(spec, task, build, device, upload)
        places = scores.first_of_each(self.dataset.train_targets, LABELS)
        chosen = torch.from_numpy(places).to(device)
        self.labelled = self.pictures[chosen], self.labels[chosen]

    # ---- a step --------------------------------------------------------------------------------------------------

    @abstractmethod
    def contrast(self, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        """Return similarities over temperature (N, candidates) and each one's partner (N,) for views (B, C, H, W)."""

    @abstractmethod
    def encode(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Return h (B, features) and z (B, dim), of length 1."""

    def train_step(self) -> Mapping[str, float | Tensor]:
        """Do one step; gives "loss", the mean over the views before the update."""
        if self._scheduled:
            optimizer.apply(self._optimizer, self._settings(), self._steps)
        pictures, _ = self._batches.next()
        logits, partner = self.contrast(*self.views(pictures))
        loss = self.kind.loss(logits, partner) if self.repels else self.attraction(logits, partner)
        for parameter in self._parameters:
            parameter.grad = None
        loss.backward()
        self._optimizer.step()
        self.after_update()
        self._steps += 1
        self._last = (logits.detach(), partner)
        return {"loss": loss.detach()}

    def after_update(self) -> None:
        """Do what follows the update of the weights."""

    def views(self, pictures: Tensor, random: torch.Generator | None = None) -> tuple[Tensor, Tensor]:
        """Return two views of each picture (B, C, H, W); of pairs (B, 2, C, H, W), a view of each of the two."""
        one, other = pictures.unbind(1) if pictures.dim() == 5 else (pictures, pictures)
        both = torch.cat([one, other])
        changed = self.augmentation(both, random) if self.augmentation.on else both
        first, second = changed.chunk(2)
        return first, second

    @property
    def temperature(self) -> float:
        return float_of(self.hypers, "temperature")

    @property
    def repels(self) -> bool:
        """Whether views of other pictures push."""
        return bool(self.hypers["negatives"])

    def attraction(self, logits: Tensor, partner: Tensor) -> Tensor:
        """Return the mean of (1 − cosine) / temperature between partners: all that is left without negatives."""
        return 1 / self.temperature - logits.gather(1, partner[:, None]).mean()

    # ---- what has been learnt ------------------------------------------------------------------------------------

    def representation(self, pictures: Tensor, after_head: bool = False) -> Tensor:
        """Return h, or z, of pictures (N, C, H, W) as the network stands, (N, D)."""
        with evaluating(self.network):
            return torch.cat([self.encode(part)[int(after_head)] for part in pictures.split(EVALUATION_BATCH)])

    def probabilities(self, inputs: Tensor) -> Tensor:
        """Return each class's share among the nearest of the few labelled pictures, (B, classes)."""
        known, labels = self.labelled
        return scores.votes(self.representation(known), labels, self.representation(inputs), len(self.dataset.classes))

    def compared(self, pictures: Tensor, seed: int = SEED) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return two views of each picture (N, C, H, W) and their z (N, dim): the same views for the same seed."""
        with torch.no_grad():
            first, second = self.views(pictures, generator(self.device, seed))
        return first, second, self.representation(first, True), self.representation(second, True)

    def evaluate(self) -> Mapping[str, float]:
        """Score the encoder on held-out pictures.

        "test_accuracy" and "test_accuracy_head": classes by the nearest labelled pictures, by h and by z. "alignment"
        and "uniformity": of z; "evenness": the latter with a minus, so that more is more even. Where two artists drew
        each thing, "counterpart" and "counterpart_5": the share whose other drawing is the nearest, or among the five
        nearest, of the other artist's, by h.
        """
        inputs, targets = self.test
        h, z = self._both(inputs)
        known_h, known_z = self._both(self.labelled[0])
        found = {
            "test_accuracy": self._right(known_h, h, targets),
            "test_accuracy_head": self._right(known_z, z, targets),
        }
        _, _, one, other = self.compared(inputs[:: self._stride])
        even = scores.uniformity(one)
        found |= {"alignment": scores.alignment(one, other), "uniformity": even, "evenness": -even}
        if self.drawn_twice:
            found |= {
                "counterpart": scores.found_again(h[::2], h[1::2], 1),
                "counterpart_5": scores.found_again(h[::2], h[1::2], 5),
            }
        return {name: float(value) for name, value in found.items()}

    @property
    def drawn_twice(self) -> bool:
        """Whether held-out pictures 2n and 2n + 1 show the same thing in two hands."""
        return isinstance(self.dataset, Counterparts)

    @property
    def _stride(self) -> int:
        return max(1, len(self.dataset.test_targets) // PAIRED)

    def _both(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        with evaluating(self.network):
            parts = [self.encode(part) for part in pictures.split(EVALUATION_BATCH)]
        return torch.cat([h for h, _ in parts]), torch.cat([z for _, z in parts])

    def _right(self, known: Tensor, asked: Tensor, targets: Tensor) -> Tensor:
        shares = scores.votes(known, self.labelled[1], asked, len(self.dataset.classes))
        return (shares.argmax(1) == targets).float().mean()

    # ---- settings ------------------------------------------------------------------------------------------------

    def _place(self) -> None:
        """Keep all training pictures at hand; where the artists are the views, learn from pairs of them."""
        super()._place()
        self.pictures, self.labels = self.train
        if self.spec.knobs.get("pairs") == "two artists":
            self.train = self.pictures.unflatten(0, (-1, 2)), self.labels[::2]

    def _tune(self) -> None:
        super()._tune()
        self.augmentation = Views(self._settings(), self.device)

    def set_hypers(self, values: Settings) -> None:
        super().set_hypers(values)
        self._last = None  # was compared at another temperature, among other candidates


def unit(points: Tensor) -> Tensor:
    """Return points (N, D) at length 1."""
    return F.normalize(points, dim=1)
