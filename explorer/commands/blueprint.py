"""`explorer blueprint`: a network's graph and numbers, at the scale of its paper."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from explorer import catalog
from explorer.assignments import parse
from explorer.blueprint import Blueprint
from explorer.console import say, say_json, table
from explorer.spec import Published


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("blueprint", help="a network's graph and numbers")
    parser.add_argument("key", metavar="KEY", help="an architecture, such as cnn")
    parser.add_argument("--variant", default="", help="the first of the card unless named")
    parser.add_argument("--knob", action="append", default=[], metavar="name=value", help="may be given many times")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="one JSON object")
    form.add_argument("--dot", action="store_true", help="DOT text for Graphviz")
    form.add_argument("--table", action="store_true", help="the layer table (this is also what you get without a form)")


def run(args: argparse.Namespace) -> int:
    card = catalog.get(args.key)
    variant = card.variant(args.variant or card.usual.id)
    knobs = parse(args.knob)
    card.settings(variant, knobs)  # wrong names are told before torch is loaded
    from explorer.tracing import trace

    blueprint = trace.blueprint(card.key, variant.id, knobs)
    if args.json:
        say_json({**asdict(blueprint), "published": _published(variant.published)})
    elif args.dot:
        from explorer.plots.dot import dot

        say(dot(blueprint).rstrip())
    else:
        say(_text(blueprint, variant.published))
    return 0


def _published(published: Published | None) -> dict[str, object]:
    if published is None:
        return {"parameters": None, "source": "", "text": ""}
    return {"parameters": published.parameters, "source": published.source, "text": published.text}


def _text(blueprint: Blueprint, published: Published | None) -> str:
    rows = [("LAYER", "TYPE", "OUTPUT", "PARAMETERS", "MULTIPLY-ADDS")]
    for row in blueprint.layers:
        shape = "×".join(str(side) for side in row.out_shape)
        rows.append(("  " * row.depth + row.path, row.type, shape, f"{row.parameters:,}", f"{row.macs:,}"))
    lines = [
        table(rows),
        "",
        f"trainable parameters  {blueprint.trainable:,}",
        f"fixed parameters      {blueprint.fixed:,}",
        f"multiply-adds         {blueprint.macs:,}",
        f"activations, 32-bit   {blueprint.activation_bytes:,} bytes",
        *([f"sees                  {blueprint.receptive_field} px"] if blueprint.receptive_field else []),
        *([f"published             {published.text} ({published.source})"] if published else []),
        *blueprint.notes,
    ]
    return "\n".join(lines)
