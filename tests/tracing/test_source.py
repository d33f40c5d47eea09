"""The runnable file runs by itself and builds the network on the card."""

from __future__ import annotations

import ast
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from explorer import catalog
from explorer.tracing.source import runnable
from explorer.tracing.trace import without_initialisation

SMALLEST = [
    pytest.param(card.key, min(card.variants, key=lambda variant: variant.parameters), id=card.key)
    for card in catalog.cards()
]
VARIANTS = [pytest.param(card.key, one, id=one.id) for card in catalog.cards() for one in card.variants]


def names_of(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]


@pytest.mark.parametrize(("key", "variant"), SMALLEST)
def test_the_file_runs_alone_and_prints_the_cards_count(key: str, variant, tmp_path: Path) -> None:
    text = runnable(key, variant.id, {})
    assert "explorer" not in text
    file = tmp_path / "network.py"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", str(file)], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert f"trainable parameters: {variant.parameters}\n" in done.stdout
    assert f"fixed parameters: {variant.fixed}\n" in done.stdout


@pytest.mark.parametrize(("key", "variant"), VARIANTS)
def test_the_file_of_every_variant_counts_as_its_card_does(
    key: str, variant, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = runnable(key, variant.id, {})
    names = [name for statement in ast.parse(text).body for name in names_of(statement)]
    assert sorted(names) == sorted(set(names))  # nothing hides what another module defines
    file = tmp_path / "network.py"
    file.write_text(text, encoding="utf-8")
    with without_initialisation(), torch.device("meta"):  # as it stands, but without memory for the weights
        runpy.run_path(str(file), run_name="__main__")
    assert f"trainable parameters: {variant.parameters}\n" in capsys.readouterr().out
