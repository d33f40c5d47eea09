"""What small GPTs are trained to do here: go on with Austen's text, and repeat what came before."""

from __future__ import annotations

import math

from explorer import dials
from explorer.spec import Hyper, Knob, Metric, Sense, Target, Task

NATS = Metric("test_loss", "loss (nats a character), held out", held_out=True, higher_is_better=False)
NATS_TRAINING = Metric("loss", "loss (nats a character)", higher_is_better=False)
GRADIENT = Metric("gradient_norm", "gradient before clipping", higher_is_better=False)
# What `python -m explorer.data.ngrams` prints: nats a character on all that is held out
REFERENCES = (
    ("test_loss", "counting what follows one character", 2.45),
    ("test_loss", "counting what follows three", 1.49),
)
READING = ("kept_samples", "next_token", "writing", "surprise", "logit_lens", "attention")


def _knobs(ratio: int = 4, spread: float = 0.1) -> tuple[Knob, ...]:
    return (
        Knob("num_layers", "blocks", 2, 1, 8, 1, help="How often the block is stacked."),
        Knob("embed_dim", "width", 64, 12, 128, 4, help="Features of each token, all the way through."),
        Knob("num_heads", "heads", 4, choices=(1, 2, 4), help="The width is shared out among them."),
        Knob("feed_forward_ratio", "feed-forward width ×", ratio, 1, 8, 1, help="Times the width. The papers take 4."),
        Knob(
            "norm", "normalisation", "pre", choices=("pre", "post"),
            help="Before each sublayer and once at the end, as in GPT-2, or after each sum, as in GPT-1.",
        ),
        Knob(
            "positions", "places start as", "sines", choices=("sines", "random"),
            help="They are learned either way. random: small and random, as in the papers; slower in a short run.",
        ),
        Knob(
            "spread", "spread at the start", spread, 0.02, 1.0, 0.01,
            help="How large tokens and places are at the start. Where places begin at random, the papers' 0.02.",
        ),
    )  # fmt: skip


def _dials(rate: float, batch: int, decay: float) -> tuple[Hyper, ...]:
    return (
        dials.learning_rate(rate, 0.1),
        dials.batch_size(batch, 128),
        dials.dropout(0.0),
        dials.weight_decay(decay, 1.0),
        Hyper(
            "clip", "clip gradient at", 1.0, 0.0, 10.0, 0.1,
            help="A gradient longer than this is shortened to it, its direction kept. 0: never.",
        ),
    )  # fmt: skip


def _schedule(steps: int, name: str = "cosine") -> tuple[Knob, ...]:
    optimizer = dials.optimizer("muon", ("adam", "adamw", "muon"))
    return (optimizer, dials.warmup(50), *dials.schedule(name, steps))


CONTEXT = Knob("context", "tokens", 64, 8, 256, 8, help="How far back it can look.")

CHARACTERS = Task(
    key="characters",
    title="Austen, character by character",
    kind="next_token",
    dataset="pieces.characters",
    lead="It starts with noise, finds words within seconds, and after half a minute writes almost like a novel.",
    hypers=_dials(0.015, 16, 0.1),
    metrics=(
        NATS,
        NATS_TRAINING,
        Metric("test_accuracy", "next character right, held out", percent=True, held_out=True),
        Metric("accuracy", "next character right", percent=True),
        GRADIENT,
    ),
    lenses=READING,
    inside=READING,
    knobs=(*_knobs(), *_schedule(1600)),
    data_knobs=(CONTEXT,),
    targets=(Target("test_loss", 1.45, 45, Sense.AT_MOST, "Better than counting after three characters: 1.49."),),
    references=REFERENCES,
)
PIECES = Task(
    key="pieces",
    title="Austen, in pieces of words",
    kind="next_token",
    dataset="pieces.byte_pairs",
    lead="As the large ones read: 512 pieces of words, so that 64 tokens are two lines of text instead of one.",
    hypers=_dials(0.015, 8, 0.1),
    metrics=(
        NATS,
        NATS_TRAINING,
        Metric("test_accuracy", "next piece right, held out", percent=True, held_out=True),
        Metric("accuracy", "next piece right", percent=True),
        GRADIENT,
    ),
    lenses=READING,
    inside=READING,
    knobs=(*_knobs(), *_schedule(2400)),
    data_knobs=(CONTEXT,),
    targets=(Target("test_loss", 1.30, 45, Sense.AT_MOST, "In nats a character, like the other task."),),
    references=REFERENCES,
)
REPEATS = Task(
    key="repeats",
    title="Random symbols, repeated",
    kind="next_token",
    dataset="repeats.blocks",
    lead="Nothing to learn by heart: only who finds the place where it stood before can copy what followed.",
    hypers=_dials(0.005, 16, 0.0),
    metrics=(
        Metric("test_accuracy", "repetition foretold, held out", percent=True, held_out=True),
        Metric("test_loss", "loss (nats a symbol), where it repeats", held_out=True, higher_is_better=False),
        Metric("loss", "loss (nats a symbol), everywhere", higher_is_better=False),
        GRADIENT,
    ),
    lenses=("induction", "attention"),
    inside=("induction", "attention"),
    knobs=(*_knobs(1, 0.7), *_schedule(0, "constant")),
    targets=(Target("test_accuracy", 0.95, 25),),
    references=(("test_accuracy", "guessing", 1 / 32), ("test_loss", "guessing", math.log(32))),
)

TASKS = (CHARACTERS, PIECES, REPEATS)
