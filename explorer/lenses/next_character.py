"""What comes next after a text, how surprising its characters were, and how the network goes on by itself."""

from __future__ import annotations

import torch
from torch import Tensor

from explorer.data import characters
from explorer.engine.messages import Frame, LensRequest
from explorer.lenses._looking import int_option
from explorer.lenses._sequence import Reading, State, Stepwise, followed, reading, reads_text, stepwise, with_remark
from explorer.lenses._sheet import Bars, Slider, Words, sheet
from explorer.lenses.hidden_states import written
from explorer.spec import SpecError
from explorer.training.randomness import generator
from explorer.training.supervised import SupervisedTrainer, evaluating
from explorer.training.trainer import Trainer

BEST, WRITTEN, MOST = 8, 240, 400  # bars; characters that the network writes; characters of a visitor's text
LOUD = 5.0  # nats at which a tint is full


def look(trainer: Trainer, request: LensRequest) -> Frame:
    """Look at the option `text`; `temperature` in tenths and the number of the `sample` are for what it writes."""
    trainer, network = stepwise(trainer, "next_character")
    if not reads_text(trainer):
        raise SpecError(
            f"the lens 'next_character' needs a network that reads text; this one learns {trainer.task.key}"
        )
    read = reading(trainer, request, MOST)
    temperature = int_option(request, "temperature", 8, 1, 20)
    sample = int_option(request, "sample", 1, 1, 20)
    states = followed(trainer, network, read.inputs)
    with evaluating(trainer.model):
        logits = network.output(torch.cat([state[0] for state in states]))  # T K
        text, sure = _continued(trainer, network, states[-1], temperature / 10, sample)
    return sheet(
        _next(logits[-1]),
        _surprise(read, logits),
        Words("It writes on", list(text), sure, note="the stronger the colour, the surer it was", code=True),
        caption=with_remark(
            "The text is one long chain of guesses. Each is drawn from the bars for all that came before; "
            "the temperature sharpens them below 1 and flattens them above.", read,
        ),
        controls=(
            *read.controls,
            Slider("temperature", "Temperature", temperature, 1, 20, 1, [f"{n / 10:.1f}" for n in range(1, 21)]),
            Slider("sample", "Another try", sample, 1, 20),
        ),
    )  # fmt: skip


def _next(logits: Tensor) -> Bars:
    best = logits.softmax(0).topk(BEST)
    names = [characters.shown(characters.CHARACTERS[int(place)]) for place in best.indices]
    return Bars("Next character", names, best.values.tolist(), shares=True, most=1.0)


def _surprise(read: Reading, logits: Tensor) -> Words:
    """Tint each character of the text by what it cost: −ln of the probability that the network gave it."""
    costs = torch.nn.functional.cross_entropy(logits[:-1], read.inputs[0, 1:], reduction="none").tolist()
    guesses = [characters.shown(characters.CHARACTERS[int(place)]) for place in logits[:-1].argmax(1)]
    tips = [
        "the first: nothing came before",
        *(f"{c:.2f} nats; best guess {g}" for c, g in zip(costs, guesses, strict=True)),
    ]
    mean = f"{sum(costs) / len(costs):.2f} nats a character" if costs else "too short to be judged"
    values = [0.0, *(min(1.0, cost / LOUD) for cost in costs)]
    return Words(
        "How surprising your text is",
        written(read),
        values,
        tips,
        f"{mean}; the stronger the colour, the less foreseen",
        code=True,
    )


def _continued(
    trainer: SupervisedTrainer, network: Stepwise, state: State, temperature: float, sample: int
) -> tuple[str, list[float]]:
    """Return what the network writes from a state on, and the probability that it gave to each character."""
    chance, places, sure = generator(torch.device("cpu"), sample), [], []
    for _ in range(WRITTEN):
        probabilities = (network.output(state[0])[0].cpu() / temperature).softmax(0)
        place = int(torch.multinomial(probabilities, 1, generator=chance))
        places.append(place)
        sure.append(float(probabilities[place]))
        token = torch.tensor([[place]], device=trainer.device)
        state = network.step(network.read(token)[:, 0], state)
    return "".join(characters.CHARACTERS[place] for place in places), sure
