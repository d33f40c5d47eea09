"""A classifier that G and D know nothing of: it says as which digit a picture can be recognised, and how surely.

`python -m explorer.architectures.gan.judge` made assets/judges/digits.safetensors: a small network, trained
on the learning part of the digits with shifts and turns. In training there is an eleventh class for what is none; as a
judge it is asked which digit it is if it is one. It is still sure of much noise, but always of the same digit, which is
why `scores` counts no class above its fair share.
"""

from __future__ import annotations

import sys
from functools import cache

import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file
from torch import Tensor, nn

from explorer import data, paths
from explorer.architectures.cnn.model import build_small
from explorer.data.images import DIGITS, MEAN_AND_SPREAD
from explorer.spec import Settings
from explorer.training.augmentation import Augmentation
from explorer.training.batches import Batches
from explorer.training.supervised import evaluating

SETTINGS: Settings = {
    "channels": (16, 32, 64), "kernel_size": 3, "first_stride": 1, "pooling": "max", "activation": "relu",
    "batch_norm": True, "head": "flat", "body": "convolution",
}  # fmt: skip
CHANGED: Settings = {"shift": 2, "rotate": 10.0}
STEPS, BATCH, RATE = 1500, 64, 0.005
NONE = 6  # of each kind of "no digit" in a batch


class Judge(nn.Module):
    """Pixels from −1 to 1 → a probability for each class."""

    def __init__(self) -> None:
        super().__init__()
        self.mean, self.spread = MEAN_AND_SPREAD["digits"]
        self.network = build_small(SETTINGS, (1, 28, 28), len(DIGITS) + 1)

    def forward(self, pixels: Tensor) -> Tensor:  # B 1 28 28
        logits = self.network(((pixels + 1) / 2 - self.mean) / self.spread)  # B 11
        return logits[:, :-1].softmax(1)  # B 10


@cache
def load(device: torch.device) -> Judge:
    """Return the judge, ready to answer."""
    with torch.random.fork_rng(devices=[]):
        judge = Judge()
    arrays = load_file(paths.assets() / "judges" / "digits.safetensors")
    judge.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    return judge.to(device).eval().requires_grad_(False)


def train(steps: int = STEPS) -> tuple[Judge, float]:
    """Train the judge on one thread; return it with its share of right answers on the held-out pictures."""
    torch.manual_seed(0)
    dataset = data.load("images.digits", {}, 0)
    judge, cpu = Judge(), torch.device("cpu")
    augmentation = Augmentation(CHANGED, cpu)
    batches = Batches(torch.from_numpy(dataset.train_inputs), torch.from_numpy(dataset.train_targets), BATCH, 0)
    optimizer = torch.optim.AdamW(judge.parameters(), lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for _ in range(steps):
        inputs, targets = batches.next()
        wrong = no_digits(inputs, targets)
        shown = torch.cat([augmentation(inputs), wrong])
        wanted = torch.cat([targets, torch.full((len(wrong),), len(DIGITS))])
        optimizer.zero_grad()
        nn.functional.cross_entropy(judge.network(shown), wanted).backward()
        optimizer.step()
        schedule.step()
    with evaluating(judge):
        answers = judge.network(torch.from_numpy(dataset.test_inputs))[:, :-1].argmax(1)
    return judge, float((answers == torch.from_numpy(dataset.test_targets)).float().mean())


def no_digits(inputs: Tensor, targets: Tensor) -> Tensor:
    """Return about (3 · NONE, C, H, W) that are no digits: noise fine and coarse, two of different classes at once."""
    low, high = inputs.min(), inputs.max()
    shape = inputs.shape[1:]
    contrast = torch.rand(2, NONE, 1, 1, 1)
    fine = torch.rand(NONE, *shape)
    coarse = nn.functional.interpolate(torch.rand(NONE, shape[0], 7, 7), size=shape[1:], mode="bilinear")
    noise = low + (high - low) * torch.cat([fine * contrast[0], coarse * contrast[1]])
    share = 0.4 + 0.2 * torch.rand(NONE, 1, 1, 1)
    both = share * inputs[:NONE] + (1 - share) * inputs[NONE : 2 * NONE]
    return torch.cat([noise, both[targets[:NONE] != targets[NONE : 2 * NONE]]])


def main() -> None:
    """Train the judge and write it where it is read from."""
    torch.set_num_threads(1)
    judge, right = train()
    path = paths.assets() / "judges" / "digits.safetensors"
    path.parent.mkdir(exist_ok=True)
    save_file({key: value.contiguous() for key, value in judge.state_dict().items()}, path)
    sys.stdout.write(f"{100 * right:.1f} % of the held-out pictures; {path}\n")


if __name__ == "__main__":
    main()
