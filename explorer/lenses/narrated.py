"""One step of training told in order, with its numbers."""

from __future__ import annotations

from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._game import Playing, Told, playing, shown
from explorer.lenses._sheet import Numbers, Part, Tiles, Words, sheet
from explorer.training.trainer import Trainer

SHOWN = 10
STORY = (
    "1. Only G works here. ",
    "2. D sees real ones and those just made, and says how likely each is to be real. ",
    "3. D's weights move so that V rises: real ones up, made ones down. ",
    "4. The gradient goes on from D's answer into the examples, and through them into G's weights.",
)


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the step that comes next, tried out on copies of both nets."""
    game = playing(trainer, "narrated")
    return sheet(
        Words(f"After step {game.steps_done:,}", STORY, note="the next step, on a batch of its own"),
        *(part for told in game.told() for part in _parts(game, told)),
        caption="A step in order. It is done on copies: training goes on as if nobody had asked.",
    )


def _parts(game: Playing, told: Told) -> list[Part]:
    if not game.pictures or told.examples is None:
        return [Numbers(told.figures, told.title)]
    return [Tiles(told.title, shown(told.examples[:SHOWN]), columns=SHOWN, side=44), Numbers(told.figures)]
