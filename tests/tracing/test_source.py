"""The runnable file runs by itself and builds the network on the card."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from explorer import catalog
from explorer.tracing.source import runnable

FIRST = [(card.key, variant) for card in catalog.cards() for variant in card.variants[:2]]


@pytest.mark.parametrize(("key", "variant"), FIRST, ids=lambda value: getattr(value, "id", value))
def test_the_file_runs_alone_and_prints_the_cards_count(key: str, variant, tmp_path: Path) -> None:
    text = runnable(key, variant.id, {})
    assert "explorer" not in text
    file = tmp_path / "network.py"
    file.write_text(text, encoding="utf-8")
    done = subprocess.run([sys.executable, "-I", str(file)], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    assert f"trainable parameters: {variant.parameters}\n" in done.stdout
    assert f"fixed parameters: {variant.fixed}\n" in done.stdout
