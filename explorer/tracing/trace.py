"""A network and the shape of its input -> its Blueprint, by one forward pass on meta, where tensors hold no numbers."""

from __future__ import annotations

import copy
import gc
import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import torch
from torch import Tensor, nn

from explorer import catalog
from explorer.blueprint import Blueprint, Node
from explorer.spec import Link, RunSpec, Settings, SpecError, Variant, nearest
from explorer.tracing.describe import detail_of, kind_of, label_of
from explorer.tracing.folding import Again, groups_of, layers_of
from explorer.tracing.recorder import INPUT, Event, Recorder, shape_of, tensors_in
from explorer.tracing.tidying import tidied

META = torch.device("meta")
Input = Tensor | tuple[int, ...]  # a whole batch of one, or the shape of a float input without batch


def blueprint(key: str, variant: str, knobs: Settings) -> Blueprint:
    """Trace a paper-scale network; raises SpecError for a wrong name, value, or a combination that cannot be built."""
    card = catalog.get(key)
    chosen = card.variant(variant)
    settings = card.settings(chosen, knobs)
    module = importlib.import_module(f"explorer.architectures.{key}.model")
    with without_initialisation(), META:
        model = module.build(settings)
        inputs = inputs_of(module, chosen, settings)
    found = traced(model, inputs, key, variant, unrolled=settings.get("unrolled") is True)
    return linked(found, chosen.links)


def inputs_of(module: object, variant: Variant, settings: Settings) -> tuple[Input, ...]:
    """Return the inputs of one forward pass: what the model's `example(settings)` gives, else one of the card's shape.

    Tensors are made on the default device: call it under the one they are to be on.
    """
    example: Callable[[Settings], tuple[Tensor, ...]] | None = getattr(module, "example", None)
    return example(settings) if example else (input_shape(variant.input_shape, settings),)


def input_shape(declared: tuple[int, ...], settings: Settings) -> tuple[int, ...]:
    """Return the variant's input shape, with the side or the number of inputs that the knobs ask for."""
    side, inputs = settings.get("image_size"), settings.get("inputs")
    if len(declared) == 3 and isinstance(side, int):
        return (declared[0], side, side)
    return (inputs,) if len(declared) == 1 and isinstance(inputs, int) else declared


def small_blueprint(spec: RunSpec) -> Blueprint:
    """Trace the network that trains live with its trainer's example inputs; the random state is left as it was."""
    from explorer.training.factory import make_trainer

    with torch.random.fork_rng(devices=[]):
        trainer = make_trainer(replace(spec, upload=""), torch.device("cpu"))
    return traced(without_numbers(trainer.model), trainer.example_inputs(), spec.architecture, spec.task)


def without_numbers(model: nn.Module) -> nn.Module:
    """Return a copy on the meta device; a matrix used in two places is one matrix there too, which `.to` forgets."""
    memo: dict[int, object] = {id(each): each.detach().to(META) for each in model.buffers()}
    memo |= {id(each): nn.Parameter(each.detach().to(META), each.requires_grad) for each in model.parameters()}
    return copy.deepcopy(model, memo)


def built(build: Callable[[], nn.Module], inputs: tuple[Input, ...]) -> Blueprint:
    """Build a network on the meta device, where nothing is filled in, and trace it."""
    with without_initialisation(), META:
        model = build()
    return traced(model, inputs)


def traced(
    model: nn.Module, inputs: tuple[Input, ...], architecture: str = "", variant: str = "", unrolled: bool = False
) -> Blueprint:
    """Trace any network on the meta device; inputs are shapes without batch, or tensors with a batch of one.

    `unrolled`: draw every call of a module that runs again and again, instead of one with a loop.
    """
    given = tuple(_on_meta(each) for each in inputs)
    modes = {module: module.training for module in model.modules()}
    with _without_collection():
        try:
            model.eval()
            recorder, output = _run(model, given)
        finally:
            for module, training in modes.items():
                module.training = training
        found = _assemble(model, recorder, output, unrolled)
    return replace(found, architecture=architecture, variant=variant, input_shape=shape_of(given[0]))


