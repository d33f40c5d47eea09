"""Cards on their own: the variant that stands for an architecture, and one that does not train live yet."""

from __future__ import annotations

import dataclasses

import pytest

from explorer import catalog
from explorer.runspec import make_spec
from explorer.spec import SpecError
from explorer.ui.address import Address, read, write


def test_the_usual_variant_is_the_face_else_the_first() -> None:
    card = catalog.get("cnn")
    assert card.usual is card.variants[0]
    other = dataclasses.replace(card, face=card.variants[1].id)
    assert other.usual is card.variants[1]
    assert read(other, {})[0].variant == card.variants[1].id
    assert write(other, Address(variant=card.variants[1].id)) == {}


def test_a_card_without_tasks_says_that_it_does_not_train_yet() -> None:
    card = dataclasses.replace(catalog.get("cnn"), tasks=())
    with pytest.raises(SpecError, match="no small network that trains live yet"):
        make_spec(card)
    with pytest.raises(SpecError, match="no small network that trains live yet"):
        card.task("mnist")
    address, notes = read(card, {"view": "train"})
    assert (address.task, notes) == ("", ())
