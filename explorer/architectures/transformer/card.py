"""The Transformer's card."""

from explorer import dials
from explorer.architectures.transformer.experiments import EXPERIMENTS
from explorer.architectures.transformer.lesson import LESSON
from explorer.spec import (
    Ancestor,
    Benchmark,
    Card,
    Family,
    Hyper,
    Knob,
    Link,
    Metric,
    Published,
    Reference,
    Result,
    Settings,
    Target,
    Task,
    Variant,
)

PAPER = Reference(
    "Attention Is All You Need",
    "Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser and Polosukhin",
    2017,
    "NIPS 2017",
    "arXiv:1706.03762",
)
BLEU = "Table 2: newstest2014, one model (its last checkpoints averaged), beam of 4"
TIED = (
    Link("source_embedding.token", "target_embedding.token", "same matrix"),
    Link("target_embedding.token", "head", "same matrix"),
)
NOTE = (
    "Multiply–adds are for 512 source and 512 target tokens, with every target position computed at once, as in "
    "training. The paper fixes no length."
)


def _variant(size: str, settings: Settings, parameters: int, macs: int, bleu: float, printed: int, why: str) -> Variant:
    return Variant(
        f"transformer-{size}",
        f"Transformer {size}",
        (512,),
        parameters,
        {"vocab_size": 37_000, "context": 512, "positions": "sinusoids", **settings},
        macs=macs,
        published=Published(f"{printed} × 10⁶", f"Table 3, row “{size}”", printed * 1_000_000, why),
        note=NOTE,
        short=size,
        results=(Result(Benchmark.WMT14_EN_DE, bleu, BLEU),),
        links=TIED,
    )


METRICS = (
    Metric("test_accuracy", "right, held-out words", percent=True, held_out=True),
    Metric("accuracy", "right, training batch", percent=True),
    Metric("test_wrong_source", "right with another's source", percent=True, held_out=True),
    Metric("loss", "loss (cross-entropy)", higher_is_better=False),
    Metric("test_loss", "loss, held out", held_out=True, higher_is_better=False),
)
INVERSION = Metric("test_inversion", "inversions seen in attention", percent=True, held_out=True)


def _sizes(num_layers: int, feed_forward: int, norm: str) -> tuple[Knob, ...]:
    return (
        Knob("num_layers", "layers", num_layers, 1, 4, 1, help="In the encoder, and again in the decoder."),
        Knob("embed_dim", "width", 64, choices=(32, 64, 96, 128), help="Features of each word."),
        Knob("num_heads", "heads", 4, choices=(1, 2, 4, 8), help="The width is shared out among them."),
        Knob("feed_forward", "feed-forward width", feed_forward, 16, 512, 16),
        Knob(
            "positions", "positions", "sinusoids", choices=("sinusoids", "learned", "none"),
            help="none: the encoder cannot tell one order of its words from another.",
        ),
        Knob(
            "norm", "normalise", norm, choices=("after", "before"),
            help="after each sum, as in the paper, or before each sublayer, as in most later networks.",
        ),
        Knob(
            "mask", "mask", "causal", choices=("causal", "none"),
            help="none: in training every place of the decoder can see the word it is asked for.",
        ),
    )  # fmt: skip


def _dials(rate: float, batch: int, dropout: float, smoothing: float) -> tuple[Hyper, ...]:
    return (
        dials.learning_rate(rate, 0.1),
        dials.batch_size(batch, 256),
        dials.dropout(dropout),
        Hyper(
            "label_smoothing", "label smoothing", smoothing, 0.0, 0.5, 0.01,
            help="So much of the right word's share is spread over all others: the network learns to be less sure.",
        ),
        dials.weight_decay(0.0, 1.0),
    )  # fmt: skip


def _schedule(name: str, warmup: int, kind: str, steps: int) -> tuple[Knob, ...]:
    chosen = dials.optimizer(name, ("adam", "adamw", "muon"))
    return (chosen, dials.warmup(warmup), *dials.schedule(kind, steps))


