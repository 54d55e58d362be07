"""The room itself: what it may import and touch, how long its files are, where its vectors come from."""

import ast
import json
import sys
from datetime import date
from pathlib import Path

import pytest

from tests.privacy.core.given import VECTORS

CORE = Path(__file__).parents[3] / "privacy" / "core"
FILES = sorted(CORE.glob("*.py"))
WORLD = {  # standard modules through which a clock, a file, a network, a log or cheap dice would come in
    "asyncio", "io", "logging", "multiprocessing", "os", "pathlib", "random", "shelve", "shutil", "socket",
    "sqlite3", "subprocess", "sys", "tempfile", "threading", "time", "urllib", "http",
}  # fmt: skip
CLOCKS = {"now", "utcnow", "today", "print", "open", "input", "eval", "exec", "getLogger"}


def imports(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add(str(node.module))
    return found


def calls(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func
            found.add(name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", ""))
    return found


def test_there_are_files_to_look_at() -> None:
    assert {"consent.py", "coarsening.py", "envelope.py", "retention.py"} <= {path.name for path in FILES}
    assert imports(ast.parse("import os\nfrom time import time")) == {"os", "time"}
    assert calls(ast.parse("datetime.now(); print(1)")) == {"now", "print"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_imports_the_standard_library_and_cryptography(path: Path) -> None:
    for module in imports(ast.parse(path.read_text(encoding="utf-8"))):
        top = module.split(".")[0]
        if module.startswith("privacy."):
            assert module.startswith("privacy.core.") or module == "privacy.core"
        else:
            assert top == "cryptography" or top in sys.stdlib_module_names
            assert top not in WORLD


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_it_asks_nobody_for_the_time_and_tells_nobody(path: Path) -> None:
    assert not calls(ast.parse(path.read_text(encoding="utf-8"))) & CLOCKS


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_files_are_short_and_state_their_rule(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 350
    assert len(ast.get_docstring(ast.parse(text)) or "") > 60


@pytest.mark.parametrize("path", sorted(VECTORS.glob("*.json")), ids=lambda path: path.name)
def test_vectors_say_where_they_come_from(path: Path) -> None:
    provenance = json.loads(path.read_text(encoding="utf-8"))["provenance"]
    assert provenance["origin"]
    assert provenance["tool"]
    assert date.fromisoformat(provenance["date"]) >= date(2026, 11, 22)
