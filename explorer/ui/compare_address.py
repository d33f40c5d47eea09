"""What the address of the Compare page holds: two to four networks, the view, and what is selected in it.

Pure: no Streamlit. `read` never fails; what it cannot use becomes a note that names the nearest right name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum

from explorer import catalog
from explorer.spec import Benchmark, Card, Variant, nearest

PLACES = ("a", "b", "c", "d")
LEAST = 2
LONGEST_LABEL = 20  # characters
LONGEST = 200  # characters of any one part of an address


class View(StrEnum):
    SIDES = "sides"
    CHART = "chart"
    SCALE = "scale"


class Arrangement(StrEnum):
    ROWS = "rows"
    COLUMNS = "columns"


class Scale(StrEnum):
    AREA = "area"
    LOGARITHM = "logarithm"


class Ladder(StrEnum):
    """Whether the squares stand among others that are known."""

    WITH = "with"
    WITHOUT = "without"


@dataclass(frozen=True)
class Choice:
    """One network of the catalog."""

    card: Card
    variant: Variant

    @property
    def id(self) -> str:
        return f"{self.card.key}/{self.variant.id}"

    @property
    def name(self) -> str:
        """The variant's title, after the card's where that alone would not say which architecture it is."""
        words = re.findall(r"[\w-]{3,}", self.card.title.lower())
        known = any(word in self.variant.title.lower() for word in words)
        return self.variant.title if known else f"{self.card.title} {self.variant.title}"

    @property
    def label(self) -> str:
        """A name for little room: the architecture's alone for what stands for it; empty if all there are are long."""
        variant, title = self.variant, self.card.title
        shorter = [f"{title} {variant.short}"] if variant.short else []
        names = [self.name, *([title] if variant.id == self.card.usual.id else shorter)]
        return next((name for name in names if len(name) <= LONGEST_LABEL), "")


@dataclass(frozen=True)
class Address:
    choices: tuple[Choice, ...]  # two to four
    view: View = View.SIDES
    arrangement: Arrangement = Arrangement.ROWS
    place: int = 0  # the network in which `node` was clicked
    node: str = ""  # node id or block path; empty: nothing
    other: int = 1  # the network that the first is told apart from
    benchmark: Benchmark | None = None
    scale: Scale = Scale.AREA
    ladder: Ladder = Ladder.WITH


def everything() -> dict[str, Choice]:
    """Return every network of the catalog by its id, in the catalog's order."""
    choices = (Choice(card, variant) for card in catalog.cards() for variant in card.variants)
    return {choice.id: choice for choice in choices}


def pairs() -> tuple[tuple[Choice, Choice, str], ...]:
    """Return who took something from whom, both as they stand for their architecture, and what it was."""
    usual = {card.key: Choice(card, card.usual) for card in catalog.cards()}
    return tuple(
        (usual[ancestor.key], usual[card.key], ancestor.idea)
        for card in catalog.cards()
        for ancestor in card.ancestors
        if ancestor.key in usual
    )


def first_pair() -> tuple[Choice, Choice]:
    """Return what is shown where nothing is chosen: the network most others took from, after what it took from."""
    passed = pairs()
    taken = [earlier.id for earlier, _, _ in passed]
    told = [(earlier, later) for earlier, later, _ in passed]
    if told:
        return max(told, key=lambda pair: taken.count(pair[1].id))
    first, second, *_ = [*everything().values()] * 2
    return first, second


def partner(choice: Choice) -> Choice:
    """Return a network to put beside one: what it took from, else a sibling, else any other."""
    earlier = [first for first, later, _ in pairs() if later.card.key == choice.card.key]
    siblings = [each for each in everything().values() if each.card.key == choice.card.key and each.id != choice.id]
    others = [each for each in everything().values() if each.id != choice.id]
    return (*earlier, *siblings, *others, choice)[0]


