"""Experiments with layers of neurons."""

from __future__ import annotations

from explorer.judging import always_above, figures, mean, percent, spread
from explorer.spec import Arm, Experiment, Measured, Outcome, Settings, Verdict

Runs = tuple[Measured, ...]
SAME_LOSS = 0.02  # nats: a thirtieth of what guessing costs
ROUNDING = 1e-3  # outputs that differ by less are the same but for the rounding of float32
CHANCE_MARGIN = 0.10  # a deep net that ends within ten points of no activation at all has learnt nothing more


def _judge_linear(measured: Runs) -> Verdict:
    shallow, deep = figures(measured, "one", "train_loss"), figures(measured, "five", "train_loss")
    right = {arm: figures(measured, arm, "test_accuracy") for arm in ("five", "bent")}
    difference = max(figures(measured, "five", "collapse_difference"))
    text = (
        f"Without activation the training loss ended at {spread(shallow, '{:.3f}')} with one hidden layer and at "
        f"{spread(deep, '{:.3f}')} with five (guessing: 0.693). Multiplied into one matrix, the five gave the same "
        f"outputs to within {difference:.1e}. Held out, five linear layers had {percent(right['five'])} right, "
        f"five with ReLU "
        f"{percent(right['bent'])}."
    )
    if difference >= ROUNDING:
        return Verdict(Outcome.FAILS, text)
    if not always_above(right["bent"], right["five"], 0.1):
        return Verdict(Outcome.OPEN, text)  # five layers that bend have to do better, or nothing was compared
    return Verdict(Outcome.HOLDS if abs(mean(shallow) - mean(deep)) < SAME_LOSS else Outcome.PARTLY, text)


def _right_linear(measured: Runs) -> int:
    gain = mean(figures(measured, "one", "train_loss")) - mean(figures(measured, "five", "train_loss"))
    return 0 if gain > SAME_LOSS else 2 if gain < -SAME_LOSS else 1


def _judge_sigmoid(measured: Runs) -> Verdict:
    sigmoid, relu = figures(measured, "sigmoid", "test_accuracy"), figures(measured, "relu", "test_accuracy")
    tanh, larger = figures(measured, "tanh", "test_accuracy"), figures(measured, "larger", "test_accuracy")
    first, last = (
        figures(measured, "sigmoid", "start_gradient_first"),
        figures(measured, "sigmoid", "start_gradient_last"),
    )
    text = (
        f"Eight sigmoid layers ended at {percent(sigmoid)}, tanh at {percent(tanh)}, ReLU at {percent(relu)}. At the "
        "start the sigmoid net's "
        f"first layer had a gradient {mean(last) / max(mean(first), 1e-30):,.0f} times smaller than its last. "
        f"The same sigmoid net with its initial weights times four: {percent(larger)}."
    )
    if not always_above(relu, sigmoid, 0.05):
        return Verdict(Outcome.OPEN if mean(relu) > mean(sigmoid) else Outcome.FAILS, text)
    return Verdict(Outcome.HOLDS if max(sigmoid) < 0.75 else Outcome.PARTLY, text)


def _right_sigmoid(measured: Runs) -> int:
    larger = mean(figures(measured, "larger", "test_accuracy"))
    sigmoid = mean(figures(measured, "sigmoid", "test_accuracy"))
    return 0 if larger < sigmoid + CHANCE_MARGIN else 1


def _judge_capacity(measured: Runs) -> Verdict:
    loss = {arm: figures(measured, arm, "test_loss") for arm in ("w2", "w8", "w64", "w512", "decay")}
    accuracy = {arm: figures(measured, arm, "test_accuracy") for arm in ("w8", "w64", "w512")}
    fits = all(value < 0.1 for value in figures(measured, "w64", "train_loss"))
    text = (
        f"Held-out loss: width 2 {spread(loss['w2'])}, 8 {spread(loss['w8'])}, 64 {spread(loss['w64'])}, 512 "
        f"{spread(loss['w512'])}; "
        f"512 with weight decay {spread(loss['decay'])}. Held-out accuracy: {percent(accuracy['w8'])}, "
        f"{percent(accuracy['w64'])} and "
        f"{percent(accuracy['w512'])} for 8, 64 and 512."
    )
    worse = always_above(loss["w64"], loss["w8"])
    loses = always_above(accuracy["w8"], accuracy["w64"])
    if fits and worse:
        return Verdict(Outcome.HOLDS if loses else Outcome.PARTLY, text)
    return Verdict(Outcome.OPEN if mean(loss["w64"]) > mean(loss["w8"]) else Outcome.FAILS, text)


def _right_capacity(measured: Runs) -> int:
    small, large = mean(figures(measured, "w8", "test_loss")), mean(figures(measured, "w64", "test_loss"))
    return 1 if large > small * 1.1 else 0 if large < small * 0.9 else 2


