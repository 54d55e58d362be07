"""What README and docs/ say exists, exists: links, commands, test files, settings, tables, addresses of pages.

Prose drifts; this finds the part of it that can be looked up.
"""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.urls import Resolver404, resolve

from privacy.core.policy import LIMITS
from privacy.core.retention import RetentionClass
from tests.outreach.test_languages import catalogue
from tests.reading import typed

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]

LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
COMMAND = re.compile(r"manage\.py (?:--\S+ )*([a-z][a-z_]+)")
SCRIPT = re.compile(r"(?<![\w/.-])script/([a-z]+(?:/[a-z]+)?)(?![\w/.])")
TEST_FILE = re.compile(r"(?<![\w/])(tests/[\w/.-]+\.(?:py|json|js))\b")
TEST_NAME = re.compile(r"`(test_\w+)`")
BARE_TEST_FILE = re.compile(r"`(test_\w+\.py)`")
CODE_FILE = re.compile(r"`((?:config|maps|outreach|privacy|tension|demo|script)/[\w/.-]+\.(?:py|js|sql|sh))`")
DOTTED = re.compile(r"`((?:config|maps|outreach|privacy|tension|demo)(?:\.[a-z_]+)+)`")
TABLE = re.compile(r"(?<![\w.])((?:outreach|maps|audit|retention|keystore)_[a-z]+)(?![\w.])")
SETTING = re.compile(r"MARAUDES_[A-Z_]*[A-Z]")
EMPHASIS = re.compile(r"\*\*([^*\n]+)\*\*|(?<!\*)\*([^*\n]+)\*(?!\*)")
CODE_IN_TEXT = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
ADDRESS = re.compile(
    r"http://127\.0\.0\.1:8000(/[^\s>)`]*)|`(/(?:control|coordination|cartes|maraude|demo)/[^`\s]*)`"
)
IMAGE_LIMIT = 200 * 1024

pages = pytest.mark.parametrize("page", PAGES, ids=NAMES)


@cache
def text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def found(pattern: re.Pattern[str], page: Path) -> set[str]:
    return {next(part for part in match.groups() if part) for match in pattern.finditer(text(page))}


