"""The feed-forward network's card."""

from dataclasses import replace

from explorer import dials
from explorer.architectures.feed_forward.experiments import EXPERIMENTS
from explorer.architectures.feed_forward.lesson import LESSON
from explorer.spec import Ancestor, Card, Family, Knob, Metric, Published, Reference, Settings, Target, Task, Variant

PAPER = Reference(
    "Learning representations by back-propagating errors",
    "Rumelhart, Hinton and Williams",
    1986,
    "Nature 323, 533–536",
    "doi:10.1038/323533a0",
)
LECUN = "LeCun et al. 1998, sec. III.C, lists the network 28×28-{} without a count"

ACTIVATION = Knob("activation", "activation", "tanh", choices=("tanh", "relu", "sigmoid", "none"))
PLANE_KNOBS = (
    Knob(
        "widths", "hidden layers", (8, 8, 6), 1, 512, help="Neurons in each hidden layer, first to last, such as 8-8-6."
    ),
    ACTIVATION,
    Knob("init_gain", "initial weights ×", 1.0, 0.1, 8.0, 0.1, help="Times the usual size (Glorot's; He's for ReLU)."),
    dials.optimizer("adam"),
    *dials.schedule(),
)
ACCURACY = (
    Metric("test_accuracy", "on the right side, held out", percent=True, held_out=True),
    Metric("accuracy", "on the right side, training", percent=True),
    Metric("loss", "loss (cross-entropy)", higher_is_better=False),
    Metric("test_loss", "loss, held out", held_out=True, higher_is_better=False),
)


def _plane(
    key: str,
    title: str,
    dataset: str,
    lead: str,
    widths: tuple[int, ...],
    rate: float,
    noise: float,
    target: Target,
    init_gain: float = 1.0,
) -> Task:
    defaults = {"widths": widths, "init_gain": init_gain}
    knobs = tuple(replace(knob, default=defaults.get(knob.name, knob.default)) for knob in PLANE_KNOBS)
    return Task(
        key=key,
        title=title,
        kind="binary",
        dataset=dataset,
        lead=lead,
        hypers=(
            dials.learning_rate(rate),
            dials.momentum(0.9),
            dials.batch_size(32),
            dials.weight_decay(0.0),
            dials.dropout(0.0),
            dials.noise(noise),
        ),
        metrics=ACCURACY,
        lenses=("plane",),
        inside=("point",),
        knobs=knobs,
        data_knobs=(
            Knob("points", "points", 300, 20, 2000, 20, help="To learn from; as many more are held out."),
            Knob("test_points", "held out", 300, 20, 4000, 20),
        ),
        pace=100,
        targets=(target,),
        references=(("test_accuracy", "guessing: 50 %", 0.5), ("loss", "guessing: ln 2 = 0.693", 0.6931)),
    )


MNIST = Task(
    key="mnist",
    title="Digits (MNIST)",
    kind="classification",
    dataset="images.digits",
    lead="784 pixels in a row, two hidden layers, ten answers: no idea of up, down or near.",
    hypers=(
        dials.learning_rate(0.003),
        dials.momentum(0.9),
        dials.batch_size(64),
        dials.weight_decay(0.0),
        dials.dropout(0.0),
    ),
    metrics=(
        Metric("test_accuracy", "right, held out", percent=True, held_out=True),
        Metric("accuracy", "right, training batch", percent=True),
        Metric("loss", "loss (cross-entropy)", higher_is_better=False),
        Metric("test_loss", "loss, held out", held_out=True, higher_is_better=False),
    ),
    lenses=("confusion", "embedding"),
    inside=("inspect", "saliency", "excites", "embedding"),
    knobs=(
        Knob("widths", "hidden layers", (64, 32), 1, 512, help=PLANE_KNOBS[0].help),
        Knob("activation", "activation", "relu", choices=("relu", "tanh", "sigmoid", "none")),
        *PLANE_KNOBS[2:3],
        dials.optimizer("adam"),
        *dials.schedule(),
    ),
    targets=(Target("test_accuracy", 0.93, seconds=10),),
    references=(("test_accuracy", "guessing: 10 %", 0.1), ("loss", "guessing: ln 10 = 2.303", 2.3026)),
)


