"""GPT's card: thirteen networks of three papers."""

from explorer.architectures.gpt.experiments import EXPERIMENTS
from explorer.architectures.gpt.lesson import LESSON
from explorer.architectures.gpt.tasks import TASKS
from explorer.spec import Ancestor, Benchmark, Card, Family, Knob, Link, Published, Reference, Result, Settings, Variant

PAPER = Reference(
    "Improving Language Understanding by Generative Pre-Training; Language Models are Unsupervised Multitask Learners; "
    "Language Models are Few-Shot Learners",
    "Radford et al. 2018, 2019; Brown et al.",
    2020,
    "OpenAI 2018; OpenAI 2019; NeurIPS 2020",
    "arXiv:2005.14165",
)
TIED = (Link("token_embedding", "head", "same matrix"),)
ZERO_SHOT_2 = "GPT-2, Table 3, zero-shot"
ZERO_SHOT_3 = "GPT-3, Table 3.2, zero-shot"
WRONG = (
    "OpenAI's own correction, in the README of the released code: the counts first given were wrong. "
    "The released network has {}."
)
SPARSE = (
    "All layers are counted as dense attention; the paper alternates dense and locally banded sparse ones: "
    "the parameters are the same, the multiply–adds fewer."
)
ROUNDED = "Adding up gives {:,}. The table prints round figures, not always the nearest: 355.9 million became 350."
HEADS_2 = "The paper prints no number of heads; it is that of the released code."
XL = (
    "Table 2.1 prints 24 heads of 128, which make 3,072 and not the width of 2,048. With an attention 3,072 wide the "
    "sum would be 1.52 billion, not the printed 1.3; so it is built with 16 heads of 128. "
)
THIRTEEN = (
    "Table 2.1 prints 40 heads of 128, which make 5,120, and a width of 5,140, which 40 does not divide. "
    "It is built 5,140 wide, with 20 heads of 257; the number of heads changes no count. "
    "An attention 5,120 wide inside would make 12,936,488,380, a width of 5,120 throughout 12,853,386,240: printed, "
    "12.9 instead of 13.0 billion. "
)


def _gpt2(
    size: str, layers: tuple[int, int, int], counts: tuple[int, int], printed: int, corrected: str,
    perplexity: float, lambada: float,
) -> Variant:  # fmt: skip
    why = WRONG.format(corrected)
    return Variant(
        f"gpt2-{size.lower()}",
        f"GPT-2 {size}",
        (1024,),
        counts[0],
        _settings(layers, 50_257, 1024),
        macs=counts[1],
        published=Published(f"{printed}M", "GPT-2, Table 2", printed * 1_000_000, why),
        note=HEADS_2,
        short=size,
        group="GPT-2",
        results=(
            Result(Benchmark.WIKITEXT103, perplexity, ZERO_SHOT_2),
            Result(Benchmark.LAMBADA, lambada, ZERO_SHOT_2),
        ),
        links=TIED,
    )


def _gpt3(
    size: str, text: str, layers: tuple[int, int, int], counts: tuple[int, int], printed: int, note: str = "",
    results: tuple[Result, ...] = (),
) -> Variant:  # fmt: skip
    return Variant(
        f"gpt3-{size}",
        f"GPT-3 {text}",
        (2048,),
        counts[0],
        _settings(layers, 50_257, 2048),
        macs=counts[1],
        published=Published(_printed(printed), "GPT-3, Table 2.1", printed, ROUNDED.format(counts[0])),
        note=f"{note}{SPARSE}",
        short=text,
        group="GPT-3",
        results=results,
        links=TIED,
    )


def _printed(parameters: int) -> str:
    return f"{parameters / 1e9:.1f}B" if parameters >= 10**9 else f"{parameters // 10**6}M"


def _settings(layers: tuple[int, int, int], vocab_size: int, context: int, norm: str = "pre") -> Settings:
    num_layers, embed_dim, num_heads = layers
    return {
        "num_layers": num_layers,
        "embed_dim": embed_dim,
        "num_heads": num_heads,
        "vocab_size": vocab_size,
        "context": context,
        "norm": norm,
        "dropout": 0.1,
    }


