"""What the small pairs learn to imitate: points in the plane, digits, clothes."""

from __future__ import annotations

from explorer import dials
from explorer.spec import Hyper, Knob, Metric, Scale, Target, Task

LN2, LN4 = 0.6931, 1.3863
LOSSES = (
    Metric("discriminator_loss", "loss of D: −V", higher_is_better=False),
    Metric("generator_loss", "loss of G: −log D(G(z))", higher_is_better=False),
)
EVEN = (
    ("discriminator_loss", "ln 4: real and made look alike to D", LN4),
    ("generator_loss", "ln 2: D answers one half", LN2),
)


def _rate(name: str, net: str, default: float) -> Hyper:
    return Hyper(
        name, f"learning rate of {net}", default, 1e-5, 0.5, scale=Scale.LOG,
        help="How far each step follows the gradient. What counts most is how the two rates compare.",
    )  # fmt: skip


def _hypers(rate_g: float, rate_d: float, batch: int, widest_noise: float) -> tuple[Hyper, ...]:
    return (
        _rate("rate_g", "G", rate_g),
        _rate("rate_d", "D", rate_d),
        Hyper("trains", "who learns", "both", choices=("both", "discriminator only", "generator only")),
        Hyper("d_steps", "steps of D for each of G", 1, 1, 20, 1, help="The paper calls it k, and takes 1."),
        Hyper(
            "loss", "loss of G", "non-saturating", choices=("non-saturating", "minimax"),
            help="non-saturating: raise log D(G(z)). minimax: lower log(1 − D(G(z))), as the game is written.",
        ),
        Hyper(
            "instance_noise", "noise on what D sees", 0.0, 0.0, widest_noise, 0.01,
            help="Added to real and made examples alike, so that D cannot tell them apart too easily.",
        ),
        Hyper(
            "real_label", "asked of D for real ones", 0.9, 0.5, 1.0, 0.05,
            help="Below 1, D is never to be entirely sure; this keeps its answers, and G's gradient, moderate.",
        ),
        dials.batch_size(batch),
    )  # fmt: skip


def _common(z_size: int, average: float, steady: int) -> tuple[Knob, ...]:
    return (
        Knob("z_size", "noise z", z_size, 1, 128, 1, help="How many random numbers each example is made from."),
        Knob(
            "beta1", "momentum of Adam (β1)", 0.5, 0.0, 0.95, 0.05,
            help="0.5 instead of the usual 0.9: DCGAN found that it keeps the training from swinging.",
        ),
        Knob(
            "average", "average of G", average, 0.0, 0.999, 0.001,
            help="Samples come from an average of G's weights: this share stays, the rest is new. 0: G as it is.",
        ),
        Knob("optimizer_g", "optimiser of G", "adam", choices=("adam", "sgd"), help="sgd: plain gradient descent."),
        Knob("head_start", "head start of D", 0, 0, 2000, 10, help="So many steps only D learns."),
        Knob(
            "steady_steps", "steps at the full rate", steady, 0, 100_000, 50,
            help="Then both rates fall evenly to a twentieth, over as many steps again. 0: they never fall.",
        ),
    )  # fmt: skip


def _widths(g: tuple[int, ...], d: tuple[int, ...]) -> tuple[Knob, ...]:
    return (
        Knob("widths_g", "hidden layers of G", g, 1, 512, help="Units of each, first to last, such as 128-256."),
        Knob("widths_d", "hidden layers of D", d, 1, 512),
    )


POINTS = (Knob("points", "points", 4000, 100, 20_000, 100),)


def _plane(
    key: str, title: str, lead: str, modes: str, count: int, targets: tuple[Target, ...] = (),
    room: str = "distributions", data_knobs: tuple[Knob, ...] = POINTS) -> Task:  # fmt: skip
    return Task(
        key=key,
        title=title,
        kind="binary",
        dataset=f"{room}.{key}",
        lead=lead,
        hypers=_hypers(2e-3, 2e-3, 128, 0.5),
        metrics=(
            Metric("modes", f"{modes} covered", held_out=True),
            *LOSSES,
            Metric("near", "within 4 σ of the data", percent=True, held_out=True),
        ),
        lenses=("game", "verdicts"),
        inside=("game", "narrated", "verdicts"),
        knobs=(*_widths((64, 64), (64, 64)), *_common(2, 0.98, 0)),
        data_knobs=data_knobs,
        targets=targets,
        references=EVEN if targets else (*EVEN, ("modes", f"all {count}", float(count))),
    )


def _pictures(key: str, title: str, dataset: str, lead: str, sure: float, targets: tuple[Target, ...] = ()) -> Task:
    return Task(
        key=key,
        title=title,
        kind="binary",
        dataset=dataset,
        lead=lead,
        hypers=_hypers(2e-3, 1e-3, 64, 0.5),
        metrics=(
            Metric("confident", "recognised by a classifier", percent=True, held_out=True),
            *LOSSES,
            Metric("classes", "classes covered", held_out=True),
        ),
        lenses=("samples", "recognised", "nearest", "verdicts"),
        inside=("between", "samples", "recognised", "nearest", "verdicts", "narrated"),
        knobs=(
            Knob(
                "net", "nets", "dense", choices=("dense", "convolutional"),
                help="dense: as in 2014, with batch normalisation in G. convolutional: a small DCGAN.",
            ),
            *_widths((128, 256), (192, 96)),
            Knob("maps", "maps beside the picture", 16, 4, 64, 4, help="Width of the convolutional nets."),
            *_common(32, 0.98, 1750),
        ),
        targets=targets,
        references=(
            *EVEN,
            ("confident", f"real pictures, held out: {100 * sure:.0f} %", sure),
            *(() if targets else (("classes", "all 10", 10.0),)),
        ),
    )  # fmt: skip


TASKS = (
    _plane(
        "ring",
        "Points: a ring of eight",
        "Eight clouds in the plane. Watch G's points being pulled to them, and D's answer change under their feet.",
        "clouds",
        8,
        (Target("modes", 8, seconds=5), Target("near", 0.8, seconds=5)),
    ),
    _plane(
        "grid",
        "Points: a grid of 25",
        "Twenty-five clouds: G has one cloth of noise to lay over them, and has to tear it.",
        "clouds",
        25,
    ),
    _plane(
        "spiral",
        "Points: a spiral",
        "One arm without gaps. Nothing has to be torn here, only bent.",
        "stretches",
        20,
    ),
    _plane(
        "drawing",
        "Points: your own drawing",
        "Draw any lines; points are strewn along them, and G has to find its way there.",
        "stretches",
        20,
        room="own",
        data_knobs=(),
    ),
    _pictures(
        "digits",
        "Digits (MNIST)",
        "images.digits",
        "From noise to digits that another network recognises, though G never sees a single real one.",
        0.959,
        (Target("confident", 0.4, seconds=30), Target("classes", 10, seconds=30)),
    ),
    _pictures(
        "fashion",
        "Clothes (Fashion-MNIST)",
        "images.clothes",
        "From noise to shirts, shoes and bags. Another network says which of them it can recognise.",
        0.773,
        (Target("confident", 0.25, seconds=30), Target("classes", 6, seconds=30)),
    ),
)
