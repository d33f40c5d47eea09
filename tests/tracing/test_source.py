"""The runnable file runs by itself and builds the network on the card."""

from __future__ import annotations

import ast
import runpy
import subprocess
import sys
from collections.abc import Iterator
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

ALONE = """
import os, runpy, sys, traceback
import torch
assert not any(name.split(".")[0] == "explorer" for name in sys.modules)
for line in sys.stdin:
    path = line.strip()
    child = os.fork()
    if not child:
        said = os.open(path.removesuffix(".py") + ".out", os.O_WRONLY | os.O_CREAT)
        os.dup2(said, 1), os.dup2(said, 2)
        try:
            runpy.run_path(path, run_name="__main__")
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        sys.stdout.flush()
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


def names_of(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Iterator[subprocess.Popen[str]]:
    """A Python that has nothing but torch: for each path it reads it runs that file in a fork and says how it ended."""
    command = [sys.executable, "-I", "-c", ALONE]
    folder = tmp_path_factory.mktemp("elsewhere")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.mark.parametrize(("key", "variant"), SMALLEST)
def test_the_file_runs_alone_and_prints_the_cards_count(
    python: subprocess.Popen[str], key: str, variant, tmp_path: Path
) -> None:
    text = runnable(key, variant.id, {})
    assert "explorer" not in text
    file = tmp_path / "network.py"
    file.write_text(text, encoding="utf-8")
    assert python.stdin is not None
    assert python.stdout is not None
    python.stdin.write(f"{file}\n")
    python.stdin.flush()
    status, said = python.stdout.readline().strip(), file.with_suffix(".out").read_text(encoding="utf-8")
    assert status == "0", said
    assert f"trainable parameters: {variant.parameters}\n" in said
    assert f"fixed parameters: {variant.fixed}\n" in said


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
