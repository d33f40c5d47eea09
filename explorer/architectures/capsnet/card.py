"""CapsNet's card."""

from explorer.architectures.capsnet.lesson import LESSON
from explorer.spec import Ancestor, Benchmark, Card, Family, Knob, Link, Published, Reference, Result, Variant

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
    lesson=LESSON,
    ancestors=(Ancestor("cnn", "convolutions below, which find the same part at every place"),),
    face="capsnet-mnist",
)  # fmt: skip
