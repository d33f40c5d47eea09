"""The long short-term memory's card."""

from explorer.architectures.lstm.experiments import EXPERIMENTS
from explorer.architectures.lstm.lesson import LESSON
from explorer.architectures.rnn.tasks import Maker, Recipe, at_most
from explorer.spec import Ancestor, Card, Family, Knob, Reference, Target, Variant

PAPER = Reference(
    "Long Short-Term Memory",
    "Hochreiter and Schmidhuber",
    1997,
    "Neural Computation 9(8), 1735–1780",
    "doi:10.1162/neco.1997.9.8.1735",
)
ROWS = "lstm-28-128-10"
SIZES = {"inputs": 128, "hidden_size": 256}


def _layer(id: str, form: str, short: str, parameters: int, step: int, note: str) -> Variant:
    return Variant(
        id,
        f"Layer 128 → 256, {short}",
        (8, 128),
        parameters,
        {"form": form, **SIZES},
        macs=8 * step,
        short=short,
        group="Layer 128 → 256",
        note=f"{note} One step costs {step:,} multiply–adds; eight are drawn.",
    )


MAKER = Maker(
    knobs=(
        Knob(
            "cell", "recurrent layer", "lstm", choices=("lstm", "plain"),
            help="plain: a tanh layer without gates, about as many parameters, for comparison.",
        ),
        Knob(
            "forget_bias", "bias of the forget gates", 1.0, -3.0, 5.0, 0.5,
            help="Before training. 1: gates begin more open than shut, at 0.73; 0: at one half.",
        ),
        Knob(
            "start", "recurrent matrices", "usual", choices=("usual", "orthogonal"),
            help="How they are drawn: each number even between ±1/√hidden, as torch does, or as rotations.",
        ),
    ),
    lenses=("gates",),
    recipes={
        "characters": Recipe(6e-3, 128, (at_most("test_loss", 1.65, 15),), decay_steps=1200),
        "adding": Recipe(1e-2, 32, (at_most("test_loss", 0.001, 15),), knobs={"forget_bias": 0.0}),
        "copying": Recipe(3e-3, 64, (Target("test_accuracy", 0.95, 5),)),
        "sines": Recipe(1e-2, 24, batch=16, decay_steps=1200),
        "sunspots": Recipe(5e-3, 16, batch=16),
    },
)  # fmt: skip
TASKS = (
    MAKER.characters(
        "Reads two novels by Jane Austen letter by letter, guesses each next one, and writes on by itself."
    ),
    MAKER.adding("Two of a hundred numbers are marked; after the last step it is to say their sum."),
    MAKER.copying("Three letters come, then nothing for a while, and then it is to say them again, in order."),
    MAKER.sines("Tells the next value of two sines under noise; fed with its own answers, it goes on alone."),
    MAKER.sunspots("Tells next year's sunspots from all years before."),
)

CARD = Card(
    key="lstm",
    title="LSTM",
    family=Family.RECURRENT,
    order=5,
    lead="A memory that is added to rather than overwritten, with gates that decide what goes in, stays and shows.",
    paper=PAPER,
    face="lstm-textbook-128-256",
    variants=(
        _layer(
            "lstm-torch-128-256", "torch", "torch", 395_264, 393_216,
            "What nn.LSTM(128, 256) computes: every one of its eight matrices has a bias.",
        ),
        _layer(
            "lstm-textbook-128-256", "textbook", "textbook", 394_240, 393_216,
            "One bias for each gate and for the candidate, as in the equations and in Keras.",
        ),
        _layer(
            "lstm-1997-noforget-128-256", "1997", "1997", 295_680, 294_912,
            "As first published, with blocks of one cell: no forget gate, so a quarter less. The paper also lets gates "
            "read one another; here, as is usual, they read the input and the cells' outputs.",
        ),
        _layer(
            "lstm-peephole-128-256", "peephole", "peephole", 395_008, 393_216,
            "Each of the three gates also sees its own cell's state through one weight: 768 numbers more. Products "
            "number by number are not counted as multiply–adds.",
        ),
        Variant(
            ROWS,
            "A picture row by row, 28-128-10",
            (28, 28),
            parameters=82_186,
            macs=2_237_696,
            settings={
                "form": "torch", "inputs": 28, "hidden_size": 128, "outputs": 10, "steps": 28,
                "answers": "after the last step",
            },
            short="28-128-10",
            group="Digits by rows",
            note=(
                "A 28 × 28 digit is read from top to bottom, a row at a step, and named after the last. A step costs "
                "79,872 multiply–adds, the answer 1,280 more."
            ),
        ),
    ),
    knobs=(
        Knob("inputs", "inputs", 128, 1, 1024, 1, help="Numbers that come in at each step."),
        Knob("hidden_size", "cells", 256, 1, 2048, 1, help="Numbers in the memory; as many are shown to the outside."),
        Knob("outputs", "outputs", 10, 1, 1024, 1, variants=(ROWS,)),
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
            help="Draws each step beside the last, with the same weights, so that the path of the memory can be seen.",
        ),
    ),
    lesson=LESSON,
    tasks=TASKS,
    experiments=EXPERIMENTS,
    ancestors=(Ancestor("rnn", "a layer that reads its own last state, now with a memory that gates protect"),),
)  # fmt: skip
