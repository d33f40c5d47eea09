from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import torch

from explorer import architectures, catalog, data
from explorer.runspec import make_spec
from explorer.spec import RunSpec, Value
from explorer.training.run import Run

HERE = Path(__file__).parent


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def tiny_card(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the catalog find the test's own architecture and data alone, and forget them afterwards."""
    monkeypatch.setattr(architectures, "__path__", [str(HERE / "networks")])
    monkeypatch.setattr(data, "__path__", [*data.__path__, str(HERE / "sets")])
    _forget()
    yield
    _forget()


def _forget() -> None:
    catalog.keys.cache_clear()
    catalog.cards.cache_clear()


MakeSpec = Callable[..., RunSpec]


@pytest.fixture
def tiny_spec() -> MakeSpec:
    def make(task: str = "two", steps: int = 0, seed: int = 0, probe: str = "", **settings: Value) -> RunSpec:
        card = catalog.get("tiny")
        chosen = card.task(task)
        hypers: Mapping[str, Value] = {h.name: settings[h.name] for h in chosen.hypers if h.name in settings}
        knobs: Mapping[str, Value] = {k.name: settings[k.name] for k in chosen.knobs if k.name in settings}
        return make_spec(card, task, knobs, hypers, {}, seed, "cpu", steps, probe=probe)

    return make


@pytest.fixture
def make_run(tmp_path: Path, tiny_spec: MakeSpec) -> Callable[..., Run]:
    def make(name: str = "run", **settings: Value) -> Run:
        return Run.create(tiny_spec(**settings), tmp_path / name)

    return make
