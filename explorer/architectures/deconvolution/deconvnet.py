"""DeconvNet (Noh, Hong & Han 2015): VGG-16 down to a single cell, and its mirror image back up to the pixels."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn

from explorer.architectures.deconvolution.unpooling import Unpooling

Size = tuple[int, int]
# Table 2: channels into and out of each convolution
ENCODER = ((3, 64, 64), (64, 128, 128), (128, 256, 256, 256), (256, 512, 512, 512), (512, 512, 512, 512))
DECODER = ((512, 512, 512, 512), (512, 512, 512, 256), (256, 256, 256, 128), (128, 128, 64), (64, 64, 64))


class ConvNormRelu(nn.Module):
    """A convolution or its transpose, batch normalisation, ReLU: every layer but the last is made so (sec. 4.1)."""

    def __init__(self, conv: nn.Conv2d | nn.ConvTranspose2d, batch_norm: bool) -> None:
        super().__init__()
        self.conv = conv
        self.norm = nn.BatchNorm2d(conv.out_channels) if batch_norm else nn.Identity()
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:  # B in H W
        return self.relu(self.norm(self.conv(x)))  # B out H W, for fc6 and its transpose 6 less or more


class Down(nn.Module):
    """Convolutions 3 × 3, then 2 × 2 pooling that hands on where each maximum stood."""

    def __init__(self, channels: tuple[int, ...], batch_norm: bool) -> None:
        super().__init__()
        convs = (nn.Conv2d(before, after, 3, padding=1) for before, after in pairwise(channels))
        self.convs = nn.ModuleList(ConvNormRelu(conv, batch_norm) for conv in convs)
        self.pool = nn.MaxPool2d(2, return_indices=True)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:  # B in H W
        for conv in self.convs:
            x = conv(x)  # B out H W
        pooled, switches = self.pool(x)
        return pooled, switches  # B out H/2 W/2


class Up(nn.Module):
    """Unpooling with the switches from the way down, then transposed convolutions that fill the gaps."""

    def __init__(self, channels: tuple[int, ...], batch_norm: bool) -> None:
        super().__init__()
        self.unpool = Unpooling()
        deconvs = (nn.ConvTranspose2d(before, after, 3, padding=1) for before, after in pairwise(channels))
        self.deconvs = nn.ModuleList(ConvNormRelu(deconv, batch_norm) for deconv in deconvs)

    def forward(self, x: Tensor, switches: Tensor) -> Tensor:  # B in h w
        x = self.unpool(x, switches, (2 * x.shape[-2], 2 * x.shape[-1]))  # B in 2h 2w
        for deconv in self.deconvs:
            x = deconv(x)  # B out 2h 2w
        return x


class DeconvNet(nn.Module):
    """Figure 2: five stages down, two layers that see everything, one that opens again, five stages up."""

    def __init__(self, batch_norm: bool = True, num_classes: int = 21) -> None:
        super().__init__()
        for number, channels in enumerate(ENCODER, 1):
            self.add_module(f"conv{number}", Down(channels, batch_norm))
        self.fc6 = ConvNormRelu(nn.Conv2d(512, 4096, 7), batch_norm)
        self.fc7 = ConvNormRelu(nn.Conv2d(4096, 4096, 1), batch_norm)
        self.deconv_fc6 = ConvNormRelu(nn.ConvTranspose2d(4096, 512, 7), batch_norm)
        for number, channels in zip(range(5, 0, -1), DECODER, strict=True):
            self.add_module(f"deconv{number}", Up(channels, batch_norm))
        self.score = nn.Conv2d(64, num_classes, 1)

    def forward(self, image: Tensor) -> Tensor:  # B 3 224 224
        x, switches = image, []
        for number in range(1, 6):
            x, where = self.get_submodule(f"conv{number}")(x)  # sides 112, 56, 28, 14, 7
            switches.append(where)
        x = self.deconv_fc6(self.fc7(self.fc6(x)))  # B 4096 1 1, then B 512 7 7
        for number in range(5, 0, -1):
            x = self.get_submodule(f"deconv{number}")(x, switches[number - 1])  # sides 14, 28, 56, 112, 224
        return self.score(x)  # B 21 224 224
