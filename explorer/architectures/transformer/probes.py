"""What the experiments measure on a trained Transformer beyond loss and accuracy: whole sentences, heads, time."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import Tensor, nn

from explorer.architectures.transformer.decoding import greedy
from explorer.architectures.transformer.model import EncoderLayer
from explorer.architectures.transformer.training import TransformerTrainer
from explorer.data import grammar
from explorer.data.tokens import PAD, rows
from explorer.spec import int_of
from explorer.training.attention import Head, attentions, switched_off
from explorer.training.supervised import evaluating
from explorer.training.trainer import Trainer

SENTENCES = 150  # held out, translated with heads missing: enough to see two in a hundred
PAIRS = 60
LENGTHS = (32, 128, 512)
TIMED_BATCH = 8
REPEATS = 5
KINDS = (  # of attention: name, how its module path begins and how it ends
    ("cross", "decoder", "cross_attention"), ("decoder", "decoder", "self_attention"), ("encoder", "encoder", ""),
)  # fmt: skip


def sentences(trainer: Trainer) -> dict[str, float]:
    """Return "exact", the share of held-out sentences translated rightly to the last word, and "same_swapped".

    The latter: of pairs such as "the cat sees the dog" and "the dog sees the cat", those that become the same French.
    """
    assert isinstance(trainer, TransformerTrainer)
    with evaluating(trainer.model):
        one, other = (greedy(trainer.model, each, 12) for each in _swapped(trainer))
        width = min(one.shape[1], other.shape[1])
        same = (one[:, :width] == other[:, :width]).all(1)
        return {"exact": _exact(trainer, len(trainer.test[0])), "same_swapped": float(same.float().mean())}


def without_heads(trainer: Trainer) -> dict[str, float]:
    """Return "exact" of the whole network, with each head off in turn ("worst_head", "spare_heads"), by kind of layer.

    "spare_heads" is the share of heads that can go, one at a time, for at most two sentences in a hundred;
    "no_cross", "no_decoder", "no_encoder": all heads of one such layer off, the layer that costs most.
    """
    assert isinstance(trainer, TransformerTrainer)
    count = int_of(trainer.spec.knobs, "num_heads")
    with evaluating(trainer.model):
        whole = _exact(trainer, SENTENCES)
        of_layers = {path: [(path, head) for head in range(count)] for path in attentions(trainer.model)}
        alone = {head: _exact(trainer, SENTENCES, [head]) for heads in of_layers.values() for head in heads}
        layers = {path: _exact(trainer, SENTENCES, heads) for path, heads in of_layers.items()}
    found = {
        f"no_{name}": min(share for path, share in layers.items() if path.startswith(begin) and path.endswith(end))
        for name, begin, end in KINDS
    }
    spare = [share >= whole - 0.02 for share in alone.values()]
    return {"exact": whole, "worst_head": min(alone.values()), "spare_heads": sum(spare) / len(spare), **found}


def time_by_length(trainer: Trainer) -> dict[str, float]:
    """Return milliseconds of one forward and backward pass of an encoder layer and of an LSTM, by length of the text.

    Both as wide as the trained network, 8 texts at once; "block_32", "lstm_32", … and "ratio_512", block over LSTM.
    """
    assert isinstance(trainer, TransformerTrainer)
    knobs, device = trainer.spec.knobs, trainer.device
    width = int_of(knobs, "embed_dim")
    block = EncoderLayer(width, int_of(knobs, "num_heads"), 2 * width, 0.0, nn.ReLU()).to(device)
    lstm = nn.LSTM(width, width, batch_first=True).to(device)
    found: dict[str, float] = {}
    for length in LENGTHS:
        x = torch.randn(TIMED_BATCH, length, width, device=device)
        found[f"block_{length}"] = _milliseconds(lambda x=x: block(x), device)
        found[f"lstm_{length}"] = _milliseconds(lambda x=x: lstm(x)[0], device)
        found[f"ratio_{length}"] = found[f"block_{length}"] / found[f"lstm_{length}"]
    return found


def _milliseconds(run: Callable[[], Tensor], device: torch.device) -> float:
    """Return the median time of a pass forward and back, after one that warms up: the processor's own on a CPU."""
    clock = time.thread_time if device.type == "cpu" else time.perf_counter
    taken = []
    for _ in range(REPEATS + 1):
        begin = clock()
        run().sum().backward()
        if device.type == "cuda":
            torch.cuda.synchronize(device)
        taken.append(1000 * (clock() - begin))
    return median(taken[1:])


def _exact(trainer: TransformerTrainer, count: int, off: list[Head] | None = None) -> float:
    """Return the share of the first held-out sentences whose greedy translation is right to the last word."""
    sources, targets = trainer.test[0][:count], trainer.test[1][:count]
    with switched_off(trainer.model, off or []):
        said = greedy(trainer.model, sources, targets.shape[1])
    padded = nn.functional.pad(said, (0, targets.shape[1] - said.shape[1]), value=PAD)
    return float((padded == targets).all(1).float().mean())


def _swapped(trainer: TransformerTrainer) -> tuple[Tensor, Tensor]:
    """Return sources "the A sees the B" and "the B sees the A" of the grammar's words."""
    chance = random.Random(grammar.FIXED_SEED)
    ids = {word: at for at, word in enumerate(trainer.dataset.classes)}
    pairs = [chance.sample(grammar.ALIVE, 2) for _ in range(PAIRS)]
    verbs = [chance.choice(grammar.TO_ANYONE).english[0] for _ in pairs]
    one = [["the", a.english[0], verb, "the", b.english[0]] for (a, b), verb in zip(pairs, verbs, strict=True)]
    other = [["the", b.english[0], verb, "the", a.english[0]] for (a, b), verb in zip(pairs, verbs, strict=True)]
    first, second = (torch.from_numpy(rows(each, ids, False)).to(trainer.device) for each in (one, other))
    return first, second
