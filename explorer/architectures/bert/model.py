"""BERT (Devlin et al. 2018), bottom-up: three embeddings, the Transformer's encoder, and the heads it is trained with.

Axes: B batch, T tokens, D features, V words of the vocabulary.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from explorer.architectures.transformer.model import Encoder, EncoderLayer, drop, hiding
from explorer.spec import Settings, float_of, int_of

SEGMENTS = 2  # sentence A and sentence B


class Embeddings(nn.Module):
    """Which word it is, which of the two sentences it is in, and where: three learned rows, added (figure 2)."""

    def __init__(self, vocab_size: int, embed_dim: int, context: int, dropout: float) -> None:
        super().__init__()
        self.token = nn.Embedding(vocab_size, embed_dim)
        self.segment = nn.Embedding(SEGMENTS, embed_dim)
        self.position = nn.Embedding(context, embed_dim)
        self.norm = nn.LayerNorm(embed_dim)
        self.dropout = nn.Dropout(dropout)

    def forward(self, tokens: Tensor, segments: Tensor) -> Tensor:  # B T, B T
        places = torch.arange(tokens.shape[1], device=tokens.device)[None]  # 1 T
        x = self.token(tokens) + self.segment(segments) + self.position(places)  # B T D
        return drop(self.dropout, self.norm(x))


class Pooler(nn.Module):
    """What stands at the first place, [CLS], once more through a layer: the sentence pair as one vector."""

    def __init__(self, embed_dim: int) -> None:
        super().__init__()
        self.linear = nn.Linear(embed_dim, embed_dim)
        self.activation = nn.Tanh()

    def forward(self, x: Tensor) -> Tensor:  # B T D
        return self.activation(self.linear(x[:, 0]))  # B D


class MaskedLanguageModel(nn.Module):
    """Which word stood at each place: a transform, then the embedding's own matrix and a bias for each word."""

    def __init__(self, vocab_size: int, embed_dim: int) -> None:
        super().__init__()
        self.transform = nn.Linear(embed_dim, embed_dim)
        self.activation = nn.GELU()
        self.norm = nn.LayerNorm(embed_dim)
        self.decoder = nn.Linear(embed_dim, vocab_size)

    def forward(self, x: Tensor) -> Tensor:  # B T D
        return self.decoder(self.norm(self.activation(self.transform(x))))  # B T V


class BERT(nn.Module):
    """The encoder and the pooler: returns a vector for each token, B T D, and one for the whole, B D.

    `padding` is true where no token stands (B T).
    """

    def __init__(
        self, vocab_size: int, embed_dim: int, num_heads: int, num_layers: int, inner_dim: int, context: int,
        dropout: float = 0.1,
    ) -> None:  # fmt: skip
        super().__init__()
        sizes = (embed_dim, num_heads, inner_dim, dropout)
        self.embeddings = Embeddings(vocab_size, embed_dim, context, dropout)
        self.encoder = Encoder([EncoderLayer(*sizes, nn.GELU(), dropout) for _ in range(num_layers)])
        self.pooler = Pooler(embed_dim)
        self.apply(initialise)

    def forward(self, tokens: Tensor, segments: Tensor, padding: Tensor | None = None) -> tuple[Tensor, Tensor]:
        mask = None if padding is None else hiding(padding[:, None, None])  # B 1 1 T
        x = self.encoder(self.embeddings(tokens, segments), mask)  # B T D
        return x, self.pooler(x)


class BERTForPretraining(BERT):
    """BERT with the two heads of sec. 3.1: returns logits for the masked words, B T V, and for "is next", B 2."""

    def __init__(
        self, vocab_size: int, embed_dim: int, num_heads: int, num_layers: int, inner_dim: int, context: int,
        dropout: float = 0.1,
    ) -> None:  # fmt: skip
        super().__init__(vocab_size, embed_dim, num_heads, num_layers, inner_dim, context, dropout)
        self.masked_words = MaskedLanguageModel(vocab_size, embed_dim)
        self.next_sentence = nn.Linear(embed_dim, 2)
        self.masked_words.decoder.weight = self.embeddings.token.weight
        self.apply(initialise)

    def forward(self, tokens: Tensor, segments: Tensor, padding: Tensor | None = None) -> tuple[Tensor, Tensor]:
        x, pooled = super().forward(tokens, segments, padding)  # B T D, B D
        return self.masked_words(x), self.next_sentence(pooled)


def initialise(module: nn.Module) -> None:
    """N(0, 0.02), cut off at two deviations, as in the released code; biases start at zero."""
    if isinstance(module, nn.Linear | nn.Embedding):
        nn.init.trunc_normal_(module.weight, std=0.02, a=-0.04, b=0.04)
    if isinstance(module, nn.Linear):
        nn.init.zeros_(module.bias)


def build(settings: Settings) -> nn.Module:
    """Build BERT of the settings' sizes, with or without its pre-training heads."""
    embed_dim = int_of(settings, "embed_dim")
    vocab_size, num_heads, num_layers, context = (
        int_of(settings, name) for name in ("vocab_size", "num_heads", "num_layers", "context")
    )
    inner_dim = embed_dim * int_of(settings, "feed_forward_ratio")
    sizes = (vocab_size, embed_dim, num_heads, num_layers, inner_dim, context, float_of(settings, "dropout"))
    return BERTForPretraining(*sizes) if settings["pretraining"] else BERT(*sizes)


def example(settings: Settings) -> tuple[Tensor, ...]:
    """Return tokens that fill the context, and the sentence each belongs to."""
    tokens = torch.zeros(1, int_of(settings, "context"), dtype=torch.long)
    return tokens, tokens.clone()
