"""Run as a process of its own: `steps.py DEVICE SHIM` does training steps of each name it reads on the device.

A line holds names with spaces between: ARCHITECTURE/TASK, or one of the trainers below that leak on purpose. Each line
is done by a fork of this process, in which torch is loaded already, and answered by one with what went wrong by name,
as JSON. A fork that dies takes no others with it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import pretend

SECONDS = 170  # for a line of names


def main(device_name: str, shim: str) -> None:
    if device_name == "cuda":
        pretend.load(Path(shim))
    # once, for all forks: what torch imports at the first fake tensor takes longer than most of the training steps
    import torch._dynamo
    import torch._subclasses.fake_tensor
    import torch.fx.experimental.symbolic_shapes  # noqa: F401

    import explorer.training.factory  # noqa: F401
    from explorer import catalog

    catalog.cards()

    for line in sys.stdin:
        sys.stdout.write(_forked(device_name, line.split()) + "\n")
        sys.stdout.flush()


def _forked(device_name: str, names: list[str]) -> str:
    """Train in a child; return its answer, or for each name how it died."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(SECONDS)
        os.close(reading)
        with os.fdopen(writing, "w") as answer:
            json.dump({name: _outcome(device_name, name) for name in names}, answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return text if status == 0 else json.dumps(dict.fromkeys(names, f"the process ended with status {status}"))


def _outcome(device_name: str, name: str) -> str:
    try:
        with pretend.cuda() if device_name == "cuda" else pretend.meta():
            _train(device_name, name)
    except Exception:  # noqa: BLE001
        return traceback.format_exc()
    return ""


def _train(device_name: str, name: str) -> None:
    import torch

    device = torch.device(device_name)
    trainer = _leaking(device, name) if name.startswith("leak-") else _from_catalog(device, name)
    for _ in range(2):  # the second finds what the optimiser keeps from the first
        trainer.train_step()
    if device_name == "cuda":  # on meta there is no number to read, which scoring cannot do without
        trainer.batch_scores()
        trainer.evaluate()
    _assert_on(trainer, device_name)


def _from_catalog(device, name: str):
    from explorer import catalog
    from explorer.runspec import make_spec
    from explorer.training.factory import make_trainer

    architecture, task = name.split("/")
    return make_trainer(make_spec(catalog.get(architecture), task, device=str(device)), device)


def _assert_on(trainer, device_name: str) -> None:
    for name, module in trainer.modules().items():
        for path, tensor in [*module.named_parameters(), *module.named_buffers()]:
            assert tensor.device.type == device_name, f"{name}.{path} is on {tensor.device}"
            grad = tensor.grad
            assert grad is None or grad.device.type == device_name, f"the gradient of {name}.{path} is on {grad.device}"


def _leaking(device, name: str):
    """Return a sound trainer into which one mistake is put."""
    import torch

    trainer = _from_catalog(device, "feed_forward/spirals")
    forward, batches = trainer.model.forward, trainer._batches.next
    if name == "leak-nothing":
        return trainer
    if name == "leak-input":
        trainer._batches.next = lambda: tuple(torch.zeros(each.shape, dtype=each.dtype) for each in batches())
    elif name == "leak-mask":
        trainer.model.forward = lambda x: forward(x) * torch.ones(32, 1)
    elif name == "leak-buffer":
        trainer.model.register_buffer("scale", torch.ones(1))
    elif name == "leak-numpy":
        trainer.model.forward = lambda x: (x.detach().numpy(), forward(x))[1]
    else:
        raise ValueError(name)
    return trainer


if __name__ == "__main__":
    main(*sys.argv[1:])
