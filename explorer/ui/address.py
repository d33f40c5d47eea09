"""What a page's address holds: every view of an architecture, with all that it shows, is a link.

Pure: no Streamlit. `read` never fails; what it cannot use becomes a note that names the nearest right name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from explorer.runspec import clamp, shown
from explorer.spec import Card, Knob, Settings, Value, nearest

LONGEST = 200  # characters of any one part of an address
RUN_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


class View(StrEnum):
    STRUCTURE = "structure"
    TRAIN = "train"
    INSIDE = "inside"
    LEARN = "learn"


@dataclass(frozen=True)
class Address:
    """One view of one architecture. `variant` and `task` are always names the card has; the rest may be empty."""

    view: View = View.STRUCTURE
    variant: str = ""
    task: str = ""
    run: str = ""  # id of a run
    experiment: str = ""  # empty: the card's first
    node: str = ""  # selected node or block of the graph
    channel: int = -1  # selected channel of that node, -1 none
    step: int = -1  # step of the lesson, -1 the first
    seed: int = 0
    knobs: Settings = field(default_factory=dict)  # paper-scale knobs that differ from the variant's
    small: Settings = field(default_factory=dict)  # structural knobs of the task that differ from their defaults
    hypers: Settings = field(default_factory=dict)  # initial hyperparameters that differ from their defaults
    data: Settings = field(default_factory=dict)  # data knobs that differ from their defaults


PREFIXES = {"knobs": "k.", "small": "n.", "hypers": "h.", "data": "d."}


def read(card: Card, params: Mapping[str, str]) -> tuple[Address, tuple[str, ...]]:
    """Return the address that the query parameters mean, and a sentence for each part that could not be used."""
    notes: list[str] = []
    short = {key: str(value)[:LONGEST] for key, value in params.items()}
    view = _one_of(short.get("view", ""), [view.value for view in View], "view", View.STRUCTURE.value, notes)
    variants = [variant.id for variant in card.variants]
    variant = _one_of(short.get("variant", ""), variants, f"variant of {card.title}", card.usual.id, notes)
    tasks = [task.key for task in card.tasks]
    task = _one_of(short.get("task", ""), tasks, f"task of {card.title}", tasks[0] if tasks else "", notes)
    experiments = [each.key for each in card.experiments]
    experiment = _one_of(short.get("experiment", ""), experiments, f"experiment of {card.title}", "", notes)
    given = {name: _with_prefix(short, prefix) for name, prefix in PREFIXES.items()}
    knobs = _knobs(card, variant)
    chosen = card.task(task) if task else None
    return Address(
        view=View(view),
        variant=variant,
        task=task,
        run=_run(short.get("run", ""), notes),
        experiment=experiment,
        node=short.get("node", ""),
        channel=_whole(short.get("channel", ""), -1, "channel", notes),
        step=_whole(short.get("step", ""), -1, "step", notes),
        seed=_whole(short.get("seed", ""), 0, "seed", notes),
        knobs=_settings(knobs, given["knobs"], dict(card.variant(variant).settings), notes),
        small=_settings(chosen.knobs if chosen else (), given["small"], {}, notes),
        hypers=_settings(chosen.hypers if chosen else (), given["hypers"], {}, notes),
        data=_settings(chosen.data_knobs if chosen else (), given["data"], {}, notes),
    ), tuple(notes)


def write(card: Card, address: Address) -> dict[str, str]:
    """Return the query parameters of an address; what is as it would be anyway is left out."""
    first_task = card.tasks[0].key if card.tasks else ""
    parts = {
        "view": "" if address.view is View.STRUCTURE else address.view.value,
        "variant": "" if address.variant == card.usual.id else address.variant,
        "task": "" if address.task == first_task else address.task,
        "run": address.run,
        "experiment": address.experiment,
        "node": address.node,
        "channel": str(address.channel) if address.channel >= 0 else "",
        "step": str(address.step) if address.step >= 0 else "",
        "seed": str(address.seed) if address.seed else "",
    }
    for group, prefix in PREFIXES.items():
        settings, usual = getattr(address, group), _usual(card, address, group)
        parts |= {prefix + name: shown(value) for name, value in sorted(settings.items()) if value != usual.get(name)}
    return {name: value for name, value in parts.items() if value}


def _usual(card: Card, address: Address, group: str) -> dict[str, Value]:
    """Return the values that a group of settings has where nothing is chosen."""
    if group == "knobs":
        own = dict(card.variant(address.variant).settings)
        return {knob.name: own.get(knob.name, knob.default) for knob in _knobs(card, address.variant)}
    if not address.task:
        return {}
    task = card.task(address.task)
    allowed = {"small": task.knobs, "hypers": task.hypers, "data": task.data_knobs}[group]
    return {knob.name: knob.default for knob in allowed}


def _knobs(card: Card, variant: str) -> tuple[Knob, ...]:
    return tuple(knob for knob in card.knobs if not knob.variants or variant in knob.variants)


def _with_prefix(params: Mapping[str, str], prefix: str) -> dict[str, Value]:
    return {key[len(prefix) :]: value for key, value in params.items() if key.startswith(prefix)}


def _settings(allowed: Sequence[Knob], given: Settings, usual: Settings, notes: list[str]) -> dict[str, Value]:
    values, said = clamp(allowed, given)
    notes.extend(said)
    normal = {knob.name: usual.get(knob.name, knob.default) for knob in allowed}
    return {name: value for name, value in values.items() if value != normal[name]}


def _one_of(asked: str, known: Sequence[str], what: str, otherwise: str, notes: list[str]) -> str:
    if not asked or asked in known:
        return asked or otherwise
    used = f" Here is {otherwise}." if otherwise else ""
    notes.append(f"No {what} is called '{asked}'; {nearest(asked, known)}{used}")
    return otherwise


def _run(asked: str, notes: list[str]) -> str:
    if len(asked) <= 80 and set(asked) <= RUN_CHARACTERS:
        return asked
    notes.append(f"'{asked[:40]}' is not the name of a run; check that the whole link was copied.")
    return ""


def _whole(text: str, otherwise: int, what: str, notes: list[str]) -> int:
    if not text:
        return otherwise
    if text.isascii() and text.isdigit() and len(text) <= 9:
        return int(text)
    notes.append(f"{what} = {text[:40]} is not a whole number from 0 to 999999999.")
    return otherwise
