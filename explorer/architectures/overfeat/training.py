"""OverFeat's step: first the classifier with its features, then the features stand still and the regressor learns."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from explorer import catalog
from explorer.architectures.overfeat.small import SmallOverFeat, build_small
from explorer.data import Dataset
from explorer.data.scenes import Scenes
from explorer.spec import RunSpec, Settings, SpecError, Task, float_of, int_of
from explorer.tasks import localisation
from explorer.training import optimizer
from explorer.training.supervised import EVALUATION_BATCH, SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

AT_ONCE, CLASSIFYING, LOCATING = "at once", "classifying", "locating"
SMOOTHING = 0.08  # of the classes' targets: 4,000 digits are learnt by heart otherwise
BOX_SHARE = 5.0  # weight of the boxes' loss where both are learnt at once: about as large as the classes' then


class LocatingTrainer(SupervisedTrainer):
    """Learns from scenes that know where their digits are; the knob `training` says in which order."""

    dataset: Scenes
    model: SmallOverFeat

    def __init__(self, spec: RunSpec, task: Task, device: torch.device, upload: Dataset | None = None) -> None:
        super().__init__(spec, task, build_small, device, upload)
        assert isinstance(self.model, SmallOverFeat)

    def train_step(self) -> Mapping[str, float | Tensor]:
        """Do one step of the part whose turn it is; "loss" is that part's."""
        stage = self.stage
        optimizer.apply(self._optimizer, self._turn(stage), self._since(stage))
        self.model.features.train(stage != LOCATING)  # normalisation stands still with the features
        return super().train_step()

    def objective(self, inputs: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
        """Return the maps of the part that learns, and its loss; targets are the scenes' objects."""
        pictures, targets = self.stretched(inputs.float(), targets)
        scene, stage = self.model.border(pictures), self.stage
        if stage == AT_ONCE:
            maps = self.model.answers(self.model.features(scene))
            classes = localisation.class_loss(maps[:, : -localisation.EDGES], targets, SMOOTHING)
            return maps, classes + BOX_SHARE * localisation.box_loss(maps[:, -localisation.EDGES :], targets)
        if stage == CLASSIFYING:
            logits = self.model.classifier(self.model.features(scene))
            return logits, localisation.class_loss(logits, targets, SMOOTHING)
        with torch.no_grad():
            features = self.model.features(scene)
        edges = self.model.regressor(features)
        return edges, localisation.box_loss(edges, targets)

    def stretched(self, scenes: Tensor, objects: Tensor) -> tuple[Tensor, Tensor]:
        """Return scenes (B, 1, H, W) drawn wider or narrower, taller or lower, and moved, with their boxes.

        Every scene by chance of its own, by up to the hyperparameters `stretch` (share) and `move` (pixels).
        """
        stretch, move = float_of(self.hypers, "stretch"), float_of(self.hypers, "move")
        if not stretch and not move:
            return scenes, objects
        chance = torch.rand(2, len(scenes), 2, device=scenes.device) * 2 - 1
        scale, shift = 1 + stretch * chance[0], move * chance[1]  # B 2: x, y
        middle = scenes.shape[-1] / 2
        across, down = (_read(scale[:, axis], shift[:, axis], scenes.shape[-1]) for axis in (0, 1))
        drawn = down @ scenes[:, 0] @ across.transpose(1, 2)  # B H W
        edges = (objects[..., 1:] - middle) * scale.repeat(1, 2)[:, None] + middle + shift.repeat(1, 2)[:, None]
        return drawn[:, None], torch.cat([objects[..., :1], edges], 2)

    @property
    def stage(self) -> str:
        """What the next step trains."""
        if self.spec.knobs["training"] == AT_ONCE:
            return AT_ONCE
        return CLASSIFYING if self._steps < int_of(self.hypers, "classify_until") else LOCATING

    def _since(self, stage: str) -> int:
        return self._steps - int_of(self.hypers, "classify_until") if stage == LOCATING else self._steps

    def _turn(self, stage: str) -> Settings:
        """Return the settings with the rate, its rise and its fall, of the part that learns."""
        own, until = self._settings(), int_of(self.hypers, "classify_until")
        box_steps = int_of(self.spec.knobs, "box_steps")
        if stage == LOCATING:
            rate = float_of(self.hypers, "box_rate")
            return {**own, "learning_rate": rate, "decay_steps": box_steps, "warmup_steps": 0}
        steps = until + box_steps if stage == AT_ONCE else until
        return {**own, "decay_steps": steps, "warmup_steps": until // 7}

    def batch_scores(self) -> Mapping[str, float | Tensor]:
        return {"stage": 2.0 if self.stage == LOCATING else 1.0}

    def evaluate(self) -> Mapping[str, float]:
        """Return the kind's scores over all held-out scenes, and both losses there."""
        inputs, objects = self.test[0], self.test_objects
        with evaluating(self.model):
            maps = torch.cat([self.model(part) for part in inputs.split(EVALUATION_BATCH)])
            scores = {
                **self.kind.score(maps, objects),
                "class_loss": localisation.class_loss(maps[:, : -localisation.EDGES], objects),
                "box_loss": localisation.box_loss(maps[:, -localisation.EDGES :], objects),
            }
        return {f"test_{name}": float(f"{float(value):.7g}") for name, value in scores.items()}

    def _place(self) -> None:
        """Put the scenes on the device; training scenes at half precision: the shuffled copy is the largest thing."""
        one = self.dataset
        if not isinstance(one, Scenes):
            raise SpecError("this network learns from scenes that know where their objects are")
        super()._place()
        objects, self.test_objects = (
            torch.from_numpy(each).to(self.device) for each in (one.train_objects, one.test_objects)
        )
        self.train = self.train[0].half(), objects

    def _tune(self) -> None:
        super()._tune()
        self._scheduled = False  # the rate is set above, by the part whose turn it is


def _read(scale: Tensor, shift: Tensor, side: int) -> Tensor:
    """Return which rows each new row is made of, (B, side, side): bilinear, the border going on outwards."""
    rows = torch.arange(side, device=scale.device, dtype=scale.dtype)
    middle = side / 2
    read = (rows + 0.5 - middle - shift[:, None]) / scale[:, None] + middle - 0.5  # B side
    return (1 - (read.clamp(0, side - 1)[..., None] - rows).abs()).clamp_min(0)


def make_trainer(spec: RunSpec, device: torch.device, upload: Dataset | None = None) -> Trainer:
    """Return the trainer of classifier and regressor."""
    return LocatingTrainer(spec, catalog.get(spec.architecture).task(spec.task), device, upload)
