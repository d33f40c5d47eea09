"""Every architecture trains on device "cuda" without a tensor left on the CPU; proven without a GPU."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from explorer import catalog

from . import pretend

HERE = Path(__file__).parent
COMPILER = shutil.which("g++") or shutil.which("clang++")
DEVICE = "cuda" if COMPILER else "meta"  # in every test's name, so that a report says which of the two was proven
TASKS = [f"{card.key}/{task.key}" for card in catalog.cards() for task in card.tasks]
LEAKS = ["leak-input", "leak-mask", "leak-buffer", "leak-numpy"]


@cache
def _shim(folder: Path) -> Path:
    """Compile the shim against the installed torch."""
    torch = pretend.torch_folder()
    shim = folder / "cuda_guard.so"
    include = [f"-I{torch / 'include'}", f"-I{torch / 'include/torch/csrc/api/include'}"]
    link = [f"-L{torch / 'lib'}", "-lc10", "-ltorch_cpu"]
    source = str(HERE / "cuda_guard.cpp")
    assert COMPILER is not None
    command = [COMPILER, "-O0", "-std=c++20", "-shared", "-fPIC", *include, source, *link, "-o", str(shim)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return shim


@cache
def _outcomes(shim: str, names: tuple[str, ...]) -> dict[str, str]:
    """Train in a process of its own; return what went wrong, by name. A process that dies takes no others with it."""
    command = [sys.executable, str(HERE / "steps.py"), DEVICE, shim, *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=170)
    assert done.returncode == 0, f"exit status {done.returncode}\n{done.stderr}"
    return json.loads(done.stdout)


Outcome = Callable[[str], str]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Return a function that tells what went wrong with a name; all tasks of an architecture share a process."""
    shim = str(_shim(tmp_path_factory.mktemp("shim"))) if DEVICE == "cuda" else "none"

    def tell(name: str) -> str:
        room = name.partition("/")[0]
        own = tuple(each for each in TASKS if each.startswith(f"{room}/")) or ("leak-nothing", *LEAKS)
        return _outcomes(shim, own)[name]

    return tell


@pytest.mark.parametrize("name", [*TASKS, "leak-nothing"], ids=lambda name: f"{DEVICE}-{name}")
def test_a_training_step_stays_on_the_device(outcome: Outcome, name: str) -> None:
    assert outcome(name) == ""


@pytest.mark.parametrize("name", LEAKS, ids=lambda name: f"{DEVICE}-{name}")
def test_a_tensor_left_on_the_cpu_is_caught(outcome: Outcome, name: str) -> None:
    assert any(word in outcome(name) for word in ("device", "is on cpu", "meta tensor"))
