"""What the graph component gets is the whole blueprint, equal blocks by reference."""

from __future__ import annotations

import json

import pytest

from explorer import catalog
from explorer.blueprint import Blueprint
from explorer.tracing.trace import blueprint
from explorer.ui.graph_wire import wire

FACES = [pytest.param(card.key, card.usual.id, id=card.key) for card in catalog.cards()]


def written(rows: list[dict]) -> list[dict]:
    """Write the references out, as the component does."""
    found: list[dict] = []
    for row in rows:
        if "copy" not in row:
            found.append(row)
            continue
        start, count, old, new = row["copy"]

        def name(text: str, old: str = old, new: str = new) -> str:
            return (
                new + text[len(old) :] if text.startswith(old) and text[len(old) :][:1] in ("", ".", ":", "~") else text
            )

        for each in found[start : start + count]:
            names = {key: name(each[key]) for key in ("id", "path", "shared") if isinstance(each.get(key), str)}
            lists = {key: [name(one) for one in each[key]] for key in ("members", "repeats") if key in each}
            found.append({**each, **names, **lists})
    return found


@pytest.mark.parametrize(("key", "variant"), FACES)
def test_nothing_is_lost_on_the_way(key: str, variant: str) -> None:
    found: Blueprint = blueprint(key, variant, {})
    sent = json.loads(json.dumps(wire(found)))
    nodes, groups = written(sent["nodes"]), written(sent["groups"])
    assert [(row["id"], row["path"], row["shared"]) for row in nodes] == [
        (node.id, node.path, node.shared) for node in found.nodes
    ]
    assert [(row["label"], row["detail"], row["parameters"]) for row in nodes] == [
        (node.label, node.detail, node.parameters) for node in found.nodes
    ]
    assert [(row["path"], row["title"], row["members"], row["repeats"]) for row in groups] == [
        (group.path, group.title, list(group.members), list(group.repeats)) for group in found.groups
    ]
    assert [(nodes[a]["id"], nodes[b]["id"]) for a, b in sent["edges"]] == list(found.edges)


def test_ninety_six_equal_blocks_are_sent_once() -> None:
    sent = wire(blueprint("gpt", "gpt3-175b", {}))
    assert len(json.dumps(sent)) < 100_000


@pytest.mark.parametrize(
    ("key", "path", "detail"),
    [("resnet", "conv3", "4 × bottleneck"), ("gpt", "blocks.0", ""), ("bert", "encoder", "12 × encoder layer")],
)
def test_a_blocks_line_says_more_than_its_name(key: str, path: str, detail: str) -> None:
    sent = written(json.loads(json.dumps(wire(blueprint(key, catalog.get(key).usual.id, {}))["groups"])))
    assert next(row["detail"] for row in sent if row["path"] == path) == detail