def read(params: Mapping[str, str]) -> tuple[Address, tuple[str, ...]]:
    """Return the address that the query parameters mean, and a sentence for each part that could not be used."""
    notes: list[str] = []
    short = {key: str(value)[:LONGEST] for key, value in params.items()}
    choices = _choices(short, notes)
    place, node = _selected(short.get("node", ""), len(choices), notes)
    names = {benchmark.name.lower(): benchmark for benchmark in Benchmark}
    return Address(
        choices,
        View(_one_of(short.get("view", ""), list(View), "view of Compare", notes)),
        Arrangement(_one_of(short.get("arrangement", ""), list(Arrangement), "arrangement", notes)),
        place,
        node,
        _other(short.get("other", ""), len(choices), notes),
        names.get(_one_of(short.get("benchmark", ""), ["", *names], "benchmark", notes)),
        Scale(_one_of(short.get("scale", ""), list(Scale), "scale", notes)),
        Ladder(_one_of(short.get("ladder", ""), list(Ladder), "ladder", notes)),
    ), tuple(notes)


def write(address: Address) -> dict[str, str]:
    """Return the query parameters of an address; what is as it would be anyway is left out, the networks never."""
    usual = Address(address.choices)
    parts = {name: choice.id for name, choice in zip(PLACES, address.choices, strict=False)}
    parts |= {
        name: value.value
        for name, value in (
            ("view", address.view), ("arrangement", address.arrangement), ("scale", address.scale),
            ("ladder", address.ladder),
        )
        if value is not getattr(usual, name)
    }  # fmt: skip
    if address.node and address.place < len(address.choices):
        parts["node"] = f"{PLACES[address.place]}:{address.node}"
    if 1 < address.other < len(address.choices):
        parts["other"] = PLACES[address.other]
    if address.benchmark:
        parts["benchmark"] = address.benchmark.name.lower()
    return parts


def _choices(params: Mapping[str, str], notes: list[str]) -> tuple[Choice, ...]:
    asked = [_choice(params[name], notes) for name in PLACES if params.get(name)]
    found = [choice for choice in asked if choice]
    if not found:
        return first_pair()
    return tuple(found) if len(found) >= LEAST else (found[0], partner(found[0]))


def _choice(asked: str, notes: list[str]) -> Choice | None:
    """Return the network asked for as `key/variant`, `key` or `variant`; the nearest one, with a note, for others."""
    known = everything()
    if asked in known:
        return known[asked]
    for card in catalog.cards():
        if card.key == asked:
            return Choice(card, card.usual)
    alone = [choice for choice in known.values() if choice.variant.id == asked]
    if len(alone) == 1:
        return alone[0]
    close = get_close_matches(asked, known, n=1, cutoff=0.5) or _variant_close_to(asked, known)
    if close:
        notes.append(f"No network is called '{asked}'; the nearest is '{close[0]}', and that is what stands here.")
        return known[close[0]]
    notes.append(f"No network is called '{asked}', and none is near it. Write it as {next(iter(known))}.")
    return None


def _variant_close_to(asked: str, known: Mapping[str, Choice]) -> list[str]:
    names = {choice.variant.id: id for id, choice in known.items()}
    return [names[name] for name in get_close_matches(asked.rsplit("/", 1)[-1], names, n=1, cutoff=0.5)]


def _selected(asked: str, count: int, notes: list[str]) -> tuple[int, str]:
    """Return the network's place and the node of `b:features.0`."""
    letter, colon, node = asked.partition(":")
    if not asked:
        return 0, ""
    if colon and letter in PLACES[:count]:
        return PLACES.index(letter), node
    notes.append(f"node = {asked[:40]} does not begin with the network it is in, as in a:{node or letter}.")
    return 0, ""


def _other(asked: str, count: int, notes: list[str]) -> int:
    return PLACES.index(_one_of(asked, list(PLACES[1:count]), "other network here", notes))


def _one_of(asked: str, known: Sequence[str], what: str, notes: list[str]) -> str:
    """Return what is asked for if it is known, else the first of the known."""
    if asked and asked not in known:
        notes.append(f"No {what} is called '{asked}'; {nearest(asked, [name for name in known if name])}")
    return str(asked if asked in known else known[0])
