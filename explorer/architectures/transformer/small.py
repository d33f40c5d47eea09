"""The Transformer that trains live: the paper's own, or one that normalises before each sublayer, as later ones do."""

from __future__ import annotations

from torch import Tensor, nn

from explorer.architectures.transformer.model import (
    Decoder,
    DecoderLayer,
    Encoder,
    EncoderLayer,
    Transformer,
    drop,
    initialise,
)
from explorer.spec import Settings, int_of

LEAST_CONTEXT = 64  # places: room for sentences longer than those it learns from


class PreNormEncoderLayer(EncoderLayer):
    """x + sublayer(LayerNorm(x)): what is added to is never normalised, so gradients pass it unchanged (Xiong 2020)."""

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:  # B S D
        normed = self.norm1(x)
        x = x + drop(self.dropout, self.self_attention(normed, normed, mask))
        return x + drop(self.dropout, self.feed_forward(self.norm2(x)))


class PreNormDecoderLayer(DecoderLayer):
    """As the encoder's, with attention to the encoder's output between the two."""

    def forward(self, x: Tensor, memory: Tensor, causal: Tensor | None, padding: Tensor | None = None) -> Tensor:
        normed = self.norm1(x)  # B T D
        x = x + drop(self.dropout, self.self_attention(normed, normed, causal))
        x = x + drop(self.dropout, self.cross_attention(self.norm2(x), memory, padding))
        return x + drop(self.dropout, self.feed_forward(self.norm3(x)))


class PreNormEncoder(Encoder):
    """The layers, and one norm at the end, since nothing before it has normalised the sum."""

    def __init__(self, layers: list[EncoderLayer], embed_dim: int) -> None:
        super().__init__(layers)
        self.norm = nn.LayerNorm(embed_dim)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:  # B S D
        return self.norm(super().forward(x, mask))


class PreNormDecoder(Decoder):
    def __init__(self, layers: list[DecoderLayer], embed_dim: int, causal: bool) -> None:
        super().__init__(layers, causal)
        self.norm = nn.LayerNorm(embed_dim)

    def forward(self, x: Tensor, memory: Tensor, padding: Tensor | None = None) -> Tensor:  # B T D
        return self.norm(super().forward(x, memory, padding))


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> Transformer:
    """Build the network for rows of `input_shape[0]` tokens, `outputs` in the vocabulary; dropout is the trainer's."""
    embed_dim, num_layers = int_of(settings, "embed_dim"), int_of(settings, "num_layers")
    causal = settings["mask"] == "causal"
    model = Transformer(
        vocab_size=outputs,
        embed_dim=embed_dim,
        num_heads=int_of(settings, "num_heads"),
        num_layers=num_layers,
        inner_dim=int_of(settings, "feed_forward"),
        context=max(input_shape[0], LEAST_CONTEXT),
        dropout=0.0,
        positions=str(settings["positions"]),
        causal=causal,
    )
    if settings["norm"] == "before":
        sizes = (embed_dim, int_of(settings, "num_heads"), int_of(settings, "feed_forward"), 0.0)
        layers = [PreNormEncoderLayer(*sizes, nn.ReLU()) for _ in range(num_layers)]
        model.encoder = PreNormEncoder(list(layers), embed_dim)
        decoding = [PreNormDecoderLayer(*sizes) for _ in range(num_layers)]
        model.decoder = PreNormDecoder(list(decoding), embed_dim, causal)
        model.encoder.apply(initialise)
        model.decoder.apply(initialise)
    return model
