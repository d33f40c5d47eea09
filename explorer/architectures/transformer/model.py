"""The Transformer (Vaswani et al. 2017), bottom-up: attention, layers, encoder, decoder; one matrix of words for all.

Axes: B batch, S places of the source, T places of the target, D features, H heads, E = D / H features of a head.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from explorer.spec import Settings, SpecError, float_of, int_of


class AttentionScores(nn.Module):
    """How well each query fits each key: q · k / √d_k, so that long vectors do not saturate the softmax (eq. 1)."""

    def forward(self, query: Tensor, key: Tensor) -> Tensor:  # B H T E, B H S E
        return query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])  # B H T S


class AttentionMask(nn.Module):
    """Adds −∞ where a place must not look, so that the softmax gives it a weight of exactly 0 (sec. 3.2.3)."""

    def forward(self, scores: Tensor, mask: Tensor) -> Tensor:
        return scores + mask  # B H T S


class AttentionMix(nn.Module):
    """The mean of the values, weighed by attention; then the heads side by side again."""

    def forward(self, weights: Tensor, value: Tensor) -> Tensor:  # B H T S, B H S E
        return (weights @ value).transpose(1, 2).flatten(2)  # B T D


class Attention(nn.Module):
    """Multi-head attention (sec. 3.2.2): every place of `x` asks, every place of `memory` answers.

    `mask` is 0 where a place may look and −∞ where not; its shape broadcasts to B H T S.
    """

    def __init__(self, embed_dim: int, num_heads: int, dropout: float = 0.0) -> None:
        super().__init__()
        check_heads(embed_dim, num_heads)
        self.num_heads = num_heads
        self.query = nn.Linear(embed_dim, embed_dim)  # all heads at once
        self.key = nn.Linear(embed_dim, embed_dim)
        self.value = nn.Linear(embed_dim, embed_dim)
        self.scores = AttentionScores()
        self.mask = AttentionMask()
        self.softmax = nn.Softmax(dim=-1)
        self.dropout = nn.Dropout(dropout)
        self.mix = AttentionMix()
        self.output_projection = nn.Linear(embed_dim, embed_dim)

    def forward(self, x: Tensor, memory: Tensor, mask: Tensor | None = None) -> Tensor:  # B T D, B S D
        query = self.heads(self.query(x))  # B H T E
        key, value = self.heads(self.key(memory)), self.heads(self.value(memory))  # B H S E
        scores = self.scores(query, key)  # B H T S
        if mask is not None:
            scores = self.mask(scores, mask)
        weights = drop(self.dropout, self.softmax(scores))  # each row adds up to 1
        return self.output_projection(self.mix(weights, value))  # B T D

    def heads(self, x: Tensor) -> Tensor:  # B T D
        return x.view(*x.shape[:2], self.num_heads, -1).transpose(1, 2)  # B H T E


class FeedForward(nn.Module):
    """Two linear layers with a bend between, the same for every place (eq. 2)."""

    def __init__(self, embed_dim: int, inner_dim: int, activation: nn.Module) -> None:
        super().__init__()
        self.linear1 = nn.Linear(embed_dim, inner_dim)
        self.activation = activation
        self.linear2 = nn.Linear(inner_dim, embed_dim)

    def forward(self, x: Tensor) -> Tensor:  # B T D
        return self.linear2(self.activation(self.linear1(x)))  # B T inner, then B T D


class EncoderLayer(nn.Module):
    """Self-attention and feed-forward, each LayerNorm(x + sublayer(x)): normalised *after* the sum (sec. 3.1)."""

    def __init__(
        self, embed_dim: int, num_heads: int, inner_dim: int, dropout: float, activation: nn.Module,
        attention_dropout: float = 0.0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.self_attention = Attention(embed_dim, num_heads, attention_dropout)
        self.norm1 = nn.LayerNorm(embed_dim)
        self.feed_forward = FeedForward(embed_dim, inner_dim, activation)
        self.norm2 = nn.LayerNorm(embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:  # B S D
        x = self.norm1(x + drop(self.dropout, self.self_attention(x, x, mask)))
        return self.norm2(x + drop(self.dropout, self.feed_forward(x)))


class DecoderLayer(nn.Module):
    """As the encoder's, with attention to the encoder's output between the two: three sublayers."""

    def __init__(self, embed_dim: int, num_heads: int, inner_dim: int, dropout: float) -> None:
        super().__init__()
        self.self_attention = Attention(embed_dim, num_heads)
        self.norm1 = nn.LayerNorm(embed_dim)
        self.cross_attention = Attention(embed_dim, num_heads)
        self.norm2 = nn.LayerNorm(embed_dim)
        self.feed_forward = FeedForward(embed_dim, inner_dim, nn.ReLU())
        self.norm3 = nn.LayerNorm(embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, memory: Tensor, causal: Tensor | None, padding: Tensor | None = None) -> Tensor:
        x = self.norm1(x + drop(self.dropout, self.self_attention(x, x, causal)))  # B T D
        x = self.norm2(x + drop(self.dropout, self.cross_attention(x, memory, padding)))
        return self.norm3(x + drop(self.dropout, self.feed_forward(x)))


class Encoder(nn.Module):
    """A stack of encoder layers; no norm after the last."""

    def __init__(self, layers: list[EncoderLayer]) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:  # B S D
        for layer in self.layers:
            x = layer(x, mask)
        return x


class Decoder(nn.Module):
    """A stack of decoder layers, every one of which reads the *last* encoder layer's output.

    `causal` is false for a network that may look ahead: not the paper's, but good for seeing what the mask is for.
    """

    def __init__(self, layers: list[DecoderLayer], causal: bool = True) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.causal = causal

    def forward(self, x: Tensor, memory: Tensor, padding: Tensor | None = None) -> Tensor:  # B T D, B S D
        causal = causal_mask(x.shape[1], x) if self.causal else None
        for layer in self.layers:
            x = layer(x, memory, causal, padding)
        return x


class PositionalEncoding(nn.Module):
    """Adds what stands for the place: sines and cosines, no parameters (sec. 3.5), or a learned row (Table 3 E)."""

    def __init__(self, embed_dim: int, context: int, learned: bool) -> None:
        super().__init__()
        self.table: Tensor  # context D
        if learned:
            self.table = nn.Parameter(torch.empty(context, embed_dim))
            nn.init.normal_(self.table, std=math.sqrt(0.5))  # as large as the sines
        else:
            self.register_buffer("table", sinusoids(context, embed_dim), persistent=False)

    def forward(self, x: Tensor) -> Tensor:  # B T D
        return x + self.table[: x.shape[1]]


class Embedding(nn.Module):
    """A word's row of the matrix, times √d_model (sec. 3.4), and its place."""

    def __init__(self, vocab_size: int, embed_dim: int, context: int, dropout: float, positions: str) -> None:
        super().__init__()
        self.token = nn.Embedding(vocab_size, embed_dim)
        self.position = PositionalEncoding(embed_dim, context, positions == "learned") if positions != "none" else None
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor) -> Tensor:  # B T
        x = self.token(tokens) * math.sqrt(self.token.embedding_dim)  # B T D
        if self.position is not None:
            x = self.position(x)
        return drop(self.dropout, x)


