"""Blueprints and source text on disk, keyed by everything that could change them."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from explorer.paths import PACKAGE
from explorer.spec import RunSpec, Settings

log = logging.getLogger(__name__)

MOST_FILES = 2000
MOST_IN_MEMORY = 256
TRACED_BY = ("architectures", "tracing", "blueprint.py", "tasks", "data")  # one architecture may contain another


class BlueprintCache:
    """Texts by key, in memory and in a directory. A full disk costs speed, nothing else."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._memory: dict[str, str] = {}
        self._lock = threading.Lock()

    def get(self, key: str, make: Callable[[], str]) -> str:
        """Return the text under this key, making and keeping it if it is not there."""
        with self._lock:
            if key in self._memory:
                return self._memory[key]
        text = self._read(key)
        if text is None:
            text = make()
            self._write(key, text)
        with self._lock:
            self._memory[key] = text
            if len(self._memory) > MOST_IN_MEMORY:
                self._memory.pop(next(iter(self._memory)))
        return text

    def _read(self, key: str) -> str | None:
        try:
            return (self._directory / key).read_text(encoding="utf-8")
        except OSError:
            return None

    def _write(self, key: str, text: str) -> None:
        part = self._directory / f"{key}.{os.getpid()}.{threading.get_ident()}.part"
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            part.write_text(text, encoding="utf-8")
            os.replace(part, self._directory / key)
            self._prune()
        except OSError as error:
            log.warning("the blueprint cache %s cannot be written: %s", self._directory, error)

    def _prune(self) -> None:
        files = list(self._directory.iterdir())
        if len(files) > MOST_FILES:
            for old in sorted(files, key=lambda file: file.stat().st_mtime)[: len(files) - MOST_FILES]:
                old.unlink(missing_ok=True)


def variant_key(what: str, architecture: str, variant: str, knobs: Settings) -> str:
    """Return the key of something made from a paper-scale variant."""
    return _key(what, architecture, variant, _sorted(knobs))


def small_key(spec: RunSpec) -> str:
    """Return the key of a live network's blueprint: what it learns with, and its seed, do not matter."""
    return _key("small", spec.architecture, spec.task, _sorted(spec.knobs) + _sorted(spec.data) + spec.upload)


def _key(what: str, architecture: str, name: str, settings: str) -> str:
    whole = "\n".join((what, architecture, name, settings, code_version()))
    return f"{hashlib.sha256(whole.encode()).hexdigest()}.json"


def _sorted(settings: Settings) -> str:
    return json.dumps(sorted(settings.items()))


@cache
def code_version() -> str:
    """Return a digest of the code that builds and traces networks, torch's version included."""
    digest = hashlib.sha256(version("torch").encode())
    for place in (PACKAGE / name for name in TRACED_BY):
        for file in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(file.read_bytes())
    return digest.hexdigest()