LENSES = ("attention",)
INSIDE = ("attention", "translate", "positions")
GRAMMAR = Task(
    key="grammar",
    title="English to French (a small grammar)",
    kind="translation",
    dataset="grammar.english_french",
    lead="The red car, la voiture rouge: watch cross-attention find out that French puts the colour last.",
    hypers=_dials(0.005, 64, 0.0, 0.0),
    metrics=(METRICS[0], INVERSION, *METRICS[1:]),
    lenses=LENSES,
    inside=INSIDE,
    knobs=(*_sizes(1, 128, "after"), *_schedule("adam", 50, "linear", 1500)),
    data_knobs=(Knob("sentences", "sentences", 10_000, 500, 20_000, 500, help="Sentences to learn from."),),
    targets=(
        Target("test_accuracy", 0.95, seconds=10),
        Target("test_inversion", 0.9, seconds=10),
    ),
)
VERSES = Task(
    key="verses",
    title="English to French (Bible verses)",
    kind="translation",
    dataset="verses.english_french",
    lead="Real sentences, 4,881 of them, and four whole books held out: hard for a network that reads nothing else.",
    hypers=_dials(0.012, 32, 0.1, 0.1),
    metrics=METRICS,
    lenses=LENSES,
    inside=INSIDE,
    knobs=(*_sizes(1, 128, "before"), *_schedule("muon", 50, "linear", 1500)),
    targets=(Target("test_accuracy", 0.40, seconds=60),),
)

CARD = Card(
    key="transformer",
    title="Transformer",
    family=Family.TRANSFORMER,
    order=19,
    lead="Every word looks at every other and takes from each what it needs: no recurrence, no convolution.",
    paper=PAPER,
    variants=(
        _variant(
            "base",
            {"num_layers": 6, "embed_dim": 512, "feed_forward": 2048, "num_heads": 8, "dropout": 0.1},
            63_082_496,
            37_079_744_512,
            27.3,
            65,
            "The text says “about 37000 tokens” in a vocabulary shared by both languages. With exactly 37,000 and one "
            "matrix for all three uses the sum is 63.1 million; 65 would need some 40,700 tokens, and then the big "
            "network would have 218. No single vocabulary gives both printed figures.",
        ),
        _variant(
            "big",
            {"num_layers": 6, "embed_dim": 1024, "feed_forward": 4096, "num_heads": 16, "dropout": 0.3},
            214_245_376,
            119_256_645_632,
            28.4,
            213,
            "With a shared vocabulary of exactly 37,000 tokens the sum is 214.2 million; 213 would need some 35,800 "
            "tokens. The text says “about 37000”.",
        ),
    ),
    knobs=(
        Knob(
            "num_layers",
            "layers",
            6,
            1,
            24,
            1,
            help="N, in the encoder and again in the decoder. Table 3 tries 2, 4, 8.",
        ),
        Knob(
            "embed_dim",
            "width",
            512,
            64,
            4096,
            64,
            help="d_model: features of each token. Table 3 tries 256 and 1,024.",
        ),
        Knob("num_heads", "heads", 8, 1, 64, 1, help="h: has to divide the width. Table 3 tries 1, 4, 16 and 32."),
        Knob(
            "feed_forward",
            "feed-forward width",
            2048,
            64,
            16_384,
            64,
            help="d_ff: units between the two linear layers.",
        ),
        Knob("vocab_size", "vocabulary", 37_000, 256, 100_000, 1, help="Tokens, shared by both languages."),
        Knob(
            "context",
            "tokens",
            512,
            2,
            4096,
            1,
            help="Length of source and target. It changes no parameter of the paper's network.",
        ),
        Knob(
            "positions",
            "positions",
            "sinusoids",
            choices=("sinusoids", "learned", "none"),
            help="How order gets in. Table 3, row E: learned ones did about as well as sines. Without any, the encoder "
            "cannot tell one order of its words from another.",
        ),
    ),
    tasks=(GRAMMAR, VERSES),
    lesson=LESSON,
    experiments=EXPERIMENTS,
    ancestors=(
        Ancestor("lstm", "reading one sequence and writing another, with attention between the two"),
        Ancestor("resnet", "adding each layer's result to its input"),
    ),
)