def linked(blueprint: Blueprint, links: tuple[Link, ...]) -> Blueprint:
    """Return the blueprint with the ties that no data flow along; raises SpecError for a module that does not run."""
    paths = {node.path for node in blueprint.nodes} | {group.path for group in blueprint.groups}
    for path in (path for link in links for path in (link.source, link.target)):
        if path not in paths:
            raise SpecError(f"a link names '{path}', but no such module runs; {nearest(path, sorted(paths))}")
    return replace(blueprint, links=tuple((link.source, link.target, link.text) for link in links))


def _on_meta(given: Input) -> Tensor:
    return given.to(META) if isinstance(given, Tensor) else torch.empty(1, *given, device=META)


def _run(model: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Recorder, Tensor]:
    recorder = Recorder(model)
    with torch.no_grad():
        recorder.watch_input(inputs, _names(model))
        with recorder:
            result = model(*inputs)
    return recorder, tensors_in(result)[0]


def _names(model: nn.Module) -> tuple[str, ...]:
    """Return the names of the inputs: those of forward's parameters."""
    return tuple(inspect.signature(model.forward).parameters)


def _assemble(model: nn.Module, recorder: Recorder, output: Tensor, unrolled: bool) -> Blueprint:
    edges = tuple((source, event.id) for event in recorder.events for source in event.inputs)
    places = {event.id: event.place or event.id for event in recorder.events}
    steps = tuple(_node(event) for event in recorder.events)
    nodes, edges = tidied(steps, edges, places, unrolled)
    kept = {node.id for node in nodes}
    calls = {event.id: dict(event.calls) for event in recorder.events if event.calls and event.id in kept}
    groups = groups_of(model, nodes, edges, Again(calls, unrolled))
    trainable = sum(each.numel() for each in model.parameters() if each.requires_grad)
    total = sum(each.numel() for each in model.parameters())
    seen = [node.receptive_field for node in nodes if node.receptive_field and node.op != INPUT]
    unused = total - recorder.parameters
    return Blueprint(
        architecture="",
        variant="",
        parameters=total,
        trainable=trainable,
        fixed=total - trainable,
        buffers=sum(each.numel() for each in model.buffers()),
        macs=recorder.macs,
        activation_bytes=sum(step.activation_bytes for step in steps),
        receptive_field=max(seen) if seen else None,
        input_shape=(),
        output_shape=shape_of(output),
        nodes=nodes,
        edges=edges,
        groups=groups,
        layers=layers_of(nodes, groups),
        notes=(f"{unused:,} parameters take no part in this forward pass.",) if unused else (),
    )


def _node(event: Event) -> Node:
    size = 1
    for side in event.out_shape:
        size *= side
    return Node(
        id=event.id,
        path=event.path,
        op=event.op,
        kind=kind_of(event),
        label=label_of(event),
        detail=detail_of(event),
        in_shapes=event.in_shapes,
        out_shape=event.out_shape,
        parameters=event.parameters,
        macs=event.macs,
        activation_bytes=0 if event.op == INPUT else 4 * size,
        receptive_field=event.sight.size if event.sight and event.op != INPUT else None,
        shared=event.shared,
        source=event.source,
        code=event.code,
    )


@contextmanager
def _without_collection() -> Iterator[None]:
    """Let no garbage be looked for: thousands of small objects are made, all of which stay, and the search is slow."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


@contextmanager
def without_initialisation() -> Iterator[None]:
    """Let the functions of torch.nn.init do nothing: on meta there is nothing to fill, and the calls take the time."""
    names = [name for name in vars(nn.init) if name.endswith("_") and not name.startswith("_")]
    kept = {name: getattr(nn.init, name) for name in names}
    try:
        for name in names:
            setattr(nn.init, name, lambda tensor, *_, **__: tensor)
        yield
    finally:
        for name, function in kept.items():
            setattr(nn.init, name, function)
