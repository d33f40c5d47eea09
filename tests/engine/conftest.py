from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from explorer import architectures, catalog
from explorer.engine.client import Client
from explorer.engine.messages import Snapshot
from explorer.engine.patience import Patience
from explorer.runspec import make_spec
from explorer.spec import RunSpec, Value

NETWORKS = str(Path(__file__).parent / "networks")
# A busy test machine may keep a process waiting for seconds; the tests stop processes for good.
SHORT = Patience(lease=1.5, silence=3.0, first=30.0, tick=0.1)


@pytest.fixture(autouse=True, scope="module")
def fragile() -> Iterator[None]:
    """Let the catalog find the test's own architecture, here and in the workers, and forget it afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_ARCHITECTURES", os.pathsep.join([NETWORKS]))
        patch.setattr(architectures, "__path__", [*architectures.__path__, NETWORKS])
        _forget()
        yield
    _forget()


def _forget() -> None:
    catalog.keys.cache_clear()
    catalog.cards.cache_clear()


@pytest.fixture(scope="module")
def client(fragile: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Two slots and a desk, shared by a module's tests."""
    client = Client.open(tmp_path_factory.mktemp("data"), workers=2, device="cpu", patience=Patience(first=30.0))
    yield client
    client.close()


MakeSpec = Callable[..., RunSpec]
Until = Callable[..., Snapshot]


def spec(steps: int = 0, seed: int = 0, trouble: str = "none", at: int = 50, **hypers: Value) -> RunSpec:
    return make_spec(catalog.get("fragile"), "points", {"trouble": trouble, "at": at}, hypers, {}, seed, "cpu", steps)


def until(client: Client, run: str, wanted: Callable[[Snapshot], bool], seconds: float = 60.0) -> Snapshot:
    """Poll as a page does until the snapshot is as wanted; the limit only keeps a broken engine from hanging a test."""
    end = time.monotonic() + seconds
    while True:
        snapshot = client.snapshot(run)
        if wanted(snapshot):
            return snapshot
        assert time.monotonic() < end, f"still {snapshot.state} at step {snapshot.step}: {snapshot.message}"
        time.sleep(0.02)
