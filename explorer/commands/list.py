"""`explorer list`: the architectures, their variants and what they are trained to do."""

from __future__ import annotations

import argparse

from explorer import catalog
from explorer.console import say, say_json, table
from explorer.spec import Card


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("list", help="the architectures and their variants")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    if args.json:
        say_json({"architectures": [_facts(card) for card in catalog.cards()]})
        return 0
    rows = [("ARCHITECTURE", "VARIANT", "PARAMETERS", "")]
    for card in catalog.cards():
        rows += [(card.key, variant.id, f"{variant.parameters:,}", variant.title) for variant in card.variants]
    say(table(rows))
    say("")
    say(
        table(
            [
                ("ARCHITECTURE", "TASK", ""),
                *((c.key, task.key, task.title) for c in catalog.cards() for task in c.tasks),
            ]
        )
    )
    return 0


def _facts(card: Card) -> dict[str, object]:
    return {
        "key": card.key,
        "title": card.title,
        "family": card.family.value,
        "year": card.year,
        "variants": [{"id": v.id, "title": v.title, "parameters": v.parameters} for v in card.variants],
        "tasks": [task.key for task in card.tasks],
        "experiments": [experiment.key for experiment in card.experiments],
    }