GPT1 = Variant(
    "gpt1",
    "GPT-1",
    (512,),
    116_534_784,
    _settings((12, 768, 12), 40_478, 512, "post"),
    macs=64_234_979_328,
    published=Published(
        "12 layers, 768 states, 12 heads", "GPT-1, sec. 4.1, “Model specifications”; it prints no count"
    ),
    note="117M became its name later; the paper itself gives no count. The vocabulary is 40,000 merges and 478 single "
    "characters. It normalises after each sum, so no norm is left for the end.",
    group="GPT-1",
    results=(
        Result(
            Benchmark.GLUE,
            75.1,
            "as averaged in BERT's Table 1, without WNLI; the paper's own Table 4 gives the leaderboard's 72.8",
        ),
    ),
    links=TIED,
)

CARD = Card(
    key="gpt",
    title="GPT",
    family=Family.TRANSFORMER,
    order=21,
    lead="Predict the next token, with the same block stacked until the text begins to make sense.",
    paper=PAPER,
    since=2018,
    face="gpt3-175b",
    variants=(
        GPT1,
        _gpt2("small", (12, 768, 12), (124_439_808, 145_824_153_600), 117, "124M", 37.50, 45.99),
        _gpt2("medium", (24, 1024, 16), (354_823_168, 413_475_536_896), 345, "355M", 26.37, 55.48),
        _gpt2("large", (36, 1280, 20), (774_030_080, 887_285_350_400), 762, "774M", 22.05, 60.12),
        _gpt2("XL", (48, 1600, 25), (1_557_611_200, 1_753_351_782_400), 1542, "1558M", 17.48, 63.24),
        _gpt3("small", "125M", (12, 768, 12), (125_226_240, 330_303_012_864), 125_000_000),
        _gpt3("medium", "350M", (24, 1024, 16), (355_871_744, 930_030_288_896), 350_000_000),
        _gpt3("large", "760M", (24, 1536, 16), (760_300_032, 1_858_901_901_312), 760_000_000),
        _gpt3("xl", "1.3B", (24, 2048, 16), (1_315_723_264, 3_097_011_159_040), 1_300_000_000, XL),
        _gpt3("2.7b", "2.7B", (32, 2560, 32), (2_651_553_280, 6_104_646_942_720), 2_700_000_000),
        _gpt3("6.7b", "6.7B", (32, 4096, 32), (6_658_404_352, 14_715_237_433_344), 6_700_000_000),
        _gpt3("13b", "13B", (40, 5140, 20), (12_952_938_780, 28_225_262_755_840), 13_000_000_000, THIRTEEN),
        _gpt3(
            "175b",
            "175B",
            (96, 12_288, 96),
            (174_604_259_328, 367_402_130_866_176),
            175_000_000_000,
            results=(Result(Benchmark.LAMBADA, 76.2, ZERO_SHOT_3),),
        ),
    ),
    knobs=(
        Knob(
            "num_layers",
            "blocks",
            12,
            1,
            96,
            1,
            help="How often the block is stacked: 12 in GPT-1, 96 in the largest GPT-3.",
        ),
        Knob("embed_dim", "width", 768, 64, 16_384, 4, help="d_model: features of each token, all the way through."),
        Knob("num_heads", "heads", 12, 1, 128, 1, help="Have to divide the width. They change no count."),
        Knob(
            "feed_forward_ratio",
            "feed-forward width ×",
            4,
            1,
            8,
            1,
            help="Times the width: units between the two linear layers. All thirteen networks take 4.",
        ),
        Knob(
            "vocab_size",
            "vocabulary",
            50_257,
            256,
            100_000,
            1,
            help="Tokens; each has a row, used for reading and for predicting.",
        ),
        Knob(
            "context",
            "tokens",
            1024,
            2,
            8192,
            1,
            help="How far back it can look: 512, 1,024 and 2,048 in the three papers.",
        ),
        Knob(
            "norm",
            "normalisation",
            "pre",
            choices=("pre", "post"),
            help="Before each sublayer and once at the end, as GPT-2 and GPT-3 do, or after each sum, as GPT-1 does.",
        ),
    ),
    tasks=TASKS,
    experiments=EXPERIMENTS,
    lesson=LESSON,
    ancestors=(Ancestor("transformer", "the decoder, without the half that reads the source"),),
)
