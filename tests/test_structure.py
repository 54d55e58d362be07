"""The code as a newcomer finds it: small modules, each with its rule, and a plan that is true.

Prose about the code drifts when nobody holds it: what docs/architecture.md says of packages and modules is read here.
"""

import ast
import re
import subprocess
from pathlib import Path

from django.core.management import get_commands

from manage import OWNER, WORKER, role_for
from privacy.audit.events import Event

ROOT = Path(__file__).resolve().parents[1]
APPS = ("config", "demo", "tension", "maps", "outreach", "privacy")
ARCHITECTURE = ROOT / "docs" / "architecture.md"

LONGEST_FILE = 350
"""Lines of one file: what one can read at a sitting."""

SHORTEST_RULE = 60
"""Characters of a module's docstring: a title alone says nothing that the file's name does not."""

# Written once by a command or copied from a standard, and never edited by hand afterwards.
MADE = re.compile(
    r"/migrations/|^locale/|^requirements/.*\.txt$|^package-lock|^LICENSE$|^tests/vectors/|\.(json|geojson|png)$"
)


def tracked(*patterns: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--", *patterns], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file() and not MADE.search(name)]


def modules() -> dict[str, str]:
    """Every module of the five apps that holds something, with its text; migrations are history, not modules of today."""
    texts = {name: (ROOT / name).read_text() for name in tracked("*.py") if name.split("/")[0] in APPS}
    return {name: text for name, text in texts.items() if text.strip()}


def without_rule(texts: dict[str, str]) -> set[str]:
    return {
        name for name, text in texts.items() if len(ast.get_docstring(ast.parse(text)) or "") < SHORTEST_RULE
    }


def test_every_module_says_its_rule() -> None:
    texts = modules()
    assert len(texts) > 150
    assert without_rule({"a": '"""Helpers."""\n', "b": "import os\n"}) == {"a", "b"}
    assert without_rule(texts) == set()


def test_every_file_can_be_read_at_a_sitting() -> None:
    lines = {name: (ROOT / name).read_text().count("\n") for name in tracked()}
    assert max(lines.values()) > 200  # the files are there
    assert {name: count for name, count in lines.items() if count > LONGEST_FILE} == {}


def test_every_command_of_the_service_has_a_database_role_chosen_for_it() -> None:
    """A new command would run as the web role, which sees no row without somebody's membership, and do nothing in silence."""
    commands = {Path(name).stem for name in tracked("*/management/commands/*.py")} - {"__init__"}
    assert {name for name in commands if role_for(name) == "web"} == {"api_document"}  # reads no database
    assert set(get_commands()) >= (OWNER | WORKER)


def section(title: str) -> str:
    return ARCHITECTURE.read_text().partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def named_in_table(text: str) -> set[str]:
    """What stands between back-ticks in the first column of a table."""
    cells = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_the_plan_lists_the_packages_that_exist() -> None:
    packages = {Path(name).parent for name in tracked("*/__init__.py")}
    packages_listed = {
        ".".join(folder.parts)
        for folder in packages
        if folder.parts[0] in APPS
        and len(folder.parts) == 2
        and folder.name not in ("management", "templatetags")
    }
    assert named_in_table(section("Packages")) == packages_listed


def test_the_plan_lists_the_modules_of_the_core() -> None:
    core = {Path(name).stem for name in tracked("privacy/core/*.py")} - {"__init__"}
    assert named_in_table(section("`privacy.core`")) == core


def test_the_plan_lists_the_folders_that_exist() -> None:
    drawn = set(re.findall(r"^([a-z]+)/ ", section("Folders"), re.MULTILINE))
    folders = {name.split("/")[0] for name in tracked() if "/" in name and not name.startswith(".")}
    assert drawn == folders - {"requirements", "locale"}


def test_every_word_of_the_log_is_written_by_somebody() -> None:
    """A word that nothing records lets a reader believe that such things are logged."""
    texts = "\n".join(text for name, text in modules().items() if name != "privacy/audit/events.py")
    assert {event.name for event in Event if not re.search(rf"\bEvent\.{event.name}\b", texts)} == set()
