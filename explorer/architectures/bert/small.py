"""The BERT that trains live: the paper's in small, with what a short training needs otherwise.

Norms stand before the sublayers, places start as sines, and the word head has no layer of its own. As the paper builds
it, a network of this size had learnt no more than how common each word is after half a minute; measured here.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from explorer.architectures.bert.model import Embeddings, Pooler
from explorer.architectures.gpt.model import Block
from explorer.architectures.transformer.model import causal_mask, sinusoids
from explorer.spec import Settings, float_of, int_of


class Encoder(nn.Module):
    """GPT's blocks without GPT's mask. `left_only` puts the mask back, for comparison."""

    def __init__(self, embed_dim: int, num_heads: int, num_layers: int, inner_dim: int, left_only: bool) -> None:
        super().__init__()
        self.left_only = left_only
        self.blocks = nn.ModuleList(Block(embed_dim, num_heads, inner_dim, 0.0, pre=True) for _ in range(num_layers))
        self.norm = nn.LayerNorm(embed_dim)

    def forward(self, x: Tensor) -> Tensor:  # B T D
        mask = causal_mask(x.shape[1], x) if self.left_only else None
        for block in self.blocks:
            x = block(x, mask)
        return self.norm(x)


class WordHead(nn.Module):
    """A comparison with every word's own embedding, and a bias for each word."""

    def __init__(self, vocab_size: int, embed_dim: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(embed_dim)
        self.decoder = nn.Linear(embed_dim, vocab_size)

    def forward(self, x: Tensor) -> Tensor:  # … D
        return self.decoder(self.norm(x))  # … V


class SmallBERT(nn.Module):
    """Returns logits for the hidden words, B T V, and for the answer about the pair, B 2."""

    def __init__(
        self, vocab_size: int, embed_dim: int, num_heads: int, num_layers: int, inner_dim: int, context: int,
        left_only: bool = False,
    ) -> None:  # fmt: skip
        super().__init__()
        self.embeddings = Embeddings(vocab_size, embed_dim, context, 0.0)
        self.encoder = Encoder(embed_dim, num_heads, num_layers, inner_dim, left_only)
        self.pooler = Pooler(embed_dim)
        self.masked_words = WordHead(vocab_size, embed_dim)
        self.next_sentence = nn.Linear(embed_dim, 2)
        self.masked_words.decoder.weight = self.embeddings.token.weight

    def forward(self, tokens: Tensor, segments: Tensor) -> tuple[Tensor, Tensor]:
        x, pooled = self.read(tokens, segments)
        return self.masked_words(x), self.next_sentence(pooled)

    def read(self, tokens: Tensor, segments: Tensor) -> tuple[Tensor, Tensor]:
        """Return a vector for each token and one for the pair, B T D and B D: where only some words are asked for."""
        x = self.encoder(self.embeddings(tokens, segments))
        return x, self.pooler(x)


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> SmallBERT:
    """Build the network for rows of `input_shape[0]` tokens of a vocabulary of `outputs`."""
    embed_dim = int_of(settings, "embed_dim")
    bert = SmallBERT(
        vocab_size=outputs,
        embed_dim=embed_dim,
        num_heads=int_of(settings, "num_heads"),
        num_layers=int_of(settings, "num_layers"),
        inner_dim=embed_dim * int_of(settings, "feed_forward_ratio"),
        context=input_shape[0],
        left_only=settings["sees"] == "left",
    )
    begin(bert, float_of(settings, "spread"), sines=settings["positions"] == "sines")
    return bert


@torch.no_grad()
def begin(bert: SmallBERT, spread: float, sines: bool) -> None:
    """Start the layers at N(0, 0.02) as the paper does, and the learned places as sines as large as the words.

    Waves longer than a row look alike at all its places, so the longest is about as long as a row. The word head's
    norm begins small enough that every word begins about equally likely.
    """
    for module in bert.modules():
        if isinstance(module, nn.Linear):
            if module is not bert.masked_words.decoder:
                nn.init.normal_(module.weight, std=0.02)
            nn.init.zeros_(module.bias)
    for table in (bert.embeddings.token, bert.embeddings.segment):
        nn.init.normal_(table.weight, std=spread)
    places = bert.embeddings.position.weight
    nn.init.constant_(bert.masked_words.norm.weight, 0.5 / (spread * math.sqrt(places.shape[1])))
    if not sines:
        nn.init.normal_(places, std=0.02)
        return
    places.copy_(sinusoids(*places.shape, longest=len(places)) * (spread * math.sqrt(2)))
