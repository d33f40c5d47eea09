"""CapsNet's card."""

from explorer import dials
from explorer.architectures.capsnet.experiments import EXPERIMENTS
from explorer.architectures.capsnet.lesson import LESSON
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
    Scale,
    Target,
    Task,
    Variant,
)

PAPER = Reference(
    "Dynamic Routing Between Capsules", "Sabour, Frosst and Hinton", 2017, "NIPS 2017", "arXiv:1710.09829"
)
ROUTING = (
    "Multiply–adds are those of the layers; each turn of the routing takes 2 × 184,320 more, for a weighted sum and "
    "an agreement."
)
AGREEMENT = (Link("digit_caps", "primary_caps", "agreement"),)


def _variant(decoder: bool, bias: bool, parameters: int, macs: int, error: float | None = None) -> Variant:
    parts = f"{'with' if decoder else 'without'} decoder{', capsule bias' if bias else ''}"
    printed = (
        "8.2M parameters and 6.8M parameters without the reconstruction subnetwork"
        if decoder
        else "6.8M parameters without the reconstruction subnetwork"
    )
    note = "A bias for each digit capsule, as in the authors' code; the paper has none. " if bias else ""
    source = f"Table 1, routing 3, {'with' if decoder else 'without'} reconstruction, mean of 3 trials"
    return Variant(
        f"capsnet-mnist{'' if decoder else '-nodecoder'}{'-capsbias' if bias else ''}",
        f"CapsNet {parts}",
        (1, 28, 28),
        parameters=parameters,
        macs=macs,
        settings={"decoder": decoder, "capsule_bias": bias},
        published=Published(printed, "sec. 5, which rounds"),
        note=note + ROUTING,
        short="capsule bias" if bias else "as in the paper",
        group="With decoder" if decoder else "Without decoder",
        results=() if error is None else (Result(Benchmark.MNIST, error, source),),
        links=AGREEMENT,
    )


METRICS = (
    Metric("test_accuracy", "right, held out", percent=True, held_out=True),
    Metric("accuracy", "right, training batch", percent=True),
    Metric("loss", "loss (margin and drawing)", higher_is_better=False),
    Metric("test_loss", "margin loss, held out", held_out=True, higher_is_better=False),
    Metric("redrawn", "redrawn wrong, a pixel (mean squared error)", higher_is_better=False),
    Metric("test_redrawn", "redrawn wrong, held out", held_out=True, higher_is_better=False),
)
FOUND = (
    Metric("test_found", "digits found, held out", percent=True, held_out=True),
    Metric("found", "digits found, training batch", percent=True),
)
DISTANCE = Knob("distance", "moved by", 4, 0, 8, 1, help="Pixels by which each digit is moved at most, each way.")
TURN = Knob("turn", "turned by", 0.0, 0.0, 45.0, 5.0, help="Degrees by which each digit is turned at most.")
INSIDE = ("routing", "capsule_dimensions", "capsule_turned")
BODY = Knob(
    "body", "body", "capsules", choices=("capsules", "convolution"),
    help="convolution: two ordinary layers with as many weights stand where the capsules stood.",
)  # fmt: skip


def _task(
    key: str, title: str, kind: str, dataset: str, lead: str, target: Target, lenses: tuple[str, ...],
    inside: tuple[str, ...], data_knobs: tuple[Knob, ...], guess: tuple[str, float], body: tuple[Knob, ...] = (BODY,),
    metrics: tuple[Metric, ...] = METRICS) -> Task:  # fmt: skip
    return Task(
        key=key,
        title=title,
        kind=kind,
        dataset=dataset,
        lead=lead,
        hypers=(
            dials.learning_rate(0.004, 0.1),
            dials.momentum(0.9),
            dials.batch_size(32),
            Hyper(
                "reconstruction", "weight of drawing", 0.0005, 0.0, 0.02, scale=Scale.LOG,
                help="How much each pixel that is redrawn wrong adds to the loss. 0: the decoder learns nothing.",
            ),
            Hyper(
                "routing", "turns of routing", 3, 1, 6, 1,
                help="In every forward pass. With 1, all predictions count alike; it adds no parameter.",
            ),
            *dials.augmentation(),
        ),
        metrics=metrics,
        lenses=lenses,
        inside=inside,
        knobs=(
            *body,
            Knob("decoder", "decoder", True, help="Three layers that redraw the digit from one capsule."),
            Knob("maps", "maps", 24, 4, 64, 4, help="Channels of the first convolution."),
            Knob("primary_channels", "kinds", 8, 1, 16, 1, help="Kinds of primary capsules, one at every place."),
            Knob("digit_dimensions", "digit capsule", 16, 2, 32, 1, help="Numbers in each digit capsule's vector."),
            dials.optimizer("adam"),
            *dials.schedule("linear", 1200),
        ),
        data_knobs=data_knobs,
        targets=(target,),
        references=(("test_accuracy", *guess),),
    )  # fmt: skip


