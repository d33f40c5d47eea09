"""Made-up tests of memory: what one held-out sequence asks, what is answered, and how often rightly."""

from __future__ import annotations

import numpy as np
import torch

from explorer.data.memory import BLANK, NOT_ASKED, Endless
from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option, supervised
from explorer.lenses._sheet import Bars, Colours, Line, Lines, Numbers, Slider, Words, sheet
from explorer.spec import SpecError
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

JUDGED = 100  # held-out sequences


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the held-out sequence that the option `index` names, and at the first hundred together."""
    trainer = supervised(trainer, "recall")
    if not isinstance(trainer.dataset, Endless):
        raise SpecError(f"the lens 'recall' needs a test of memory; {trainer.task.key} is none")
    inputs, targets = (each[:JUDGED] for each in trainer.test)
    index = int_option(request, "index", 0, 0, len(targets) - 1)
    with evaluating(trainer.model):
        answers = trainer.model(inputs)
    control = Slider("index", "Held-out sequence", index, 0, len(targets) - 1)
    if inputs.dim() == 2:
        return _copies(trainer, inputs.cpu().numpy(), targets.cpu().numpy(), answers, index, control)
    return _sums(inputs.cpu().numpy(), targets.cpu().numpy(), answers[:, :, 0].cpu().numpy(), index, control)


def _sums(inputs: np.ndarray, targets: np.ndarray, answers: np.ndarray, index: int, control: Slider) -> Frame:
    """Answers (N, T): the last counts; the others show when the network takes a number in."""
    order = np.argsort(targets)
    marked = np.flatnonzero(inputs[index, :, 1])
    return sheet(
        Lines(
            "Answers to a hundred sequences",
            (Line("true sum", targets[order], dashed=True), Line("answer", answers[order, -1])),
            x_title="sequences, by their sum", low=0.0, high=2.0, levels=(("always 1", 1.0),),
        ),
        Lines(
            "One sequence, answered at every step", (Line("answer so far", answers[index]),), x_title="step",
            low=-0.2, high=2.2, levels=((f"true sum {targets[index]:.2f}", float(targets[index])),),
            note="only the last is judged",
        ),
        Numbers([(f"marked at step {t}", f"{inputs[index, t, 0]:.2f}", "") for t in marked]),
        caption=(
            "Who remembers nothing does best by always answering 1, which costs 1/6. As the network learns to keep a "
            "marked number, the flat line turns into the diagonal."
        ),
        controls=(control,),
    )  # fmt: skip


def _copies(
    trainer: SupervisedTrainer,
    inputs: np.ndarray,
    targets: np.ndarray,
    logits: torch.Tensor,
    index: int,
    control: Slider,
) -> Frame:
    names = trainer.dataset.classes
    asked = targets[index] != NOT_ASKED
    said, sure = logits.argmax(-1).cpu().numpy(), logits.softmax(-1).amax(-1)[index].tolist()
    right = (said == targets)[:, asked].mean(0)
    came = [names[token] for token in inputs[index]]
    answer = [names[token] if ask else BLANK for token, ask in zip(said[index], asked, strict=True)]
    hits = [
        0.0 if not ask else 1.0 if hit else -1.0 for ask, hit in zip(asked, said[index] == targets[index], strict=True)
    ]
    tips = [f"sure by {each:.0%}" if ask else "" for each, ask in zip(sure, asked, strict=True)]
    return sheet(
        Words("What comes", came, note="the question mark asks", code=True),
        Words("What it answers", answer, hits, tips, "blue: right, amber: wrong", Colours.SIGNED, code=True),
        Bars("Right, by place", [f"letter {n + 1}" for n in range(len(right))], right.tolist(), shares=True, most=1.0),
        caption="Guessing gets one in eight. The letter that is asked first is held as long as all the others.",
        controls=(control,),
    )  # fmt: skip
