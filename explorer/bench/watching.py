"""What being watched costs training: a run in a worker with a watcher, beside a bare PyTorch loop of the same model."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psutil
import torch

from explorer import catalog
from explorer.bench.report import Effort, Figure, Judged
from explorer.engine.client import Client
from explorer.engine.messages import LensRequest, Stop
from explorer.runspec import make_spec
from explorer.spec import RunSpec
from explorer.training.factory import make_trainer
from explorer.training.supervised import SupervisedTrainer

TITLE = "Training while watched five times a second"
RUNS = (
    ("feed_forward", "spirals"), ("gan", "ring"), ("cnn", "mnist"), ("resnet", "fashion"), ("mobilenet", "fashion"),
    ("lstm", "characters"), ("gpt", "characters"), ("capsnet", "mnist"), ("moco", "mnist"), ("simclr", "mnist"),
)  # fmt: skip
REFRESH = 0.2
PLAIN = "a bare loop: batch, forward, backward, step"
OWN = "its training step alone in a loop"


def measure(effort: Effort) -> Iterator[Figure]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with tempfile.TemporaryDirectory() as data:
            client = Client.open(Path(data), workers=1, device="cpu")
            try:
                for key, task in RUNS[: effort.networks or None]:
                    yield from _compare(client, make_spec(catalog.get(key), task), effort)
            finally:
                client.close()
    finally:
        torch.set_num_threads(threads)


def _compare(client: Client, spec: RunSpec, effort: Effort) -> Iterator[Figure]:
    """Measure both at the same time, so that a machine that changes its pace changes it for both."""
    task = catalog.get(spec.architecture).task(spec.task)
    watch = tuple(LensRequest(lens) for lens in task.lenses[:1])  # what a page shows at first
    bare = _Bare(spec)
    run = client.start(spec)
    _watched(client, run, watch, effort.seconds / 5)
    with ThreadPoolExecutor(1) as beside:
        loop = beside.submit(bare.train)
        try:
            seen = _watched(client, run, watch, 2 * effort.seconds, bare)
        finally:
            bare.over.set()
        alone = loop.result()
    client.control(run, Stop())
    with_scores = seen.steps / (seen.steps * alone.step + seen.scores * alone.score)
    name = f"{spec.architecture}/{spec.task}"
    yield Figure(
        f"{name}: steps a second, all the worker does counted", seen.steps / seen.used, "per s", with_scores,
        f"{bare.what}, and held-out data scored as often; both of processor time", Judged.RATIO, at_least=0.95,
    )  # fmt: skip
    yield Figure(
        f"{name}: steps a second of training", seen.steps / seen.trained, "per s", 1 / alone.step,
        f"{bare.what}; both of processor time",
    )  # fmt: skip


@dataclass(frozen=True)
class _Watched:
    """What a run did for some time."""

    steps: int
    scores: int
    used: float  # seconds of the worker's processor time
    trained: float  # seconds by the run's own clock


@dataclass(frozen=True)
class _Alone:
    """Seconds of processor time that a step takes, and that scoring takes once."""

    step: float
    score: float


def _watched(
    client: Client, run: str, watch: tuple[LensRequest, ...], seconds: float, beside: _Bare | None = None
) -> _Watched:
    """Watch a run for some time; the run and the loop beside it change places at every look."""
    while (first := client.snapshot(run, watch)).step == 0:
        time.sleep(0.02)
    slot = client.pool.slot_of(run)
    assert slot is not None
    worker, end = psutil.Process(slot.pid), time.perf_counter() + seconds
    first, used = client.snapshot(run, watch), _processor_time(worker)
    last = first
    while time.perf_counter() < end or last.step <= first.step:
        time.sleep(REFRESH)
        if beside is not None:
            _change_places(slot.pid, beside.thread)
        last = client.snapshot(run, watch)
    task = catalog.get(first.spec.architecture).task(first.spec.task)
    scored = next(last.series[metric.key].steps for metric in task.metrics if metric.held_out)
    scores = sum(first.step < step <= last.step for step in scored)
    return _Watched(last.step - first.step, scores, _processor_time(worker) - used, last.seconds - first.seconds)


def _change_places(one: int, other: int) -> None:
    """Put two processes or threads on two processors, the other way round at each call: no two are equally fast.

    Only Linux lets that be asked for, and other systems move them about by themselves.
    """
    if not hasattr(os, "sched_setaffinity") or not other:
        return
    places = sorted(os.sched_getaffinity(os.getpid()))[:2]
    if os.sched_getaffinity(one) == {places[0]}:
        places.reverse()
    for who, place in zip((one, other), places, strict=False):
        os.sched_setaffinity(who, {place})


def _processor_time(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


class _Bare:
    """The loop a textbook prints, on the same network, data and optimiser; a task's own step is taken as it is."""

    def __init__(self, spec: RunSpec) -> None:
        torch.manual_seed(spec.seed)
        trainer = make_trainer(spec, torch.device("cpu"))
        self._trainer = trainer
        self.over = threading.Event()
        self.thread = 0  # in which it trains
        plain = type(trainer) is SupervisedTrainer
        self.what = PLAIN if plain else OWN
        self._step = _textbook_steps(trainer) if plain else trainer.train_step

    def train(self) -> _Alone:
        """Train until it is over, and score when a run would: after ten times as long as that takes."""
        self.thread = threading.get_native_id()
        torch.set_num_threads(1)  # counts for this thread only
        steps, scores, trained, scored = 0, 0, 0.0, 0.0
        while not scores or not self.over.is_set():
            begin = time.thread_time()
            self._step()
            steps, trained = steps + 1, trained + time.thread_time() - begin
            if trained >= 10 * scored:
                begin = time.thread_time()
                self._trainer.evaluate()
                scores, scored = scores + 1, scored + time.thread_time() - begin
        return _Alone(trained / steps, scored / scores)


def _textbook_steps(trainer: SupervisedTrainer) -> Callable[[], None]:
    """Return a step of the loop: the next batch of a shuffled epoch, forward, backward, step."""
    inputs, targets = trainer.train
    optimizer, changed = trainer.optimizers()["optimizer"], trainer.augmentation
    size = int(str(trainer.spec.hypers.get("batch_size", 32)))
    batches = (batch for _ in count() for batch in torch.randperm(len(inputs)).split(size))

    def step() -> None:
        batch = next(batches)
        given = inputs[batch]
        loss = trainer.kind.loss(trainer.model(changed(given) if changed.on else given), targets[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return step