TASKS = (
    _task(
        "mnist", "Digits (MNIST)", "capsules", "images.digits",
        "Ten vectors instead of ten numbers: watch their lengths part, and the decoder learn to draw.",
        Target("test_accuracy", 0.95, seconds=10),
        ("capsule_lengths", "routing", "capsule_dimensions", "maps", "confusion", "embedding"),
        ("inspect", "saliency", "capsule_lengths", *INSIDE, "excites"),
        (Knob("canvas", "canvas", 28, choices=(28, 36), help="36: the digit lies in the middle of a wider picture."),),
        ("guessing: 10 %", 0.1),
    ),
    _task(
        "moved", "Moved digits", "capsules", "moved.digits",
        "The same digits, none of them in the middle. Moving and turning can also be done anew in each step.",
        Target("test_accuracy", 0.92, seconds=15),
        ("capsule_lengths", "capsule_turned", "routing", "maps", "confusion", "embedding"),
        ("inspect", "saliency", "capsule_lengths", *INSIDE, "excites"),
        (DISTANCE, TURN),
        ("guessing: 10 %", 0.1),
    ),
    _task(
        "overlapping", "Two overlapping digits", "capsule_pairs", "moved.overlapping",
        "Two digits on top of each other, other pairs in each step. Both capsules are to be long, both are redrawn.",
        Target("test_accuracy", 0.5, seconds=20),
        ("two_digits", "capsule_lengths", "routing", "capsule_dimensions"),
        ("two_digits", "capsule_lengths", "routing", "capsule_dimensions"),
        (DISTANCE,),
        ("guessing two digits: 2 %", 0.022),
        body=(),
        metrics=(*METRICS[:2], *FOUND, *METRICS[2:]),
    ),
)  # fmt: skip

CARD = Card(
    key="capsnet",
    title="CapsNet",
    family=Family.CONVOLUTIONAL,
    order=17,
    lead="Neurons in small groups say not only that a thing is there, but how it lies, and vote on what it is part of.",
    paper=PAPER,
    variants=(
        _variant(True, False, 8_215_568, 202_280_960, 0.25),
        _variant(True, True, 8_215_728, 202_280_960),
        _variant(False, False, 6_804_224, 200_871_936, 0.35),
        _variant(False, True, 6_804_384, 200_871_936),
    ),
    knobs=(
        Knob(
            "routing_iterations", "routing", 3, 1, 10, 1,
            help="Turns of the routing loop in every forward pass; the paper uses 3. It adds no parameter.",
        ),
        Knob(
            "primary_channels", "primary channels", 32, 1, 64, 1,
            help="Kinds of primary capsules, each on 6 × 6 places; for CIFAR-10 the paper takes 64.",
        ),
        Knob("digit_dimensions", "digit capsule", 16, 2, 64, 1, help="Numbers in each digit capsule's vector."),
        Knob(
            "image_size", "image", 28, 17, 64, 1,
            help="Side of the picture in pixels; 36 for the overlapping digits of sec. 6.",
        ),
        Knob("unrolled", "unrolled", False, help="Draw every turn of the routing instead of one with a loop."),
    ),
    tasks=TASKS,
    lesson=LESSON,
    experiments=EXPERIMENTS,
    ancestors=(Ancestor("cnn", "convolutions below, which find the same part at every place"),),
    face="capsnet-mnist",
)  # fmt: skip
