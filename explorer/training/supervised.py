"""The training step of every network that learns from examples: batch, forward, loss, backward, update."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from explorer import data, tasks
from explorer.data import Dataset
from explorer.spec import RunSpec, Settings, SpecError, Task
from explorer.training import optimizer
from explorer.training.augmentation import Augmentation
from explorer.training.batches import Batches
from explorer.training.placing import placed
from explorer.training.trainer import Trainer

DATA_HYPERS = ("noise",)  # hyperparameters that are the data's: a change makes the data again, with the same seed
EVALUATION_BATCH = 200  # held-out examples at once: few enough for a processor's cache
DROPOUTS = (nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout)
Build = Callable[[Settings, tuple[int, ...], int], nn.Module]


class SupervisedTrainer(Trainer):
    """Trains any network on a labelled data set; the task's kind gives loss and score."""

    answers_by = ""  # for people: where the classes' shares come from, if the network itself does not give them

    def __init__(
        self, spec: RunSpec, task: Task, build: Build, device: torch.device, upload: Dataset | None = None
    ) -> None:
        self.spec, self.device, self.task = spec, device, task
        self.hypers = dict(spec.hypers)
        self.kind = tasks.get(task.kind)
        self._upload = upload
        self.dataset = self._load()
        self.model = build(spec.knobs, self.dataset.input_shape, self.kind.outputs(len(self.dataset.classes))).to(
            device
        )
        self._parameters = list(self.model.parameters())
        self._place()
        self._batches = Batches(*self.train, self._batch_size(), spec.seed)
        self._optimizer = self._made_optimizer()
        self._steps = 0
        self._last: tuple[Tensor, Tensor] | None = None
        self._tune()

    def train_step(self) -> Mapping[str, float | Tensor]:
        """Do one step; gives "loss", the mean over the batch before the update."""
        if self._scheduled:
            optimizer.apply(self._optimizer, self._settings(), self._steps)
        inputs, targets = self._batches.next()
        logits, loss = self.objective(self._augmented(inputs), targets)
        for parameter in self._parameters:  # as zero_grad does, without its bookkeeping, which costs a tiny net a tenth
            parameter.grad = None
        loss.backward()
        self._optimizer.step()
        self._steps += 1
        self._last = (logits.detach(), targets)
        return {"loss": loss.detach()}

    def objective(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return the answers to a batch and the loss to go down, both with their gradients."""
        logits = self.model(inputs)
        return logits, self.kind.loss(logits, targets)

    def _augmented(self, inputs: Tensor) -> Tensor:
        return self.augmentation(inputs) if self.augmentation.on else inputs

    def batch_scores(self) -> Mapping[str, float | Tensor]:
        """Return the task's scores of the last step's batch, as the network answered in that step."""
        return {} if self._last is None else self.kind.score(*self._last)

    def evaluate(self) -> Mapping[str, float]:
        """Return "test_loss" and the scores with "test_" before their names, over all held-out data."""
        inputs, targets = self.test
        with evaluating(self.model):
            logits = torch.cat([self.model(part) for part in inputs.split(EVALUATION_BATCH)])
            found = {"loss": self.kind.loss(logits, targets), **self.kind.score(logits, targets)}
        return {f"test_{name}": _rounded(float(value)) for name, value in found.items()}

    def set_hypers(self, values: Settings) -> None:
        before = self._settings()
        self.hypers.update(values)
        if any(self.hypers.get(name) != before.get(name) for name in DATA_HYPERS):
            self.dataset = self._load()
            self._place()
            self._batches.replace(*self.train)
        if self.hypers.get("batch_size") != before.get("batch_size"):
            self._batches.resize(self._batch_size())
        if self._settings().get("optimizer") != before.get("optimizer"):
            self._optimizer = self._made_optimizer()
        self._tune()

    @property
    def network(self) -> nn.Module:
        """What takes one batch of inputs alone: lenses follow an input through it."""
        return self.model

    def probabilities(self, inputs: Tensor) -> Tensor:
        """Return the classes' shares for inputs (B, …), (B, classes), as asked in `evaluating`."""
        return self.kind.probabilities(self.network(inputs))

    def example_inputs(self) -> tuple[Tensor, ...]:
        return (self.test[0][:1],)

    @property
    def steps_per_epoch(self) -> float:
        return self._batches.per_epoch

    def optimizers(self) -> Mapping[str, torch.optim.Optimizer]:
        return {"optimizer": self._optimizer}

    def extra_state(self) -> Mapping[str, Tensor]:
        return {"steps": torch.tensor(self._steps), **self._batches.state()}

    def load_extra_state(self, state: Mapping[str, Tensor]) -> None:
        self._steps = int(state["steps"])
        self._batches.load(state)
        self._last = None
        self._tune()

    def _made_optimizer(self) -> torch.optim.Optimizer:
        apart = optimizer.embeddings(self.model)
        return optimizer.make(self._settings(), self.model.parameters(), self.device, apart)

    def _settings(self) -> Settings:
        return {**self.spec.knobs, **self.hypers}

    def _batch_size(self) -> int:
        size = self._settings().get("batch_size", 32)
        if isinstance(size, (str, tuple)) or size < 1:
            raise SpecError(f"batch_size = {size} is not a whole number of at least 1")
        return int(size)

    def _load(self) -> Dataset:
        if self._upload is not None:
            return self._upload
        own = {name: self.hypers[name] for name in DATA_HYPERS if name in self.hypers}
        return data.load(self.task.dataset, {**self.spec.data, **own}, self.spec.seed)

    def _place(self) -> None:
        one = self.dataset
        self.train = placed(one.train_inputs, self.device), placed(one.train_targets, self.device)
        self.test = placed(one.test_inputs, self.device), placed(one.test_targets, self.device)

    def _tune(self) -> None:
        """Write the hyperparameters that stand into the optimiser and the dropout layers."""
        settings = self._settings()
        self.augmentation = Augmentation(settings, self.device)
        self._scheduled = optimizer.scheduled(settings)
        optimizer.apply(self._optimizer, settings, self._steps)
        if "dropout" in settings:
            set_dropout(self.model, settings["dropout"])


def set_dropout(model: nn.Module, share: bool | int | float | str | tuple[int, ...]) -> None:
    """Set the share of units that every dropout layer switches off, 0 … 1."""
    if isinstance(share, (str, tuple)):
        raise SpecError(f"dropout = {share} is not a number")
    for module in model.modules():
        if isinstance(module, DROPOUTS):
            module.p = float(share)


@contextmanager
def evaluating(model: nn.Module) -> Iterator[None]:
    """Inside, the network is in evaluation mode and records no gradients; each module's mode comes back at the end."""
    training = [module for module in model.modules() if module.training]
    for module in training:
        module.training = False
    try:
        with torch.no_grad():
            yield
    finally:
        for module in training:
            module.training = True


def _rounded(number: float) -> float:
    """Return the seven digits that float32 can tell, so that 970 of 1,000 is 0.97 and not a hair more or less."""
    return float(f"{number:.7g}")
