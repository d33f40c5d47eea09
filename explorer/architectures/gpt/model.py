"""GPT, GPT-2 and GPT-3 (Radford et al. 2018, 2019; Brown et al. 2020), bottom-up: one block, stacked.

Axes: B batch, T tokens, D features, V words of the vocabulary.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from explorer.architectures.transformer.model import Attention, FeedForward, causal_mask, drop, sinusoids
from explorer.spec import Settings, float_of, int_of


class Block(nn.Module):
    """Masked self-attention and a feed-forward net, each added to the stream that passes by.

    `pre`: each reads a normalised copy of the stream (GPT-2, GPT-3); otherwise the sum is normalised (GPT-1).
    """

    def __init__(self, embed_dim: int, num_heads: int, inner_dim: int, dropout: float, pre: bool) -> None:
        super().__init__()
        self.pre = pre
        self.norm1 = nn.LayerNorm(embed_dim)
        self.attention = Attention(embed_dim, num_heads, dropout)
        self.norm2 = nn.LayerNorm(embed_dim)
        self.feed_forward = FeedForward(embed_dim, inner_dim, nn.GELU(approximate="tanh"))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor | None) -> Tensor:  # B T D
        if self.pre:
            normed = self.norm1(x)
            x = x + drop(self.dropout, self.attention(normed, normed, mask))
            return x + drop(self.dropout, self.feed_forward(self.norm2(x)))
        x = self.norm1(x + drop(self.dropout, self.attention(x, x, mask)))
        return self.norm2(x + drop(self.dropout, self.feed_forward(x)))


class GPT(nn.Module):
    """Predicts at each place the token after it, from that token and those before: logits, B T V."""

    def __init__(
        self, vocab_size: int, embed_dim: int, num_heads: int, num_layers: int, inner_dim: int, context: int,
        dropout: float = 0.1, pre: bool = True,
    ) -> None:  # fmt: skip
        super().__init__()
        self.token_embedding = nn.Embedding(vocab_size, embed_dim)
        self.position_embedding = nn.Embedding(context, embed_dim)  # learned, unlike the Transformer's
        self.dropout = nn.Dropout(dropout)
        sizes = (embed_dim, num_heads, inner_dim, dropout, pre)
        self.blocks = nn.ModuleList(Block(*sizes) for _ in range(num_layers))
        self.norm = nn.LayerNorm(embed_dim) if pre else None  # GPT-1 has normalised already
        self.head = nn.Linear(embed_dim, vocab_size, bias=False)
        self.head.weight = self.token_embedding.weight
        self.initialise()

    def forward(self, tokens: Tensor) -> Tensor:  # B T
        places = torch.arange(tokens.shape[1], device=tokens.device)[None]  # 1 T
        x = drop(self.dropout, self.token_embedding(tokens) + self.position_embedding(places))  # B T D
        mask = causal_mask(tokens.shape[1], x)  # T T
        for block in self.blocks:
            x = block(x, mask)
        if self.norm is not None:
            x = self.norm(x)
        return self.head(x)  # B T V

    def initialise(self) -> None:
        """N(0, 0.02); what is added to the stream 1/√(number of additions) of that (GPT-2, sec. 2.3)."""
        for name, module in self.named_modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                into_stream = name.endswith(("output_projection", "linear2")) and self.norm is not None
                share = math.sqrt(2 * len(self.blocks)) if into_stream else 1.0
                nn.init.normal_(module.weight, std=0.02 / share)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)


def build(settings: Settings) -> nn.Module:
    """Build the GPT of the settings' sizes."""
    embed_dim = int_of(settings, "embed_dim")
    return GPT(
        vocab_size=int_of(settings, "vocab_size"),
        embed_dim=embed_dim,
        num_heads=int_of(settings, "num_heads"),
        num_layers=int_of(settings, "num_layers"),
        inner_dim=embed_dim * int_of(settings, "feed_forward_ratio"),
        context=int_of(settings, "context"),
        dropout=float_of(settings, "dropout"),
        pre=settings["norm"] == "pre",
    )


def build_small(settings: Settings, input_shape: tuple[int, ...], outputs: int) -> GPT:
    """Build the network that trains live, for `input_shape[0]` tokens of a vocabulary of `outputs`."""
    embed_dim = int_of(settings, "embed_dim")
    gpt = GPT(
        vocab_size=outputs,
        embed_dim=embed_dim,
        num_heads=int_of(settings, "num_heads"),
        num_layers=int_of(settings, "num_layers"),
        inner_dim=embed_dim * int_of(settings, "feed_forward_ratio"),
        context=input_shape[0],
        dropout=0.0,  # a hyperparameter: written into the network by the trainer
        pre=settings["norm"] == "pre",
    )
    if settings["positions"] == "sines":
        begin_with_sines(gpt, float_of(settings, "spread"))
    return gpt


@torch.no_grad()
def begin_with_sines(gpt: GPT, spread: float) -> None:
    """Start the learned places as sines as large as the tokens: nearby places are alike before anything is learnt.

    A short training is far better off with it than with the papers' small random rows; measured here, in no paper.
    """
    tokens, places = gpt.token_embedding, gpt.position_embedding
    nn.init.normal_(tokens.weight, std=spread)
    places.weight.copy_(sinusoids(*places.weight.shape) * (spread * math.sqrt(2)))


def example(settings: Settings) -> tuple[Tensor, ...]:
    """Return one text that fills the context."""
    return (torch.zeros(1, int_of(settings, "context"), dtype=torch.long),)