@cache
def code() -> str:
    """Everything that could name a setting: Python, shell, containers."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "*.py", "script", "docker-compose.yml", "Dockerfile"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    names = [name for name in listed.split("\0") if name and name != "tests/test_docs.py"]
    return "\n".join((ROOT / name).read_text(encoding="utf-8") for name in names if (ROOT / name).is_file())


def test_the_patterns_find_what_is_there() -> None:
    """Presence before absence: a pattern that matches nothing would pass every test below."""
    for pattern in (LINK, COMMAND, SCRIPT, TEST_FILE, TEST_NAME, CODE_FILE, DOTTED, TABLE, SETTING, ADDRESS):
        assert any(pattern.search(text(page)) for page in PAGES), pattern.pattern
    assert len(PAGES) > 25


@cache
def every_test() -> str:
    return "\n".join(text(path) for path in (ROOT / "tests").rglob("test_*.py"))


@cache
def migrations() -> str:
    return "\n".join(
        text(path)
        for app in ("maps", "outreach", "privacy")
        for path in (ROOT / app).rglob("migrations/*.py")
    )


@pages
def test_links_lead_somewhere(page: Path) -> None:
    for target in found(LINK, page):
        if target.startswith(("https://", "http://127.0.0.1")):
            continue
        path, _, anchor = target.partition("#")
        where = (page.parent / path).resolve() if path else page
        assert where.exists(), target
        assert where == ROOT or ROOT in where.parents, target
        if anchor:
            heads = re.findall(r"^#+ (.+)$", text(where), re.MULTILINE)
            assert anchor in {
                re.sub(r"[^\w\- ]", "", head).strip().lower().replace(" ", "-") for head in heads
            }


@pages
def test_commands_exist(page: Path) -> None:
    known = set(get_commands())
    assert found(COMMAND, page) - known == set()
    for name in found(SCRIPT, page):
        assert (ROOT / "script" / name).exists(), name


@pages
def test_named_tests_exist(page: Path) -> None:
    for name in found(TEST_FILE, page):
        assert (ROOT / name).is_file(), name
    known = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    assert found(BARE_TEST_FILE, page) - known == set()
    for name in found(TEST_NAME, page):
        assert re.search(rf"def {name}\w*\(", every_test()), name


@pages
def test_named_code_exists(page: Path) -> None:
    for name in found(CODE_FILE, page):
        assert (ROOT / name).is_file(), name
    for name in found(DOTTED, page):
        parts = name.split(".")
        folder = ROOT.joinpath(*parts)
        module = ROOT.joinpath(*parts[:-1], parts[-1] + ".py")
        parent = ROOT.joinpath(*parts[:-1])
        holder = parent.with_suffix(".py") if parent.with_suffix(".py").is_file() else parent / "__init__.py"
        here = holder.is_file() and re.search(rf"\b{parts[-1]}\b", text(holder))
        assert folder.is_dir() or module.is_file() or here, name


@pages
def test_named_tables_exist(page: Path) -> None:
    known = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    words = set(get_commands()) | set(LIMITS) | {cls.value for cls in RetentionClass}
    for name in found(TABLE, page) - known - words:
        assert re.search(rf"\b{name}\b", migrations()), name


@pages
def test_named_settings_exist(page: Path) -> None:
    every = code()
    for match in SETTING.finditer(text(page)):
        name = match[0]
        assert name in every, name


# What a how-to may stress, and names of the demonstration; all else in bold or italics is a word on the screen.
STRESSED = {
    *("no", "yes", "key", "code", "note", "3", "15", "112", "114", "119", "maraudes", "english"),
    *("not built yet", "not protected", "set aside", "counted", "kept", "nothing changes", "met who agreed"),
    *("no consent column, no record", "copy it, or open its link and keep the file", "counting is enough"),
    *(
        "ask, and take a no",
        "a yes is for a square, needs, a few answers, and a time",
        "you are not followed",
        "what you typed stays in the open page",
        "transmission",
    ),
    *("write what helps the next round, not who", "both pictures show the demonstration: an invented city"),
    *("a no", "a yes", "whoever controls the server can open what has not expired"),
    *("the same night, before the team closes its round", "later"),
    *("premiers pas", "la soupe du soir", "responsable d'équipe, membre d'équipe"),
    *("compter suffit", "demandez, et acceptez un non", "personne ne vous suit"),
    "un oui vaut pour un carré, des besoins, quelques réponses et une durée",
    *(
        "écrivez ce qui aide la prochaine tournée, pas qui",
        "ce que vous avez tapé reste dans la page ouverte",
    ),
    "qui contrôle le serveur peut ouvrir ce qui n'a pas expiré",
    *("copiez-le, ou ouvrez son lien et gardez le fichier", "sans colonne d'accord, aucune rencontre"),
}


def said(sentence: str) -> str:
    """A sentence as two people would agree that it is the same."""
    return typed(sentence).replace("’", "'").strip(" .,:?").casefold()


@cache
def screens() -> tuple[frozenset[str], tuple[re.Pattern[str], ...]]:
    """Every sentence of the interface; those that hold a number or a name as patterns."""
    sentences = [source for entry in catalogue("fr") for source in entry.sources if source]
    plain = frozenset(said(one) for one in sentences)
    holes = re.compile(r"%\\\(\w+\\\)[sd]|\\{\w+\\}")
    patterns = tuple(re.compile(holes.sub(".+", re.escape(said(one)))) for one in sentences if "%(" in one)
    return plain, patterns


def unknown_on_screen(prose: str) -> set[str]:
    plain, patterns = screens()
    words = {
        said(part)
        for match in EMPHASIS.finditer(CODE_IN_TEXT.sub("", prose))
        for part in (match[1] or match[2]).split(" → ")
    }
    return {
        word
        for word in words - STRESSED
        if word not in plain and not any(pattern.fullmatch(word) for pattern in patterns)
    }


@pytest.mark.parametrize(
    "page",
    [ROOT / "README.md", *sorted((ROOT / "docs" / "users").rglob("*.md"))],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_words_to_look_for_are_on_a_screen(page: Path) -> None:
    assert unknown_on_screen("touch **Envoyer tout** or *Clore la tournée*") == {"envoyer tout"}
    assert unknown_on_screen(text(page)) == set()


@pages
def test_addresses_of_pages_are_routes(page: Path) -> None:
    for address in found(ADDRESS, page):
        if address == "/demo/":  # routed in the demonstration only
            continue
        try:
            resolve(address)
        except Resolver404:
            pytest.fail(address)


BACKED_UP = re.compile(
    r"^(?!.*\b(never|not|no)\b).*\b(back up|backup of|copy)\b.*\b(volumes?|pgdata|kek|maraudes_keys)\b",
    re.IGNORECASE,
)
"""A line that tells to copy what must not be copied."""


def test_nobody_is_told_to_back_up_a_volume() -> None:
    assert BACKED_UP.match("# Back up the volume pgdata; see the page.")
    places = [*ROOT.glob("*.yml"), ROOT / "Dockerfile", ROOT / "README.md", *(ROOT / "script").rglob("*")]
    places += [*(ROOT / "docs" / "operations").glob("*.md"), *(ROOT / "docs" / "users").rglob("*.md")]
    lines = [
        f"{path.name}: {line}"
        for path in places
        if path.is_file()
        for line in path.read_text(encoding="utf-8").splitlines()
        if BACKED_UP.match(line)
    ]
    assert lines == []
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8").partition("name: maraudes")[0]
    assert "docs/operations/backup-and-restore.md" in compose and "Never the volumes" in compose


def test_every_decision_is_in_the_index() -> None:
    index = text(ROOT / "docs" / "adr" / "index.md")
    numbers = []
    for page in sorted((ROOT / "docs" / "adr").glob("[0-9]*.md")):
        assert f"({page.name})" in index, page.name
        number = int(page.name[:4])
        assert text(page).startswith(f"# {number}. "), page.name
        numbers.append(number)
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_page_is_reached_from_the_readme() -> None:
    reached, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        if page in reached:
            continue
        reached.add(page)
        for target in found(LINK, page):
            path = (page.parent / target.partition("#")[0]).resolve()
            if path.suffix == ".md" and path.is_file():
                todo.append(path)
    assert {str(page.relative_to(ROOT)) for page in set(PAGES) - reached} == set()


def outline(page: Path) -> list[str]:
    """What a guide is made of in any language: headings, rows of tables, blocks of commands."""
    prose = re.sub(r"```.*?```", "```", text(page), flags=re.DOTALL)
    return re.findall(r"^(#+|```|\|)", prose, re.MULTILINE)


def test_every_guide_is_there_in_both_languages() -> None:
    """A heading, a row of a table or a block of commands that one language lacks is a fact its readers lack."""
    english, french = (sorted((ROOT / "docs" / "users" / code).glob("*.md")) for code in ("en", "fr"))
    assert len(english) > 5
    assert [page.name for page in french] == [page.name for page in english]
    for one, other in zip(english, french, strict=True):
        assert outline(other) == outline(one), one.name
        printed = [re.findall(r"```.*?```", text(page), re.DOTALL) for page in (one, other)]
        assert printed[1] == printed[0], one.name


def test_pictures_are_small_and_shown() -> None:
    pictures = sorted((ROOT / "docs" / "img").glob("*"))
    assert pictures
    for picture in pictures:
        assert picture.read_bytes().startswith(b"\x89PNG"), picture.name
        assert picture.stat().st_size <= IMAGE_LIMIT, picture.name
        assert f"docs/img/{picture.name}" in text(ROOT / "README.md"), picture.name
