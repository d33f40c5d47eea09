"""What the network writes, kept at some steps on the way: noise, then words, then almost sentences.

Samples are kept for as long as the run is in memory, of those steps at which someone looked.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option
from explorer.lenses._sheet import Slider, Words, sheet
from explorer.lenses._writing import Manner, Writer, writer
from explorer.training.trainer import Trainer

BEGIN = "It was "
CHARACTERS = 120  # about as many are written
SEED = 1  # the same luck at every step
KEPT = (0, 10, 30, 100, 200, 400, 800, 1600, 3200, 6400, 12_800)  # at or soon after these steps
TENTHS = [f"{n / 10:.1f}" for n in range(1, 16)]
PATIENCE = 30  # times the cost of a sample that the newest one is good for
clock = time.monotonic
Text = tuple[tuple[str, float], ...]  # pieces, and the share at which each was drawn


@dataclass
class Shelf:
    kept: dict[int, Text] = field(default_factory=dict)  # by step
    newest: tuple[int, Text] = (-1, ())
    until: float = 0.0


_shelves: WeakKeyDictionary[Trainer, dict[int, Shelf]] = WeakKeyDictionary()


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at what is written now and was written before; option `temperature` in tenths."""
    writes = writer(trainer, "kept_samples")
    temperature = int_option(request, "temperature", 8, 1, 15)
    shelf = _shelves.setdefault(trainer, {}).setdefault(temperature, Shelf())
    step = int(trainer.extra_state()["steps"])
    _renew(shelf, writes, step, temperature / 10)
    shown = sorted({**shelf.kept, shelf.newest[0]: shelf.newest[1]}.items())
    return sheet(
        *(_written(at, text) for at, text in shown),
        caption=(
            "The same beginning and the same luck at every step. What changes is only the network: first how often "
            "letters occur, then words, then who says what to whom. Earlier texts are kept while you watch."
        ),
        controls=(Slider("temperature", "Temperature", temperature, 1, 15, 1, TENTHS),),
    )  # fmt: skip


def _renew(shelf: Shelf, writes: Writer, step: int, temperature: float) -> None:
    """Write anew if the network has moved on for long enough; forget what lies ahead after a rewind."""
    shelf.kept = {at: text for at, text in shelf.kept.items() if at <= step}
    newest = shelf.newest[0]
    due = step != newest and (clock() >= shelf.until or step < newest or _milestone(step) > _milestone(newest))
    if not due:
        return
    begin = clock()
    tokens = writes.encode(BEGIN)
    count = round(CHARACTERS / float(writes.text.lengths[writes.text.train_inputs[:200]].mean()))
    written = writes.written(tokens, count, Manner(temperature), SEED)
    text = tuple((writes.text.classes[token], share) for token, share in written)
    if newest < 0 or _milestone(step) > _milestone(newest):
        shelf.kept[step] = text
    shelf.newest = (step, text)
    shelf.until = clock() + PATIENCE * (clock() - begin)


def _milestone(step: int) -> int:
    """Return how many of the steps in KEPT have been reached."""
    return sum(step >= each for each in KEPT)


def _written(step: int, text: Text) -> Words:
    pieces, shares = [BEGIN, *(piece for piece, _ in text)], [0.0, *(share * share / 2 for _, share in text)]
    return Words(f"Step {step:,}", pieces, shares, [], "stronger colour: it was surer", code=True)
