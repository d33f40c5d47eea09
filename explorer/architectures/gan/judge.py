"""Classifiers that G and D know nothing of: they say as what a picture can be recognised, and how surely.

`python -m explorer.architectures.gan.judge NAME`, digits or clothes, made assets/judges/NAME.safetensors: a small
network, trained on the learning part of the pictures, changed a little anew each time. In training there is one more
class for what is none; as a judge it is asked which class a picture is of if it is of one. It is still sure of much
noise, but always of the same class, which is why `scores` counts no class above its fair share.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file
from torch import Tensor, nn

from explorer import data, paths
from explorer.architectures.cnn.model import build_small
from explorer.data.images import CLOTHES, DIGITS, MEAN_AND_SPREAD
from explorer.spec import Settings, SpecError, nearest
from explorer.training.augmentation import Augmentation
from explorer.training.batches import Batches
from explorer.training.supervised import evaluating

SETTINGS: Settings = {
    "kernel_size": 3, "first_stride": 1, "pooling": "max", "activation": "relu", "batch_norm": True, "head": "flat",
    "body": "convolution",
}  # fmt: skip
BATCH, RATE = 64, 0.005
NONE = 6  # of each kind of "none" in a batch


@dataclass(frozen=True)
class Recipe:
    """How one judge is made."""

    classes: tuple[str, ...]
    channels: tuple[int, ...]
    changed: Settings  # how pictures are changed before they are shown
    steps: int


RECIPES = {
    "digits": Recipe(DIGITS, (16, 32, 64), {"shift": 2, "rotate": 10.0}, 1500),
    "clothes": Recipe(CLOTHES, (24, 48, 96), {"shift": 1, "mirror": True}, 2500),
}


class Judge(nn.Module):
    """Pixels from −1 to 1 → a probability for each class."""

    def __init__(self, name: str) -> None:
        super().__init__()
        recipe = RECIPES[name]
        self.mean, self.spread = MEAN_AND_SPREAD[name]
        settings = {**SETTINGS, "channels": recipe.channels}
        self.network = build_small(settings, (1, 28, 28), len(recipe.classes) + 1)

    def forward(self, pixels: Tensor) -> Tensor:  # B 1 28 28
        logits = self.network(((pixels + 1) / 2 - self.mean) / self.spread)  # B classes + 1
        return logits[:, :-1].softmax(1)  # B classes


@cache
def load(name: str, device: torch.device) -> Judge:
    """Return the judge of "digits" or "clothes", ready to answer; raises SpecError for another name."""
    if name not in RECIPES:
        raise SpecError(f"there is no judge of '{name}'; {nearest(name, RECIPES)}")
    with torch.random.fork_rng(devices=[]):
        judge = Judge(name)
    arrays = load_file(_path(name))
    judge.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    return judge.to(device).eval().requires_grad_(False)


def train(name: str) -> tuple[Judge, float]:
    """Train a judge on one thread; return it with its share of right answers on the held-out pictures."""
    torch.manual_seed(0)
    recipe, dataset = RECIPES[name], data.load(f"images.{name}", {}, 0)
    judge, cpu = Judge(name), torch.device("cpu")
    augmentation = Augmentation(recipe.changed, cpu)
    batches = Batches(torch.from_numpy(dataset.train_inputs), torch.from_numpy(dataset.train_targets), BATCH, 0)
    optimizer = torch.optim.AdamW(judge.parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=recipe.steps)
    for _ in range(recipe.steps):
        inputs, targets = batches.next()
        wrong = none_of_them(inputs, targets)
        shown = torch.cat([augmentation(inputs), wrong])
        wanted = torch.cat([targets, torch.full((len(wrong),), len(recipe.classes))])
        optimizer.zero_grad()
        nn.functional.cross_entropy(judge.network(shown), wanted).backward()
        optimizer.step()
        schedule.step()
    with evaluating(judge):
        answers = judge.network(torch.from_numpy(dataset.test_inputs))[:, :-1].argmax(1)
    return judge, float((answers == torch.from_numpy(dataset.test_targets)).float().mean())


def none_of_them(inputs: Tensor, targets: Tensor) -> Tensor:
    """Return about (3 · NONE, C, H, W) that are of no class: noise fine and coarse, two classes in one."""
    low, high = inputs.min(), inputs.max()
    shape = inputs.shape[1:]
    contrast = torch.rand(2, NONE, 1, 1, 1)
    fine = torch.rand(NONE, *shape)
    coarse = nn.functional.interpolate(torch.rand(NONE, shape[0], 7, 7), size=shape[1:], mode="bilinear")
    noise = low + (high - low) * torch.cat([fine * contrast[0], coarse * contrast[1]])
    share = 0.4 + 0.2 * torch.rand(NONE, 1, 1, 1)
    both = share * inputs[:NONE] + (1 - share) * inputs[NONE : 2 * NONE]
    return torch.cat([noise, both[targets[:NONE] != targets[NONE : 2 * NONE]]])


def _path(name: str) -> Path:
    return paths.assets() / "judges" / f"{name}.safetensors"


def main(name: str) -> None:
    """Train a judge and write it where it is read from, its weights as halves."""
    torch.set_num_threads(1)
    judge, right = train(name)
    state = {key: value.half() if value.is_floating_point() else value for key, value in judge.state_dict().items()}
    _path(name).parent.mkdir(exist_ok=True)
    save_file({key: value.contiguous() for key, value in state.items()}, _path(name))
    sys.stdout.write(f"{100 * right:.1f} % of the held-out pictures; {_path(name)}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
