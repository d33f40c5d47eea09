"""BERT's card."""

from explorer.architectures.bert.experiments import EXPERIMENTS
from explorer.architectures.bert.lesson import LESSON
from explorer.architectures.bert.tasks import TASKS
from explorer.spec import Ancestor, Benchmark, Card, Family, Knob, Link, Published, Reference, Result, Settings, Variant

PAPER = Reference(
    "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
    "Devlin, Chang, Lee and Toutanova",
    2018,
    "NAACL 2019",
    "arXiv:1810.04805",
)
GLUE = "Table 1, fine-tuned for each task; the average leaves WNLI out"
TIED = (Link("embeddings.token", "masked_words.decoder", "same matrix"),)
VOCABULARY = "The paper speaks of a 30,000 token vocabulary; the released one has 30,522, and that is counted here."
HEADS = "The word head answers at all 512 places here; in pre-training only the 15 % chosen places enter the loss."


def _variant(
    id: str, short: str, title: str, size: Settings, counts: tuple[int, int], printed: int, why: str, glue: float = 0.0
) -> Variant:
    parameters, macs = counts
    pretraining = id.endswith("pretraining")
    return Variant(
        id,
        title,
        (512,),
        parameters,
        {"vocab_size": 30_522, "context": 512, "dropout": 0.1, "pretraining": pretraining, **size},
        macs=macs,
        published=Published(f"Total Parameters={printed}M", "sec. 3", printed * 1_000_000, why),
        note=f"{VOCABULARY} {HEADS}" if pretraining else VOCABULARY,
        short=short,
        results=(Result(Benchmark.GLUE, glue, GLUE),) if glue else (),
        links=TIED if pretraining else (),
    )


BASE: Settings = {"num_layers": 12, "embed_dim": 768, "num_heads": 12}
LARGE: Settings = {"num_layers": 24, "embed_dim": 1024, "num_heads": 16}

CARD = Card(
    key="bert",
    title="BERT",
    family=Family.TRANSFORMER,
    order=20,
    lead="Hide some words, guess them from both sides, and what is learned serves any task about sentences.",
    paper=PAPER,
    variants=(
        _variant(
            "bert-base",
            "base",
            "BERT base",
            BASE,
            (109_482_240, 48_318_971_904),
            110,
            "Encoder and pooler alone make 109.5 million; with the pre-training heads it is 110.1.",
            79.6,
        ),
        _variant(
            "bert-base-pretraining",
            "base + heads",
            "BERT base with its pre-training heads",
            BASE,
            (110_106_428, 60_622_702_080),
            110,
            "Printed in millions, rounded.",
        ),
        _variant(
            "bert-large",
            "large",
            "BERT large",
            LARGE,
            (335_141_888, 167_504_773_120),
            340,
            "The sum is 335.1 million, 336.2 with the heads; the paper rounds to tens of millions.",
            82.1,
        ),
        _variant(
            "bert-large-pretraining",
            "large + heads",
            "BERT large with its pre-training heads",
            LARGE,
            (336_226_108, 184_043_964_416),
            340,
            "The sum is 336.2 million; the paper rounds to tens of millions.",
        ),
    ),
    knobs=(
        Knob("num_layers", "layers", 12, 1, 48, 1, help="L. Table 6 tries 3, 6, 12 and 24."),
        Knob("embed_dim", "width", 768, 64, 4096, 64, help="H: features of each token. Table 6 tries 768 and 1,024."),
        Knob("num_heads", "heads", 12, 1, 64, 1, help="A: has to divide the width. Table 6 tries 3, 12 and 16."),
        Knob(
            "feed_forward_ratio",
            "feed-forward width ×",
            4,
            1,
            8,
            1,
            help="Times the width: units between the two linear layers. The paper takes 4H.",
        ),
        Knob(
            "vocab_size", "vocabulary", 30_522, 256, 100_000, 1, help="WordPiece tokens; each needs a row of the width."
        ),
        Knob(
            "context", "tokens", 512, 2, 4096, 1, help="Length of the pair of sentences; each place has a learned row."
        ),
    ),
    tasks=TASKS,
    experiments=EXPERIMENTS,
    lesson=LESSON,
    ancestors=(
        Ancestor("transformer", "the encoder, as it is"),
        Ancestor("gpt", "one pre-trained network, fine-tuned for every task; here it may look both ways"),
    ),
)
