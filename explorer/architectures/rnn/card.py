"""The simple recurrent network's card."""

from explorer.architectures.rnn.experiments import EXPERIMENTS
from explorer.architectures.rnn.lesson import LESSON
from explorer.architectures.rnn.tasks import Maker, Recipe, at_most
from explorer.spec import Ancestor, Card, Family, Knob, Published, Reference, Target, Variant

PAPER = Reference(
    "Finding Structure in Time",
    "Elman",
    1990,
    "Cognitive Science 14(2), 179–211",
    "doi:10.1207/s15516709cog1402_1",
)
ELMAN = ("rnn-elman-xor", "rnn-elman-letters", "rnn-elman-words")
LAYERS = ("rnn-torch-128-256", "rnn-textbook-128-256")
ROWS = "rnn-28-128-10"


def _elman(
    id: str, title: str, sizes: tuple[int, int, int], steps: int, parameters: int, macs: int, place: str, note: str
) -> Variant:
    inputs, hidden_size, outputs = sizes
    return Variant(
        id,
        title,
        (steps, inputs),
        parameters,
        {
            "form": "elman", "inputs": inputs, "hidden_size": hidden_size, "outputs": outputs, "steps": steps,
            "activation": "sigmoid",
        },
        macs=macs,
        published=Published(
            f"{inputs} input, {hidden_size} hidden, {outputs} output and {hidden_size} context units",
            f"{place}; no count is printed",
        ),
        short=title.removeprefix("Elman, "),
        group="Elman 1990",
        note=note,
    )  # fmt: skip


MAKER = Maker(
    knobs=(
        Knob(
            "activation", "activation", "tanh", choices=("tanh", "relu", "none"),
            help="none: the layer is linear, and what it does to a gradient is the power of one matrix.",
        ),
        Knob(
            "start", "recurrent matrix", "orthogonal", choices=("orthogonal", "identity", "gaussian"),
            help="How it is drawn before training.",
        ),
        Knob(
            "gain", "its largest singular value", 1.0, 0.1, 4.0, 0.1,
            help="The matrix stretches no direction by more than this, before training.",
        ),
    ),
    lenses=(),
    recipes={
        "characters": Recipe(3e-3, 128, (at_most("test_loss", 1.65, 15),), decay_steps=1400),
        "sines": Recipe(
            1e-2, 32, (at_most("test_nrmse", 0.09, 5), at_most("test_nrmse_free", 0.12, 5)), batch=16, decay_steps=1200
        ),
        "sunspots": Recipe(5e-3, 16, (at_most("test_nrmse", 0.42, 3),), batch=16),
        "adding": Recipe(1e-3, 64),
        "copying": Recipe(1e-3, 64, (Target("test_accuracy", 0.95, 5),)),
    },
)  # fmt: skip
TASKS = (
    MAKER.characters(
        "Reads two novels by Jane Austen letter by letter and guesses each next one, from its state alone."
    ),
    MAKER.sines("Tells the next value of two sines under noise; fed with its own answers, it goes on alone."),
    MAKER.sunspots("Tells next year's sunspots from all years before."),
    MAKER.adding("Two of a hundred numbers are marked; after the last step it is to say their sum."),
    MAKER.copying("Three letters come, then nothing for a while, and then it is to say them again, in order."),
)

CARD = Card(
    key="rnn",
    title="RNN",
    family=Family.RECURRENT,
    order=4,
    lead="One layer that reads its own last answer beside each new input: a network with a before.",
    paper=PAPER,
    face="rnn-elman-letters",
    variants=(
        _elman(
            "rnn-elman-xor", "Elman, XOR in time", (1, 2, 1), 9, 11, 72, "section Exclusive-OR",
            "Bits come one at a time, every third the exclusive or of the two before it. One step costs 8 "
            "multiply–adds; three triples are drawn.",
        ),
        _elman(
            "rnn-elman-letters", "Elman, letters", (6, 20, 6), 9, 666, 5_760, "section Structure in Letter Sequences",
            "Six features stand for a letter. Consonants come at random, and each fixes which vowel follows and how "
            "often: ba, dii, guuu. One step costs 640 multiply–adds; nine letters are drawn.",
        ),
        _elman(
            "rnn-elman-words", "Elman, words", (31, 150, 31), 8, 31_981, 254_400,
            "section Discovering Lexical Classes from Word Order",
            "One input for each word, none of which says what the word means; predicting the next word sorts them into "
            "nouns and verbs. One step costs 31,800 multiply–adds; eight words are drawn.",
        ),
        Variant(
            "rnn-torch-128-256",
            "Layer 128 → 256, torch",
            (8, 128),
            parameters=98_816,
            macs=786_432,
            settings={"form": "torch", "inputs": 128, "hidden_size": 256},
            short="torch",
            group="Layer 128 → 256",
            note="What nn.RNN(128, 256) computes, with its two biases. One step costs 98,304 multiply–adds.",
        ),
        Variant(
            "rnn-textbook-128-256",
            "Layer 128 → 256, textbook",
            (8, 128),
            parameters=98_560,
            macs=786_432,
            settings={"form": "textbook", "inputs": 128, "hidden_size": 256},
            short="textbook",
            group="Layer 128 → 256",
            note="One bias, as in the equation: 256 numbers less, the same functions. One step: 98,304 multiply–adds.",
        ),
        Variant(
            ROWS,
            "A picture row by row, 28-128-10",
            (28, 28),
            parameters=21_514,
            macs=560_384,
            settings={
                "form": "torch", "inputs": 28, "hidden_size": 128, "outputs": 10, "steps": 28,
                "answers": "after the last step",
            },
            short="28-128-10",
            group="Digits by rows",
            note=(
                "A 28 × 28 digit is read from top to bottom, a row at a step, and named after the last. A step costs "
                "19,968 multiply–adds, the answer 1,280 more."
            ),
        ),
    ),
    knobs=(
        Knob("inputs", "inputs", 128, 1, 1024, 1, help="Numbers that come in at each step."),
        Knob("hidden_size", "hidden units", 256, 1, 2048, 1, help="How many numbers are carried to the next step."),
        Knob("outputs", "outputs", 10, 1, 1024, 1, variants=(*ELMAN, ROWS)),
        Knob(
            "activation", "activation", "tanh", choices=("tanh", "sigmoid", "relu"),
            help="Elman's units are logistic, between 0 and 1; libraries take tanh unless told otherwise.",
        ),
        Knob(
            "answers", "answers", "at every step", choices=("at every step", "after the last step"), variants=(ROWS,),
            help="Whether the read-out runs at each step or once, on the last state.",
        ),
        Knob(
            "steps", "steps", 8, 1, 128, 1,
            help="Length of the sequence: it costs work, and not one parameter.",
        ),
        Knob(
            "unrolled", "every step apart", False,
            help="Draws each step beside the last, with the same weights, as backpropagation through time sees it.",
        ),
    ),
    lesson=LESSON,
    tasks=TASKS,
    experiments=EXPERIMENTS,
    ancestors=(Ancestor("feed_forward", "layers trained by backpropagation, here fed with their own last state"),),
)  # fmt: skip
