"""The perceptron's card."""

from explorer import dials
from explorer.architectures.perceptron.experiments import EXPERIMENTS
from explorer.architectures.perceptron.lesson import LESSON
from explorer.spec import Card, Family, Hyper, Knob, Metric, Published, Reference, Scale, Sense, Target, Task, Variant

PAPER = Reference(
    "The Perceptron: A Probabilistic Model for Information Storage and Organization in the Brain",
    "Rosenblatt",
    1958,
    "Psychological Review 65(6), 386–408",
    "doi:10.1037/h0042519",
)
MARK_I = Published(
    text="20 × 20 light cells, 512 association units, 8 response units",
    source="the Mark I machine of 1960, not the paper of 1958",
    why="The machine had random fixed wires before the part that learns. Here is only that part: n weights and a bias.",
)

RATE = Hyper(
    "learning_rate",
    "learning rate",
    0.1,
    0.001,
    10.0,
    scale=Scale.LOG,
    help="Rosenblatt's rule only scales the weights with it: the line goes the same way. Gradient descent does care.",
)
BIAS = Knob("bias", "bias", True, help="Without a bias the line must pass through the origin.")
METRICS = (
    Metric("accuracy", "Rosenblatt's rule", percent=True),
    Metric("accuracy_sigmoid", "sigmoid, gradient descent", percent=True),
    Metric("loss", "loss of the sigmoid neuron (cross-entropy)", higher_is_better=False),
)


def _gate(key: str, title: str, lead: str, targets: tuple[Target, ...]) -> Task:
    return Task(
        key=key,
        title=title,
        kind="binary",
        dataset=f"logic.{key}",
        lead=lead,
        hypers=(RATE,),
        metrics=METRICS,
        lenses=("line",),
        inside=("point",),
        knobs=(BIAS,),
        pace=20,
        targets=targets,
    )


EXACT = (Target("test_accuracy", 1.0, seconds=1),)
CLOUDS = Task(
    key="clouds",
    title="Two clouds",
    kind="binary",
    dataset="plane.clouds",
    lead="Two clouds of points, and a line that must pass between them.",
    hypers=(RATE, dials.noise(0.2, 1.0)),
    metrics=METRICS,
    lenses=("line",),
    inside=("point",),
    knobs=(BIAS,),
    pace=30,
    data_knobs=(Knob("points", "points", 200, 20, 2000, 20),),
    targets=(Target("test_accuracy", 0.95, seconds=1),),
)
DIGITS = Task(
    key="digits01",
    title="Zero or one (MNIST)",
    kind="binary",
    dataset="images.zero_or_one",
    lead="784 pixels, 784 weights, one sum: is it a one?",
    hypers=(Hyper("learning_rate", "learning rate", 0.01, 0.0001, 1.0, scale=Scale.LOG, help=RATE.help),),
    metrics=METRICS,
    lenses=("line",),
    inside=("point",),
    knobs=(BIAS,),
    pace=100,
    targets=(Target("test_accuracy", 0.98, seconds=3),),
)

CARD = Card(
    key="perceptron",
    title="Perceptron",
    family=Family.STANDARD,
    order=0,
    lead="One weighted sum and one threshold: a line that moves each time it is wrong.",
    paper=PAPER,
    variants=(
        Variant(
            "perceptron-2",
            "2 → 1",
            (2,),
            parameters=3,
            macs=2,
            settings={"inputs": 2, "outputs": 1},
            published=MARK_I,
            note="Two weights and a bias: a line in the plane.",
        ),
        Variant(
            "perceptron-784-1",
            "784 → 1",
            (784,),
            parameters=785,
            macs=784,
            settings={"inputs": 784, "outputs": 1},
            note="One weight a pixel: the weights are a picture.",
        ),
        Variant(
            "perceptron-784-10",
            "784 → 10",
            (784,),
            parameters=7850,
            macs=7840,
            settings={"inputs": 784, "outputs": 10},
            note="Ten neurons beside each other, one for each digit: still one layer.",
        ),
    ),
    knobs=(
        Knob("inputs", "inputs", 2, 1, 4096, 1, help="Each input brings one weight."),
        Knob(
            "outputs",
            "outputs",
            1,
            1,
            1000,
            1,
            help="Each output is a neuron of its own, with its own weights and bias.",
        ),
        BIAS,
    ),
    tasks=(
        _gate("and", "AND", "Four corners, one line: only where both inputs are on shall it fire.", EXACT),
        _gate("or", "OR", "Four corners, one line: fire where any input is on.", EXACT),
        _gate("nand", "NAND", "Four corners, one line: fire unless both inputs are on.", EXACT),
        _gate(
            "xor",
            "XOR",
            "Fire where exactly one input is on. Watch the line try: no line can have all four corners right.",
            (
                Target(
                    "accuracy",
                    0.75,
                    seconds=2,
                    sense=Sense.AT_MOST,
                    note="three corners of four is the most a line can do",
                ),
            ),
        ),
        CLOUDS,
        DIGITS,
    ),
    lesson=LESSON,
    experiments=EXPERIMENTS,
)
