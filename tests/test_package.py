"""What `pip install` puts down is whole: the wheel works in an environment of its own, from an empty folder."""

from __future__ import annotations

import asyncio
import os
import re
import site
import subprocess
import sys
import urllib.error
import urllib.request
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from explorer.bench import server
from explorer.bench.visitor import visit

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Installed:
    wheel: Path
    python: Path
    empty: Path  # a folder with nothing in it, to start from

    @property
    def command(self) -> Path:
        return self.python.with_name("explorer")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build the wheel and install it; torch and the like are lent from this environment, Explorer is not."""
    place = tmp_path_factory.mktemp("package")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(place), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = place.glob("*.whl")
    venv.create(place / "env", with_pip=False)
    python = place / "env" / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--quiet", str(wheel)]
    subprocess.run(pip, check=True)
    (packages,) = (place / "env" / "lib").glob("python*/site-packages")
    (packages / "lent.pth").write_text("\n".join(site.getsitepackages()))
    (place / "empty").mkdir()
    return Installed(wheel, python, place / "empty")


def test_the_wheel_holds_pages_assets_components_and_nothing_of_the_tests(installed: Installed):
    names = set(zipfile.ZipFile(installed.wheel).namelist())
    for folder, inside in (("pages", "explorer/_pages"), ("assets", "explorer/_assets"), ("explorer", "explorer")):
        tracked = subprocess.run(
            ["git", "ls-files", folder], cwd=ROOT, capture_output=True, text=True, check=True
        ).stdout
        for path in tracked.splitlines():
            assert f"{inside}{path.removeprefix(folder)}" in names
    assert "explorer/pyproject.toml" in names
    assert not [name for name in names if name.startswith("tests/")]


def test_the_code_that_runs_is_the_wheels(installed: Installed):
    code = "import explorer, explorer.paths as p; print(explorer.__file__, p.pages(), p.assets())"
    said = _run(installed, str(installed.python), "-c", code).split()
    assert all(part.startswith(str(installed.python.parent.parent)) for part in said)
    assert said[1].endswith("explorer/_pages")
    assert said[2].endswith("explorer/_assets")


def test_the_command_lists_the_architectures(installed: Installed):
    said = _run(installed, str(installed.command), "list")
    assert {"perceptron", "feed_forward", "cnn"} <= set(re.findall(r"\w+", said))


def test_the_command_trains(installed: Installed):
    said = _run(installed, str(installed.command), "train", "perceptron", "--task", "and", "--until-target", "--json")
    assert '"architecture": "perceptron"' in said


def test_the_app_starts_from_an_empty_folder_with_its_pages_and_components(
    installed: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(server, "COMMAND", (str(installed.command),))
    monkeypatch.chdir(installed.empty)
    with server.app(tmp_path, workers=1) as running:
        asyncio.run(_look_at_every_page(running.url))
        for name in ("kit.js", "tokens.css"):
            assert _component_file(running.url, name)


async def _look_at_every_page(url: str) -> None:
    async with visit(url) as visitor:
        for page in ("", "perceptron", "feed_forward", "cnn"):
            await visitor.open(page)
            assert visitor.deltas > 3, page
        assert visitor.exceptions == []


def _component_file(url: str, name: str) -> bytes:
    """Return a file that the components share, from whichever component serves it."""
    for component in ("graph", "transport"):
        try:
            with urllib.request.urlopen(f"{url}/_stcore/bidi-components/explorer.{component}/{name}") as reply:
                return reply.read()
        except urllib.error.HTTPError:
            continue
    return b""


def _run(installed: Installed, *command: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=installed.empty, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
