"""What the experiments measure on a trained CapsNet, or on its rival, beyond loss and accuracy."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from explorer.architectures.capsnet.model import ConvolutionalRival, SmallCapsNet
from explorer.architectures.cnn.probes import DIRECTIONS, moved
from explorer.lenses.capsule_turned import line_share, turned
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

ANGLES = tuple(range(-30, 31, 10))  # degrees
MAIN = 16  # directions that are kept of vectors longer than a capsule
RIDGE = 1.0


def robustness(trainer: Trainer) -> dict[str, float]:
    """Return the accuracy on held-out digits moved by 2 and 4 pixels or turned by 15 and 30 degrees; and the size."""
    assert isinstance(trainer, SupervisedTrainer)
    inputs, targets = trainer.test
    figures = {"parameters": float(sum(each.numel() for each in trainer.model.parameters()))}

    def accuracy(*versions: Tensor) -> float:
        right = [trainer.model(each).argmax(1) == targets for each in versions]
        return float(torch.stack(right).float().mean())

    with evaluating(trainer.model):
        for distance in (2, 4):
            steps = [(distance * down, distance * right) for down, right in DIRECTIONS]
            figures[f"accuracy_shift_{distance}"] = accuracy(*(moved(inputs, *step) for step in steps))
        for angle in (15, 30):
            figures[f"accuracy_turn_{angle}"] = accuracy(*(_all_turned(inputs, angle * sign) for sign in (-1, 1)))
    return figures


def pose(trainer: Trainer) -> dict[str, float]:
    """Follow the vectors of held-out digits while these turn from −30 to 30 degrees.

    "angle_r2": how well the angle can be read from the vector, by a linear rule for each class that was fitted on other
    digits (1 is perfectly); "line_share": which share of a digit's movement lies along one straight line. The same of
    the pixels, "pixels_…". Vectors with more than 16 numbers count by their 16 main directions within the class.
    """
    assert isinstance(trainer, SupervisedTrainer)
    inputs, targets = trainer.test
    paths, pixels = [], []
    with evaluating(trainer.model):
        for angle in ANGLES:
            pictures = _all_turned(inputs, angle)
            paths.append(_vectors(trainer.model, pictures, targets))
            pixels.append(pictures.flatten(1))
    own = _read(torch.stack(paths, 1), targets)
    plain = _read(torch.stack(pixels, 1), targets)
    names = ("angle_r2", "line_share")
    return dict(zip(names, own, strict=True)) | {f"pixels_{n}": v for n, v in zip(names, plain, strict=True)}


def couplings(trainer: Trainer) -> dict[str, float]:
    """Return how much of their say those below give to the longest capsule in the last turn; 1 is an even share."""
    assert isinstance(trainer, SupervisedTrainer)
    network = trainer.model
    assert isinstance(network, SmallCapsNet)
    with evaluating(network):
        u = network.primary(trainer.test[0])
        c, v = network.digit_caps.turns(u, network.digit_caps.iterations)[-1]  # N J I and N J D
        longest = v.norm(dim=2).argmax(1)
        to_longest = c[torch.arange(len(c), device=c.device), longest] * c.shape[1]  # N I
    return {"say": float(to_longest.mean())}


def _all_turned(pictures: Tensor, angle: float) -> Tensor:
    return turned(pictures, torch.full((len(pictures),), float(angle), device=pictures.device))


def _vectors(network: nn.Module, pictures: Tensor, targets: Tensor) -> Tensor:
    """Return the true class's capsule of each picture, or all hidden features of a network without capsules."""
    if isinstance(network, SmallCapsNet):
        return network.capsules(pictures)[torch.arange(len(targets), device=targets.device), targets]
    assert isinstance(network, ConvolutionalRival)
    return network.features(pictures)


def _read(paths: Tensor, targets: Tensor) -> tuple[float, float]:
    """Return R² of the angle and the share along a line, means over the classes; paths (N, angles, D)."""
    found = [(_angle_r2(fitted, tested), line_share(tested)) for fitted, tested in _halves(paths, targets)]
    scores, shares = zip(*found, strict=True)
    return sum(scores) / len(scores), sum(shares) / len(shares)


def _halves(paths: Tensor, targets: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
    """Give for each class every second digit to fit on and the others to test on, brought to `MAIN` directions."""
    for kind in targets.unique():
        own = paths[targets == kind].double()
        fitted, tested = own[::2], own[1::2]
        if own.shape[2] > MAIN:
            middle = fitted.mean((0, 1))
            _, _, directions = torch.linalg.svd((fitted - middle).flatten(0, 1), full_matrices=False)
            fitted, tested = ((half - middle) @ directions[:MAIN].T for half in (fitted, tested))
        yield fitted, tested


def _angle_r2(fitted: Tensor, tested: Tensor) -> float:
    """Fit angle = w · vector + b by ridge regression on one half; return R² on the other."""
    angles = torch.tensor(ANGLES, dtype=fitted.dtype, device=fitted.device) / max(ANGLES)
    x, y = fitted.flatten(0, 1), angles.repeat(len(fitted))
    middle, spread = x.mean(0), x.std(0).clamp_min(1e-9)
    x = (x - middle) / spread
    w = torch.linalg.solve(x.T @ x + RIDGE * torch.eye(x.shape[1], dtype=x.dtype, device=x.device), x.T @ y)
    guess = ((tested.flatten(0, 1) - middle) / spread) @ w  # the angles' mean is 0, so is b
    truth = angles.repeat(len(tested))
    return float(1 - (guess - truth).square().mean() / truth.square().mean())
