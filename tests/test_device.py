from __future__ import annotations

import pytest
import torch

from explorer import device
from explorer.spec import SpecError


def test_the_best_device_is_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    gpu = device.DeviceInfo("cuda:0", "cuda", "A card", 8, 1)
    monkeypatch.setattr(device, "_cuda", lambda index: gpu)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    assert [info.kind for info in device.available()] == ["cuda", "cpu"]
    assert device.choose() == device.choose("auto") == device.choose("cuda") == torch.device("cuda:0")
    assert device.choose("cpu") == torch.device("cpu")


@pytest.mark.parametrize("asked", ["cuda:9", "tpu", "CPU"])
def test_a_device_that_is_not_there_is_refused(asked: str) -> None:
    with pytest.raises(SpecError, match=f"no device '{asked}' here; this machine has: .*cpu"):
        device.choose(asked)


def test_the_cpu_tells_its_memory() -> None:
    info = device.info(torch.device("cpu"))
    assert (info.key, info.kind) == ("cpu", "cpu")
    assert 0 < info.memory_used < info.memory_total
    assert device.memory_used(torch.device("cpu")) > 0
