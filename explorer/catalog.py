"""Finds the cards: every folder of explorer/architectures with a card.py is an architecture, without any list to edit."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from explorer import architectures
from explorer.spec import Card, Family, SpecError, nearest


@cache
def cards() -> tuple[Card, ...]:
    """Return every card, by family and then by its place in the family."""
    found = [_load(module.name) for module in pkgutil.iter_modules(architectures.__path__) if module.ispkg]
    families = list(Family)
    return tuple(sorted(found, key=lambda card: (families.index(card.family), card.order, card.key)))


def get(key: str) -> Card:
    """Return the card called `key`; raises SpecError with the nearest right name."""
    known = {card.key: card for card in cards()}
    if key not in known:
        raise SpecError(f"no architecture is called '{key}'; {nearest(key, known)}")
    return known[key]


def _load(key: str) -> Card:
    card = importlib.import_module(f"explorer.architectures.{key}.card").CARD
    if card.key != key:
        raise SpecError(f"explorer/architectures/{key}/card.py holds a card called '{card.key}'")
    return card
