"""What Django and allauth do not promise stands in one module, and is still there."""

import ast
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from outreach.members.models import Account
from privacy import compat

ROOT = Path(__file__).resolve().parents[2]
OURS = ("config", "tension", "maps", "outreach", "privacy")
DOCUMENTED = {"_meta", "_default_manager", "_base_manager"}
"""Underscored, and promised by Django's documents."""


@pytest.mark.parametrize("name", compat.ALLAUTH)
def test_a_name_of_allauth_is_where_it_was_and_takes_what_it_took(name: str) -> None:
    module, parameters = compat.ALLAUTH[name]
    found = getattr(importlib.import_module(module), name)
    assert ", ".join(inspect.signature(found).parameters) == parameters
    assert getattr(compat, name) is found


def test_what_is_not_listed_is_not_there() -> None:
    with pytest.raises(AttributeError):
        compat.nothing_of_this_name  # noqa: B018


@pytest.mark.database
def test_a_transaction_begins_through_the_hook(monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[bool] = []
    real = connection.begun  # type: ignore[attr-defined]

    def counted() -> None:
        begun.append(True)
        real()

    monkeypatch.setattr(connection, "begun", counted)
    with transaction.atomic():
        Account.objects.exists()
    with transaction.atomic(), transaction.atomic():
        Account.objects.exists()
    assert begun == [True, True]


def test_django_reads_a_session_through_the_hook() -> None:
    class Store(compat.SessionRowHook, SessionStore):
        def read_row(self) -> Any:
            return rows.get(str(self.session_key))

    rows = {"k" * 32: SimpleNamespace(session_data=Store().encode({"a": 1}))}
    assert Store("k" * 32)["a"] == 1
    stranger = Store("x" * 32)
    assert stranger.get("a") is None and stranger.session_key is None


def test_djangos_middleware_takes_the_user_that_was_set() -> None:
    request, account = HttpRequest(), Account(email="a@example.org")
    assert compat.user_of(request) is None
    request.session = {}  # type: ignore[assignment]
    compat.set_user(request, account)
    AuthenticationMiddleware(lambda _request: HttpResponse())(request)
    assert request.user == account and compat.user_of(request) is account


def test_a_delete_in_one_statement_is_djangos() -> None:
    assert list(inspect.signature(QuerySet._raw_delete).parameters) == ["self", "using"]


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for top in OURS:
        for path in sorted((ROOT / top).rglob("*.py")):
            if "migrations" not in path.parts and path != ROOT / "privacy" / "compat.py":
                yield path, ast.parse(path.read_text(encoding="utf-8"))


def private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in DOCUMENTED


def own_names(trees: list[ast.Module]) -> set[str]:
    """What we call by an underscored name ourselves: functions, attributes of classes, attributes that are assigned."""
    found: set[str] = set()
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.id if isinstance(node, ast.Name) else node.attr)
    return found


def inherited(path: Path, tree: ast.Module) -> Iterator[str]:
    """Underscored names of a class of ours that one of its foreign bases has too."""
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef) or not node.bases:
            continue
        cls = getattr(importlib.import_module(module), node.name, None)
        if not inspect.isclass(cls):
            continue
        foreign = [
            base for base in cls.__mro__ if not base.__module__.startswith(OURS) and base is not object
        ]
        used = {one.attr for one in ast.walk(node) if isinstance(one, ast.Attribute) and private(one.attr)}
        used |= {one.name for one in ast.walk(node) if isinstance(one, ast.FunctionDef) and private(one.name)}
        for name in sorted(used):
            for base in foreign:
                source = inspect.getsource(base) if base.__module__ != "builtins" else ""
                if name in vars(base) or f"self.{name} =" in source:
                    yield f"{path.relative_to(ROOT)}: {node.name}.{name} of {base.__module__}"
                    break


def test_no_other_module_touches_what_is_not_promised() -> None:
    read = [one for one in sources() if "settings" not in one[0].parts and one[0].name != "gunicorn.py"]
    own = own_names([tree for _path, tree in read])
    guilty: list[str] = []
    for path, tree in read:
        where = path.relative_to(ROOT)
        guilty += inherited(path, tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and private(node.attr) and node.attr not in own:
                guilty.append(f"{where}:{node.lineno}: {node.attr}")
            if isinstance(node, ast.ImportFrom) and node.module:
                names = {alias.name for alias in node.names} if not node.module.startswith(OURS) else set()
                parts = {*node.module.split("."), *names} - {"__future__"}
                if "internal" in parts or any(private(part) for part in parts):
                    guilty.append(f"{where}:{node.lineno}: {node.module}")
    assert guilty == []
