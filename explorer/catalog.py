"""Finds the cards: every folder of explorer/architectures with a card.py is one, without any list to edit."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from functools import cache

from explorer import architectures
from explorer.spec import Card, Family, SpecError, nearest


@cache
def keys() -> tuple[str, ...]:
    """Return the folders that are architectures: those with a card, by name."""
    found = [module.name for module in pkgutil.iter_modules(architectures.__path__) if module.ispkg]
    return tuple(sorted(key for key in found if importlib.util.find_spec(f"explorer.architectures.{key}.card")))


@cache
def cards() -> tuple[Card, ...]:
    """Return every card, by family and then by its place in the family."""
    found = [_load(key) for key in keys()]
    families = list(Family)
    return tuple(sorted(found, key=lambda card: (families.index(card.family), card.order, card.key)))


def get(key: str) -> Card:
    """Return the card called `key`; raises SpecError with the nearest right name."""
    if key not in keys():
        raise SpecError(f"no architecture is called '{key}'; {nearest(key, keys())}")
    return _load(key)


@cache
def _load(key: str) -> Card:
    card = importlib.import_module(f"explorer.architectures.{key}.card").CARD
    if card.key != key:
        raise SpecError(f"explorer/architectures/{key}/card.py holds a card called '{card.key}'")
    return card
