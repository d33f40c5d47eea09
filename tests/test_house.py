"""The rules of the house that no linter knows."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from explorer import catalog

ROOT = Path(__file__).resolve().parent.parent
CODE = sorted(path for folder in ("explorer", "pages") for path in (ROOT / folder).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
FRONTEND = [
    path
    for path in sorted((ROOT / "explorer").rglob("*"))
    if path.suffix in (".js", ".css", ".html", ".svg") and "vendor" not in path.parts and "bench" not in path.parts
]
MOST_LINES = 400
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
WEB = ("explorer.ui", "explorer.plots", "explorer.store", "explorer.catalog", "explorer.engine.client")
RUNS_WHAT_IT_READS = {
    ("torch", "load"),
    ("pickle", "load"),
    ("pickle", "loads"),
    ("marshal", "loads"),
    ("yaml", "load"),
}


def names(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))


def dotted(node: ast.expr) -> tuple[str, ...]:
    """Return ("torch", "load") for `torch.load`."""
    if isinstance(node, ast.Attribute):
        return (*dotted(node.value), node.attr)
    return (node.id,) if isinstance(node, ast.Name) else ("?",)


def test_there_is_code_to_check():
    assert len(CODE) > 50
    assert len(FRONTEND) > 5


def test_no_file_is_longer_than_400_lines():
    assert names([path for path in CODE + TESTS if len(path.read_text("utf-8").splitlines()) > MOST_LINES]) == []


def test_no_module_has_a_vague_name():
    assert names([path for path in CODE if path.stem in VAGUE or path.parent.name in VAGUE]) == []


def test_no_module_beside_the_app_is_named_like_one_of_the_standard_library():
    """Streamlit puts the folder of explorer/app.py first on the path."""
    beside = {path.stem for path in (ROOT / "explorer").glob("*.py")} | {
        path.name for path in (ROOT / "explorer").iterdir() if path.is_dir()
    }
    assert beside & set(sys.stdlib_module_names) - {"__init__", "__main__"} == set()


def test_session_state_appears_in_one_file():
    used = [path for path in CODE if "session_state" in path.read_text("utf-8")]
    assert names(used) == ["explorer/ui/session.py"]


def test_only_the_pages_and_what_they_show_import_streamlit():
    word = re.compile(r"^\s*(?:import|from) streamlit\b", re.MULTILINE)
    users = [path for path in CODE if word.search(path.read_text("utf-8"))]
    allowed = (ROOT / "explorer" / "ui", ROOT / "pages", ROOT / "explorer" / "bench")
    apart = [path for path in users if not any(path.is_relative_to(folder) for folder in allowed)]
    assert set(names(apart)) <= {"explorer/app.py", "explorer/commands/serve.py"}


def test_shared_code_asks_for_no_architecture_by_name():
    keys = set(catalog.keys())
    found = []
    for path in CODE:
        inside = path.relative_to(ROOT).parts
        if inside[:2] in (("explorer", "architectures"), ("explorer", "bench")):
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Compare | ast.match_case):
                texts = {each.value for each in ast.walk(node) if isinstance(each, ast.Constant) and each.value in keys}
                if texts and (isinstance(node, ast.Compare) or _matches_name(node, texts)):
                    found.append(f"{'/'.join(inside)}: {texts}")
    assert found == []


def _matches_name(case: ast.match_case, texts: set[object]) -> bool:
    return any(isinstance(each, ast.Constant) and each.value in texts for each in ast.walk(case.pattern))


def test_nothing_that_is_read_is_executed():
    found = []
    for path in CODE:
        for call in calls(path):
            name = dotted(call.func)
            if name in RUNS_WHAT_IT_READS or name in (("eval",), ("exec",)):
                found.append(f"{path.relative_to(ROOT)}:{call.lineno} {'.'.join(name)}")
    assert found == []


def test_generators_are_made_in_one_place():
    """One place knows the run's device: a CPU generator for a CUDA tensor shows only on a machine with a GPU."""
    users = [path for path in CODE if any(dotted(call.func) == ("torch", "Generator") for call in calls(path))]
    assert set(names(users)) <= {"explorer/training/randomness.py"}


def test_the_frontend_fetches_nothing_from_outside():
    address = re.compile(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}[^\s\"'`)]*", re.IGNORECASE)
    namespaces = ("http://www.w3.org/",)
    found = []
    for path in FRONTEND:
        for match in address.finditer(path.read_text("utf-8")):
            if match.group().startswith(("http", "//")) and not match.group().startswith(namespaces):
                found.append(f"{path.relative_to(ROOT)}: {match.group()}")
    assert found == []


def test_no_page_file_is_long():
    assert (
        names([path for path in (ROOT / "pages").glob("*.py") if len(path.read_text("utf-8").splitlines()) > 100]) == []
    )


@pytest.mark.parametrize("module", WEB)
def test_the_web_process_never_loads_torch(module: str):
    """Import contracts see what is written; this sees what happens."""
    code = f"import sys, {module}; from explorer import catalog; catalog.cards(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_page_of_the_app_imports_without_torch():
    modules = [path.relative_to(ROOT / "explorer").with_suffix("") for path in (ROOT / "explorer" / "ui").rglob("*.py")]
    listed = ", ".join("explorer." + ".".join(part for part in each.parts if part != "__init__") for each in modules)
    code = f"import sys\nimport {listed}\nsys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