class Transformer(nn.Module):
    """Figure 1: reads `source`, and predicts at each place of `target` the word after it: logits, B T vocabulary.

    `source_padding` is true where the source holds no word (B S).
    """

    def __init__(
        self, vocab_size: int, embed_dim: int, num_heads: int, num_layers: int, inner_dim: int, context: int,
        dropout: float = 0.1, positions: str = "sinusoids", causal: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        sizes = (embed_dim, num_heads, inner_dim, dropout)
        self.source_embedding = Embedding(vocab_size, embed_dim, context, dropout, positions)
        self.encoder = Encoder([EncoderLayer(*sizes, nn.ReLU()) for _ in range(num_layers)])
        self.target_embedding = Embedding(vocab_size, embed_dim, context, dropout, positions)
        self.decoder = Decoder([DecoderLayer(*sizes) for _ in range(num_layers)], causal)
        self.head = nn.Linear(embed_dim, vocab_size, bias=False)
        # sec. 3.4: one matrix for both embeddings and the linear map before the softmax
        self.target_embedding.token.weight = self.head.weight = self.source_embedding.token.weight
        self.apply(initialise)

    def forward(self, source: Tensor, target: Tensor, source_padding: Tensor | None = None) -> Tensor:  # B S, B T
        padding = None if source_padding is None else hiding(source_padding[:, None, None])  # B 1 1 S
        memory = self.encoder(self.source_embedding(source), padding)  # B S D
        x = self.decoder(self.target_embedding(target), memory, padding)  # B T D
        return self.head(x)  # B T V


def drop(dropout: nn.Dropout, x: Tensor) -> Tensor:
    """Apply dropout while training; at rest it is no operation at all, and so it is not drawn."""
    return dropout(x) if dropout.training else x


def hiding(hidden: Tensor) -> Tensor:
    """Return −∞ where `hidden` is true and 0 elsewhere: a mask to be added to scores."""
    return torch.zeros_like(hidden, dtype=torch.float32).masked_fill(hidden, -math.inf)


def causal_mask(length: int, like: Tensor) -> Tensor:
    """Return a mask of T × T that lets each place look at itself and what came before."""
    return torch.full((length, length), -math.inf, dtype=like.dtype, device=like.device).triu(1)


def sinusoids(length: int, embed_dim: int, longest: float = 10_000) -> Tensor:
    """Return sines at even and cosines at odd features, of pos / longest^(2i / D): length × D (sec. 3.5)."""
    rates = torch.exp(torch.arange(0, embed_dim, 2) * (-math.log(longest) / embed_dim))  # D/2
    angles = torch.arange(length)[:, None] * rates  # length D/2
    return torch.stack((angles.sin(), angles.cos()), dim=-1).flatten(1)[:, :embed_dim]  # length D


def check_heads(embed_dim: int, num_heads: int) -> None:
    """Raise SpecError unless the width splits evenly over the heads."""
    if embed_dim % num_heads:
        heads = min((h for h in range(1, embed_dim + 1) if embed_dim % h == 0), key=lambda h: abs(h - num_heads))
        width = max(1, round(embed_dim / num_heads)) * num_heads
        raise SpecError(
            f"a width of {embed_dim} does not split over {num_heads} heads: "
            f"{embed_dim} mod {num_heads} = {embed_dim % num_heads}. Try {heads} heads, or a width of {width}."
        )


def initialise(module: nn.Module) -> None:
    """Xavier for the layers; words so small that √d_model brings them to unit size. The paper names no scheme."""
    if isinstance(module, nn.Linear):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)
    if isinstance(module, nn.Embedding):
        nn.init.normal_(module.weight, std=module.embedding_dim**-0.5)


def build(settings: Settings) -> nn.Module:
    """Build the Transformer of the settings' sizes."""
    return Transformer(
        vocab_size=int_of(settings, "vocab_size"),
        embed_dim=int_of(settings, "embed_dim"),
        num_heads=int_of(settings, "num_heads"),
        num_layers=int_of(settings, "num_layers"),
        inner_dim=int_of(settings, "feed_forward"),
        context=int_of(settings, "context"),
        dropout=float_of(settings, "dropout"),
        positions=str(settings["positions"]),
    )


def example(settings: Settings) -> tuple[Tensor, ...]:
    """Return a source and a target of the full length: one sentence pair."""
    tokens = torch.zeros(1, int_of(settings, "context"), dtype=torch.long)
    return tokens, tokens.clone()
