"""One self-contained PyTorch file of a network: its model's text with what it needs from Explorer written in."""

from __future__ import annotations

import ast
import importlib.util
from dataclasses import dataclass, field
from pathlib import Path

from explorer import catalog
from explorer.spec import Card, Settings, Variant
from explorer.tracing.trace import input_shape

OURS = "explorer"
MAIN = """

SETTINGS = {settings}
{shape}

if __name__ == "__main__":
    model = build(SETTINGS).eval()
    trainable = sum(p.numel() for p in model.parameters() if p.requires_grad)
    fixed = sum(p.numel() for p in model.parameters() if not p.requires_grad)
    with torch.no_grad():
        output = model({inputs})
    print(f"trainable parameters: {{trainable}}")
    print(f"fixed parameters: {{fixed}}")
    for each in output if isinstance(output, tuple) else (output,):
        print(f"output shape: {{tuple(each.shape)}}")
"""


@dataclass
class _Text:
    """What of a module is needed: its statements by line, and the imports from elsewhere."""

    lines: list[str]
    statements: dict[str, ast.stmt]
    taken: dict[int, str] = field(default_factory=dict)


@dataclass
class _Shaker:
    """Takes top-level statements by name, and whatever those use in turn."""

    texts: dict[str, _Text] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)
    imports: dict[str, None] = field(default_factory=dict)

    def take(self, module: str, name: str) -> bool:
        """Take the statement and what it uses; tell whether the module has it."""
        text = self._text(module)
        statement = text.statements.get(name)
        if statement is None:
            return False  # a builtin, or a name of its own inside the statement
        if isinstance(statement, ast.Import | ast.ImportFrom):
            self._import(statement, name)
        elif statement.lineno not in text.taken:
            text.taken[statement.lineno] = _written(text.lines, statement)
            for used in sorted({each.id for each in ast.walk(statement) if isinstance(each, ast.Name)}):
                self.take(module, used)
        if module not in self.order:
            self.order.append(module)
        return True

    def _import(self, statement: ast.Import | ast.ImportFrom, name: str) -> None:
        alias = next(each for each in statement.names if (each.asname or each.name.split(".")[0]) == name)
        renamed = f" as {alias.asname}" if alias.asname else ""
        if isinstance(statement, ast.Import):
            self.imports[f"import {alias.name}{renamed}"] = None
        elif (statement.module or "").split(".")[0] == OURS:
            self.take(str(statement.module), alias.name)
        else:
            self.imports[f"from {statement.module} import {alias.name}{renamed}"] = None

    def _text(self, module: str) -> _Text:
        if module not in self.texts:
            spec = importlib.util.find_spec(module)
            if spec is None or spec.origin is None:
                raise ModuleNotFoundError(f"{module} has no source file")
            source = Path(spec.origin).read_text(encoding="utf-8")
            self.texts[module] = _Text(source.splitlines(), _statements(ast.parse(source)))
        return self.texts[module]

    def written(self) -> str:
        """Return all that was taken, modules in the order of need, each in its own order."""
        parts = [text for module in self.order for _, text in sorted(self.texts[module].taken.items())]
        return "\n".join(sorted(self.imports)) + "\n\n\n" + "\n\n\n".join(parts)


def runnable(key: str, variant: str, knobs: Settings) -> str:
    """Return a file that builds the network from constants; when run, it prints counts and the output's shape.

    Raises SpecError for a wrong name or value.
    """
    card = catalog.get(key)
    chosen = card.variant(variant)
    settings = card.settings(chosen, knobs)
    shaker = _Shaker()
    shaker.imports["import torch"] = None
    module = f"explorer.architectures.{key}.model"
    shaker.take(module, "build")
    main = _main(chosen, settings, shaker.take(module, "example"))
    return f'"""{_heading(card, chosen)}"""\n\nfrom __future__ import annotations\n\n{shaker.written()}\n{main}'


def _main(variant: Variant, settings: Settings, has_example: bool) -> str:
    if has_example:
        return MAIN.format(settings=repr(settings), shape="", inputs="*example(SETTINGS)")
    shape = f"INPUT_SHAPE = {input_shape(variant.input_shape, settings)!r}\n"
    return MAIN.format(settings=repr(settings), shape=shape, inputs="torch.zeros(1, *INPUT_SHAPE)")


def _heading(card: Card, variant: Variant) -> str:
    paper = card.paper
    text = f"{variant.title}.\n\n{paper.authors} ({paper.year}): {paper.title}.\n"
    return text.replace("\\", "\\\\").replace('"', "'")


def _statements(tree: ast.Module) -> dict[str, ast.stmt]:
    found: dict[str, ast.stmt] = {}
    for statement in tree.body:
        for name in _defined(statement):
            found[name] = statement
    return found


def _defined(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return [statement.name]
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return [alias.asname or alias.name.split(".")[0] for alias in statement.names]
    if isinstance(statement, ast.Assign | ast.AnnAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        return [each.id for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]
    return []


def _written(lines: list[str], statement: ast.stmt) -> str:
    """Return the statement as it stands, with its decorators and the comment above it."""
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(each.lineno for each in decorators)]) - 1
    while first > 0 and lines[first - 1].startswith("#"):
        first -= 1
    return "\n".join(lines[first : statement.end_lineno])
