"""DOT text: whole, every name declared, and links dashed between what they tie."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from torch import Tensor, nn

from explorer.blueprint import Blueprint
from explorer.plots.dot import dot
from explorer.tracing.trace import traced

QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')


class Pair(nn.Module):
    """A block and a layer beside it."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.key = nn.Sequential(nn.Linear(4, 4), nn.ReLU()), nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return self.encoder(x) + self.key(x)


@pytest.fixture
def pair() -> Blueprint:
    return traced(Pair().to("meta"), ((4,),))


def test_every_edge_joins_declared_nodes_and_braces_match(pair: Blueprint) -> None:
    bare = QUOTED.sub('""', dot(pair))
    assert bare.count("{") == bare.count("}") == 2
    declared = set(re.findall(r"^\s*(n\d+) \[", bare, re.MULTILINE))
    assert declared == {f"n{place}" for place in range(len(pair.nodes))}
    ends = re.findall(r"(n\d+) -> (n\d+)", bare)
    assert len(ends) == len(pair.edges)
    assert {name for both in ends for name in both} <= declared


def test_a_link_is_dashed_ends_at_the_block_and_does_not_move_anything(pair: Blueprint) -> None:
    text = dot(replace(pair, links=(("encoder", "key", 'a "slow" copy'),)))
    (line,) = (line for line in text.splitlines() if "dashed" in line)
    assert "n1 -> n3" in line
    assert 'ltail="cluster_encoder"' in line or "ltail=cluster_encoder" in line
    assert "lhead" not in line
    assert "constraint=false" in line
    assert r"a \"slow\" copy" in line
