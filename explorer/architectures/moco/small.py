"""The small networks that learn by contrast: an encoder of a few strided convolutions, a head, a queue to turn live."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from explorer.architectures.moco.model import Encoder, MoCo, Queue, head
from explorer.spec import Settings, SpecError, int_of, widths_of

MOST_KEYS = 4096  # that the queue keeps; of these the youngest are used
VERSIONS = {"linear": "v1", "two layers": "v2"}  # MoCo's heads: one layer in v1, two with a rectifier in v2


class Stage(nn.Module):
    """A convolution that looks at every second place, brought to spread 1 and rectified."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, 3, stride=2, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(out_channels)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        return self.relu(self.norm(self.conv(x)))  # B out H/2 W/2


class SmallTrunk(nn.Module):
    """A picture → h, the numbers that are kept when training is over."""

    def __init__(self, in_channels: int, side: int, channels: tuple[int, ...], features: int) -> None:
        super().__init__()
        self.features = features
        stages: list[tuple[str, nn.Module]] = []
        for number, out_channels in enumerate(channels, 1):
            stages.append((f"stage{number}", Stage(in_channels, out_channels)))
            in_channels, side = out_channels, -(-side // 2)
        self.stages = nn.Sequential(OrderedDict(stages))
        self.linear = nn.Linear(in_channels * side * side, features, bias=False)
        self.norm = nn.BatchNorm1d(features)

    def forward(self, image: Tensor) -> Tensor:  # B C H W
        x = self.stages(image)  # B channels h w
        x = torch.flatten(x, 1)  # B channels·h·w
        return self.norm(self.linear(x))  # B features


class SmallQueue(Queue):
    """A queue of which the youngest keys alone are met, as many as stand in `used`."""

    def __init__(self, used: int, dim: int) -> None:
        super().__init__(MOST_KEYS, dim)
        self.used = used

    def forward(self) -> Tensor:
        return self.keys[None, -self.used :]  # 1 K D


def small_trunk(settings: Settings, input_shape: tuple[int, ...]) -> SmallTrunk:
    """Build the encoder for pictures (C, H, W) with `channels` and `features`; raises SpecError for other inputs."""
    if len(input_shape) != 3:
        raise SpecError(f"the encoder looks at pictures (channels, height, width); these inputs are {input_shape}")
    return SmallTrunk(input_shape[0], input_shape[1], widths_of(settings, "channels"), int_of(settings, "features"))


def small_head(settings: Settings, features: int) -> nn.Module:
    """Build the head that the settings name: "none", "linear" or "two layers"."""
    form = str(settings["head"])
    return nn.Identity() if form == "none" else head(VERSIONS[form], features, int_of(settings, "dim"))


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> MoCo:
    """Build both encoders and the queue; how many keys are used and the temperature are set while it trains."""
    encoder, copied = _encoder(settings, input_shape), _encoder(settings, input_shape)
    copied.load_state_dict(encoder.state_dict())
    dim = int_of(settings, "features" if settings["head"] == "none" else "dim")
    return MoCo(encoder, copied, SmallQueue(MOST_KEYS, dim), temperature=1.0)


def _encoder(settings: Settings, input_shape: tuple[int, ...]) -> Encoder:
    trunk = small_trunk(settings, input_shape)
    return Encoder(trunk, small_head(settings, trunk.features))