OWN = Task(
    key="own",
    title="Your own points",
    kind="binary",
    dataset="own.points",
    lead="Bring a table of your own points, amber and blue, and see what border comes out.",
    hypers=(
        dials.learning_rate(0.01),
        dials.momentum(0.9),
        dials.batch_size(32),
        dials.weight_decay(0.0),
        dials.dropout(0.0),
    ),
    metrics=ACCURACY,
    lenses=("plane",),
    pace=100,
    inside=("point",),
    knobs=(Knob("widths", "hidden layers", (8, 8), 1, 512, help=PLANE_KNOBS[0].help), *PLANE_KNOBS[1:]),
    references=(("test_accuracy", "guessing: 50 %", 0.5), ("loss", "guessing: ln 2 = 0.693", 0.6931)),
)


def _variant(
    id: str, title: str, settings: Settings, parameters: int, macs: int, published: Published | None
) -> Variant:
    inputs = settings["inputs"]
    assert isinstance(inputs, int)
    return Variant(id, title, (inputs,), parameters, settings, macs=macs, published=published)


def _digits(id: str, widths: tuple[int, ...], parameters: int, macs: int) -> Variant:
    name = "-".join(str(width) for width in (*widths, 10))
    published = Published(f"28×28-{name}", LECUN.format(name))
    return _variant(id, f"784-{name}", {"inputs": 784, "widths": widths, "outputs": 10}, parameters, macs, published)


CARD = Card(
    key="feed_forward",
    title="Feed-forward network",
    family=Family.STANDARD,
    order=1,
    lead="Layers of neurons, each reading all of the layer before: lines become corners, corners become any shape.",
    paper=PAPER,
    variants=(
        _digits("mlp-784-300-100-10", (300, 100), 266_610, 266_200),
        _digits("mlp-784-300-10", (300,), 238_510, 238_200),
        _digits("mlp-784-1000-10", (1000,), 795_010, 794_000),
        _digits("mlp-784-500-150-10", (500, 150), 469_160, 468_500),
        _variant(
            "mlp-xor",
            "XOR 2-2-1",
            {"inputs": 2, "widths": (2,), "outputs": 1, "activation": "sigmoid"},
            9,
            6,
            Published(
                "two hidden units solve exclusive or",
                "Rumelhart, Hinton & Williams 1986b, in: Parallel Distributed Processing 1, ch. 8",
            ),
        ),
    ),
    knobs=(
        Knob("inputs", "inputs", 784, 1, 4096, 1),
        Knob("widths", "hidden layers", (300, 100), 1, 4096, help="Neurons in each hidden layer, such as 300-100."),
        Knob("outputs", "outputs", 10, 1, 1000, 1),
        Knob(
            "activation",
            "activation",
            "sigmoid",
            choices=("sigmoid", "tanh", "relu", "none"),
            help="The paper of 1986 uses the sigmoid; it has no parameters whichever you take.",
        ),
    ),
    tasks=(
        _plane(
            "spirals",
            "Two spirals",
            "plane.spirals",
            "Two spirals, and a line that must wind between them. No single neuron can draw it.",
            (8, 8, 6),
            0.01,
            0.1,
            Target("test_accuracy", 0.95, seconds=15),
            init_gain=2.0,  # at the usual size tanh layers start almost linear, and one seed in five stays so for long
        ),
        _plane(
            "circles",
            "A disc in a ring",
            "plane.circles",
            "Blue inside, amber around it: three lines are enough to close the ring.",
            (4, 2),
            0.03,
            0.1,
            Target("test_accuracy", 0.95, seconds=5),
        ),
        _plane(
            "moons",
            "Two moons",
            "plane.moons",
            "Two half circles that reach into each other.",
            (8, 8),
            0.01,
            0.1,
            Target("test_accuracy", 0.97, seconds=5),
        ),
        _plane(
            "xor",
            "Opposite quadrants (XOR)",
            "plane.quadrants",
            "Blue where both coordinates have the same sign: what one neuron could not do.",
            (4,),
            0.03,
            0.05,
            Target("test_accuracy", 0.95, seconds=5),
        ),
        _plane(
            "gaussians",
            "Two clouds",
            "plane.clouds",
            "Two clouds that one line can part; see what the hidden layers add.",
            (4,),
            0.01,
            0.2,
            Target("test_accuracy", 0.93, seconds=5),
        ),
        MNIST,
        OWN,
    ),
    lesson=LESSON,
    experiments=EXPERIMENTS,
    ancestors=(Ancestor("perceptron", "the neuron, with a smooth function in place of the threshold"),),
)
