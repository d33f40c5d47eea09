"""The echo state network's card."""

from explorer.architectures.esn.experiments import EXPERIMENTS
from explorer.architectures.esn.lesson import LESSON
from explorer.spec import (
    Ancestor,
    Card,
    Family,
    Hyper,
    Knob,
    Metric,
    Published,
    Reference,
    Scale,
    Sense,
    Target,
    Task,
    Variant,
)

PAPER = Reference(
    "The “echo state” approach to analysing and training recurrent neural networks",
    "Jaeger",
    2001,
    "GMD Report 148, German National Research Center for Information Technology",
)
LENSES = ("forecast", "reservoir_traces", "readout_weights", "eigenvalues", "echo_state_test")


def _metrics(horizon: str) -> tuple[Metric, ...]:
    return (
        Metric(
            "test_nrmse_last", f"NRMSE after {horizon} alone (at most 2), held out", held_out=True,
            higher_is_better=False,
        ),
        Metric("test_nrmse", "NRMSE one step ahead, held out", held_out=True, higher_is_better=False),
        Metric("loss", "loss (squared error before it learnt)", higher_is_better=False),
    )  # fmt: skip


def _hypers(
    radius: float, leak: float, density: float, input_scale: float, ridge: float, values: int
) -> tuple[Hyper, ...]:
    return (
        Hyper(
            "method", "read-out by", "ridge regression", choices=("ridge regression", "recursive least squares"),
            help="The first solves for all that was heard so far; the second corrects itself at every value.",
        ),
        Hyper(
            "spectral_radius", "spectral radius", radius, 0.05, 2.0, 0.05,
            help="The largest |eigenvalue| of the recurrent weights: how long echoes last.",
        ),
        Hyper("leak", "leak", leak, 0.05, 1.0, 0.05, help="How much of a unit is new at each step. Less is slower."),
        Hyper(
            "density", "connectivity", density, 0.01, 1.0, 0.01,
            help="Share of the recurrent weights that are not zero; they are scaled to the same radius again.",
        ),
        Hyper("input_scale", "input scale", input_scale, 0.05, 2.0, 0.05, help="How loud the reservoir hears it."),
        Hyper(
            "ridge", "ridge β", ridge, 1e-12, 10.0, scale=Scale.LOG,
            help="Keeps the read-out's weights small. Too little: it follows rounding errors. Too much: it is dull.",
        ),
        Hyper(
            "forgetting", "forgetting factor λ", 1.0, 0.95, 1.0, 0.001,
            help="Of recursive least squares alone. Below 1, old values count less and less.",
        ),
        Hyper(
            "values_a_step", "values a step", values, 1, 3000, 1, scale=Scale.LOG,
            help="So many values of the series are heard in each step; 3000: all in one go.",
        ),
    )  # fmt: skip


def _units(default: int) -> Knob:
    return Knob("units", "units", default, 10, 800, 10, help="Size of the reservoir. Only as many weights are learnt.")


TASKS = (
    Task(
        key="mackey_glass",
        title="Mackey–Glass, chaotic",
        kind="regression",
        dataset="series.mackey_glass",
        lead="Hears a chaotic series once, and then goes on with it alone; no weight in the reservoir ever changes.",
        hypers=_hypers(1.1, 0.3, 0.05, 0.5, 1e-8, 50),
        metrics=_metrics("84 steps"),
        lenses=LENSES,
        inside=LENSES,
        knobs=(_units(500),),
        targets=(Target("test_nrmse_last", 0.02, 3, Sense.AT_MOST),),
        pace=15,
        references=(("test_nrmse", "the last value once more", 0.22),),
    ),
    Task(
        key="sunspots",
        title="Yearly sunspots",
        kind="regression",
        dataset="series.sunspots",
        lead="Two hundred years to learn from, and so few units that they do not know them by heart.",
        hypers=_hypers(0.9, 1.0, 0.1, 0.3, 0.3, 10),
        metrics=_metrics("11 years"),
        lenses=LENSES,
        inside=LENSES,
        knobs=(_units(100),),
        targets=(Target("test_nrmse", 0.4, 3, Sense.AT_MOST),),
        pace=15,
        references=(
            ("test_nrmse", "the last year once more", 0.63),
            ("test_nrmse", "a linear rule on nine years", 0.36),
        ),
    ),
)

