"""Every architecture trains on device "cuda" without a tensor left on the CPU; proven without a GPU."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from explorer import catalog

from . import pretend

HERE = Path(__file__).parent
COMPILER = shutil.which("g++") or shutil.which("clang++")
DEVICE = "cuda" if COMPILER else "meta"  # in every test's name, so that a report says which of the two was proven
TASKS = [f"{card.key}/{task.key}" for card in catalog.cards() for task in card.tasks]
LEAKS = ["leak-input", "leak-mask", "leak-buffer", "leak-numpy"]


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


@dataclass
class Steps:
    """The process that trains: asked for the names of an architecture together, and once."""

    process: subprocess.Popen[str]
    known: dict[str, str] = field(default_factory=dict)

    def outcome(self, name: str) -> str:
        """Return what went wrong with a name; "" if nothing did."""
        if name not in self.known:
            room = name.partition("/")[0]
            own = [each for each in TASKS if each.startswith(f"{room}/")] or ["leak-nothing", *LEAKS]
            asked, answers = self.process.stdin, self.process.stdout
            assert asked is not None
            assert answers is not None
            asked.write(" ".join(own) + "\n")
            asked.flush()
            self.known |= json.loads(answers.readline())
        return self.known[name]


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Steps]:
    shim = str(_shim(tmp_path_factory.mktemp("shim"))) if DEVICE == "cuda" else "none"
    command = [sys.executable, str(HERE / "steps.py"), DEVICE, shim]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Steps(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(30) == 0


@pytest.mark.parametrize("name", [*TASKS, "leak-nothing"], ids=lambda name: f"{DEVICE}-{name}")
def test_a_training_step_stays_on_the_device(steps: Steps, name: str) -> None:
    assert steps.outcome(name) == ""


@pytest.mark.parametrize("name", LEAKS, ids=lambda name: f"{DEVICE}-{name}")
def test_a_tensor_left_on_the_cpu_is_caught(steps: Steps, name: str) -> None:
    assert any(word in steps.outcome(name) for word in ("device", "is on cpu", "meta tensor"))
