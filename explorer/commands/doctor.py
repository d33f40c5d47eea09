"""`explorer doctor`: what works on this machine, and what to do about what does not."""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import platform
import shutil
import socket
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from explorer import __version__, catalog, paths
from explorer.console import say, say_json, table

PORT = 8501
PACKAGES = ("streamlit", "torch", "plotly", "graphviz", "torchinfo", "numpy", "scikit-learn", "captum", "safetensors")
LEAST_FREE = 500_000_000  # bytes on the disk of the data directory
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "firefox", "safari")


@dataclass(frozen=True)
class Check:
    """One thing looked at; `advice` says what to do where it is not well; without the `needed` nothing works."""

    name: str
    well: bool
    found: str
    advice: str = ""
    needed: bool = True


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = subparsers.add_parser("doctor", help="what works here, and what to do about what does not")
    parser.add_argument("--port", type=int, default=PORT, metavar="N", help="the port the app is to use")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")


def run(args: argparse.Namespace) -> int:
    looks: tuple[Callable[[], Iterator[Check]], ...] = (
        _python, _packages, _devices, _cards, _assets, _store, lambda: _port(args.port), _extras,
    )  # fmt: skip
    checks = [check for look in looks for check in look()]
    failed = [check for check in checks if check.needed and not check.well]
    if args.json:
        say_json({"well": not failed, "checks": [asdict(check) for check in checks]})
        return int(bool(failed))
    say(table([(_sign(check), check.name, check.found) for check in checks]))
    for check in checks:
        if not check.well:
            say(f"\n{check.name}: {check.advice}")
    return int(bool(failed))


def _sign(check: Check) -> str:
    return "ok" if check.well else "FAIL" if check.needed else "note"


def _python() -> Iterator[Check]:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}, Explorer {__version__}"
    yield Check("Python", sys.version_info >= (3, 11), found, "Install Python 3.11 or newer.")


def _packages() -> Iterator[Check]:
    for name in PACKAGES:
        try:
            yield Check(name, True, importlib.metadata.version(name))
        except importlib.metadata.PackageNotFoundError:
            yield Check(name, False, "not installed", f"Run: {sys.executable} -m pip install {name}")


def _devices() -> Iterator[Check]:
    if importlib.util.find_spec("torch") is None:
        return
    from explorer import device

    for number, info in enumerate(device.available()):
        used = f"{info.memory_used / 1e9:.1f} of {info.memory_total / 1e9:.1f} GB in use"
        yield Check(f"device {info.key}", True, f"{info.name}, {used}{'; used by default' if number == 0 else ''}")


def _cards() -> Iterator[Check]:
    keys = [card.key for card in catalog.cards()]
    yield Check(
        "architectures", bool(keys), ", ".join(keys) or "none", "Install Explorer again: its cards are missing."
    )


def _assets() -> Iterator[Check]:
    folder = paths.assets() / "data"
    files = sorted(path.name for path in folder.glob("*") if path.suffix in (".npz", ".gz", ".safetensors"))
    found = f"{len(files)} data sets in {folder}"
    yield Check("data", bool(files), found, "Install Explorer again: the bundled data sets are missing.")


def _store() -> Iterator[Check]:
    folder = paths.data_dir()
    advice = "Set EXPLORER_DATA_DIR to a folder you may write to."
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder) as trial:
            sqlite3.connect(Path(trial) / "trial.sqlite").close()
    except OSError as error:
        yield Check("data directory", False, f"{folder}: {error.strerror or error}", advice)
        return
    free = shutil.disk_usage(folder).free
    yield Check("data directory", True, str(folder))
    yield Check(
        "disk", free >= LEAST_FREE, f"{free / 1e9:.1f} GB free", f"Make room on the disk of {folder}, or: {advice}"
    )


def _port(port: int) -> Iterator[Check]:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            advice = f"Something else uses it. Start Explorer with another: explorer --port {min(port + 1, 65_535)}"
            yield Check(f"port {port}", False, str(getattr(error, "strerror", None) or error), advice, needed=False)
            return
    yield Check(f"port {port}", True, "free")


def _extras() -> Iterator[Check]:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Check("cores", True, str(cores))
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    advice = "None was found by name; open the address that Explorer prints in the browser you use."
    yield Check("browser", browser is not None, browser or "not found", advice, needed=False)