CARD = Card(
    key="esn",
    title="Echo state network",
    family=Family.RECURRENT,
    order=6,
    lead="A large random network that is never trained, and one linear read-out that listens to its echoes.",
    paper=PAPER,
    variants=(
        Variant(
            "esn-sin7-100",
            "100 units, ½ sin⁷",
            (8, 1),
            parameters=100,
            fixed=10_100,
            macs=81_600,
            settings={"inputs": 1, "units": 100, "density": 0.05, "spectral_radius": 0.88, "feedback": False},
            short="100, ½ sin⁷",
            published=Published(
                "a 100-unit network with a sparse connectivity of 5 %, |λ|max about 0.88",
                "sec. 3.1; no count is printed",
            ),
            note=(
                "Hears a sine, sin(n/5), and is to answer with ½ sin⁷. About 500 of the 10,000 recurrent weights are "
                "not zero. A step is drawn with the full matrix, 10,200 multiply–adds; without the zeros it takes 700."
            ),
        ),
        Variant(
            "esn-melody-400",
            "400 units, a melody",
            (400,),
            parameters=400,
            fixed=160_400,
            macs=1_286_400,
            settings={"inputs": 0, "units": 400, "density": 0.0125, "spectral_radius": 0.908, "feedback": True},
            short="400, melody",
            published=Published(
                "a 400-unit network with a sparse connectivity of 1.25 %, |λ|max about 0.908",
                "sec. 4.1.2; no count is printed",
            ),
            note=(
                "No input: its own last note is fed back. About 2,000 of the 160,000 recurrent weights are not zero, "
                "five for each unit. A step is drawn with the full matrix, 160,800 multiply–adds; without the zeros it "
                "takes 2,800."
            ),
        ),
        Variant(
            "esn-1000-1pct",
            "1,000 units at 1 %",
            (1000,),
            parameters=1_000,
            fixed=1_001_000,
            macs=8_016_000,
            settings={"inputs": 0, "units": 1000, "density": 0.01, "spectral_radius": 0.8, "feedback": True},
            short="1,000 at 1 %",
            note=(
                "The size and connectivity of Jaeger & Haas 2004, who let such a network go on with a chaotic series; "
                "reduced to what all variants here share, with a spectral radius of our choice. About 10,000 of the "
                "1,000,000 recurrent weights are not zero. A step is drawn with the full matrix, 1,002,000 "
                "multiply–adds; without the zeros it takes 12,000."
            ),
        ),
    ),
    knobs=(
        Knob("units", "units", 100, 10, 2000, 1, help="Size of the reservoir. The read-out grows with it, W squared."),
        Knob("inputs", "inputs", 1, 0, 64, 1, help="0: no input, the network lives on what is fed back."),
        Knob("outputs", "outputs", 1, 1, 64, 1),
        Knob(
            "feedback", "feedback", False,
            help="Feeds the last output back into the reservoir, through weights that are fixed as well.",
        ),
        Knob(
            "density", "connectivity", 0.05, 0.001, 1.0, 0.001,
            help="Share of the recurrent weights that are not zero. The matrix is drawn, and counted, with its zeros.",
        ),
        Knob(
            "spectral_radius", "spectral radius", 0.9, 0.05, 2.0, 0.01,
            help="The largest |eigenvalue| that W is scaled to: the larger, the longer the echoes. No count changes.",
        ),
        Knob(
            "leak", "leak", 1.0, 0.05, 1.0, 0.05,
            help="How much of a unit is new at each step; 1, as in the report: all of it. Less makes units slow.",
        ),
        Knob(
            "f_out", "read-out", "tanh", choices=("tanh", "linear"),
            help="The report squashes the output; later work mostly leaves it linear.",
        ),
        Knob("steps", "steps", 8, 1, 128, 1, help="Length of the sequence: it costs work, and not one parameter."),
        Knob(
            "unrolled", "every step apart", False,
            help="Draws each step beside the last, with the same weights, so that you can follow an echo.",
        ),
    ),
    lesson=LESSON,
    tasks=TASKS,
    experiments=EXPERIMENTS,
    ancestors=(Ancestor("rnn", "a recurrent layer, of which all but the read-out is left as it was drawn"),),
)  # fmt: skip