DEEP = (16,) * 8
SPIRALS = {"points": 600, "test_points": 1000}
MOONS = {"points": 60, "test_points": 2000}


def _deep(key: str, label: str, activation: str, rate: float, gain: float = 1.0) -> Arm:
    knobs: Settings = {
        "widths": DEEP,
        "activation": activation,
        "init_gain": gain,
        "optimizer": "adamw",
        "schedule": "linear",
        "decay_steps": 1200,
    }
    return Arm(key, label, "spirals", knobs, {"learning_rate": rate, "batch_size": 64, "noise": 0.05}, SPIRALS)


def _wide(key: str, label: str, width: int, rate: float = 0.01, decay: float = 0.0) -> Arm:
    knobs = {"widths": (width, width), "activation": "relu", "optimizer": "adamw"}
    return Arm(
        key,
        label,
        "moons",
        knobs,
        {"learning_rate": rate, "noise": 0.3, "weight_decay": decay, "batch_size": 60},
        MOONS,
    )


EXPERIMENTS = (
    Experiment(
        key="linear",
        title="Depth without bends",
        claim="Without a non-linearity, depth is worth nothing.",
        source="W₂(W₁x) = (W₂W₁)x: two linear layers are one",
        question=(
            "Five layers without activation against one. Blue where both coordinates have the same sign. What do the "
            "five reach?"
        ),
        options=("A clearly lower loss", "The same loss as one layer", "A higher loss: they are harder to train"),
        right=_right_linear,
        arms=(
            Arm("one", "none, 1 layer", "xor", {"widths": (16,), "activation": "none"}),
            Arm("five", "none, 5 layers", "xor", {"widths": (16,) * 5, "activation": "none"}),
            Arm("bent", "ReLU, 5 layers", "xor", {"widths": (16,) * 5, "activation": "relu"}),
        ),
        steps=400,
        curve="loss",
        figure="test_accuracy",
        judge=_judge_linear,
        small_print=(
            "That the layers multiply out to one matrix is algebra; the measurement only shows rounding errors.",
            "A linear net answers this task like a coin. Figures somewhat below 50 % mean nothing more than that.",
            "Depth without activation does change how training moves, only not what can be reached.",
        ),
        probe="collapse",
    ),
    Experiment(
        key="sigmoid",
        title="Sigmoid, eight layers deep",
        claim="With the usual initial weights eight sigmoid layers do not train: the gradient vanishes on its way.",
        source="the slope of a sigmoid is at most ¼; eight of them multiply",
        question="Eight layers of sigmoids learn nothing on the spirals. Is it the sigmoid that makes it impossible?",
        options=(
            "Yes: with sigmoids there is no way",
            "No: larger initial weights are enough",
        ),
        right=_right_sigmoid,
        arms=(
            _deep("sigmoid", "sigmoid", "sigmoid", 0.01),
            _deep("tanh", "tanh", "tanh", 0.003),
            _deep("relu", "ReLU", "relu", 0.01),
            _deep("larger", "sigmoid, weights × 4", "sigmoid", 0.01, 4.0),
        ),
        steps=1200,
        curve="loss",
        figure="test_accuracy",
        judge=_judge_sigmoid,
        small_print=(
            "tanh has a learning rate of 0.003, where it does better; the others 0.01. ReLU forgives a wider range.",
            "Twelve hundred steps. That ten times as many do not rescue the sigmoid net is not part of this run.",
            "Weights times four undo the slope of ¼ at the start. Normalisation layers do it by other means.",
        ),
        probe="start_gradients",
    ),
    Experiment(
        key="capacity",
        title="Too small, right, too large",
        claim="A network that is too large for its data learns it by heart and does worse on new data.",
        source="the textbook's U-shaped curve of over-fitting",
        question=(
            "Sixty points, two moons with much noise. Against 8 neurons a layer, 64 will have a held-out loss that is"
        ),
        options=("lower: more neurons draw a better border", "higher: it learns the noise by heart", "about the same"),
        right=_right_capacity,
        arms=(
            _wide("w2", "2 wide", 2),
            _wide("w8", "8 wide", 8),
            _wide("w64", "64 wide", 64),
            _wide("w512", "512 wide", 512, 0.003),
            _wide("decay", "512, decay 1", 512, 0.003, 1.0),
        ),
        steps=800,
        curve="test_loss",
        figure="test_loss",
        judge=_judge_capacity,
        small_print=(
            "The loss punishes confident mistakes; accuracy only counts them. A net may lose much in the one and "
            "little in the other.",
            "512 has a smaller learning rate than 64, so the two are not a clean pair.",
            "Stopping at the best held-out loss would beat every choice of size here: look at the lowest point of "
            "each curve.",
        ),
        probe="fit",
    ),
)
