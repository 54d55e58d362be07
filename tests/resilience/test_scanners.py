"""wapiti and sqlmap on a running service, as a stranger and signed in; what they report is held against a list of answers.

The same tools with the same settings find what was planted in pages broken on purpose. No network beyond the service.
"""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.resilience.conftest import Drill
from tests.resilience.stack import Stack
from tests.resilience.tools import tools
from tests.resilience.vulnerable_app import weak_web

pytestmark = pytest.mark.long

MODULES = "cookieflags,crlf,csp,csrf,exec,file,htaccess,http_headers,ldap,methods,permanentxss,redirect,sql,timesql,upload,xss"
"""Those that ask nothing of the network beyond the service. Guessing passwords and names of files is left to other tests."""

SCAN, ATTACK, TRY = 60, 20, 180
"""Seconds for the crawl, for each module of wapiti, for sqlmap."""

ANSWERED: dict[tuple[str, str], str] = {
    ("HTTP Methods", "Possible interesting methods"): (
        "OPTIONS says what a view takes and shows nothing; PUT is a POST under another name, same gate, same token"
    ),
    ("Secure Flag cookie", "Secure flag is not set"): (
        "the drill speaks plain HTTP on this machine; production sets the flag and refuses to start without it (config.E006)"
    ),
}
"""(tool's category, part of its sentence) → the answer; docs/measured/scanners.md says the same in words."""

WALKS = {
    # As whom: where the crawl begins, and what sqlmap tries with every parameter and form of it.
    "": ("/", "/compte/login/", "/invitation/", "/compte/password/reset/"),
    "nadia": ("/maraude/cette-nuit/?toutes=1", "/coordination/agenda/", "/cartes/equipe/", "/place/"),
    "claire": ("/coordination/", "/cartes/coordination/?semaine=2026-01-05", "/coordination/couverture/"),
    "agnes": ("/coordination/membres/", "/coordination/membres/inviter/", "/coordination/equipes/"),
}
TOKEN = "s" * 32
"""A client's CSRF pair, in cookie and header: what is tried is behind it."""

LEAVES = ("/compte/logout/", "/fin/", "/deconnecter/", "/appareils/", "/deuxieme-etape/")
"""What a crawl must not send, or it would scan the rest as a stranger."""


def wapiti(folder: Path, address: str, starts: tuple[str, ...], session: str) -> list[dict[str, Any]]:
    """Crawl and attack; the findings as (category, level, method, path, info, parameter)."""
    folder.mkdir(parents=True, exist_ok=True)
    cookie = ["-C", f"sessionid={session}", "--drop-set-cookie"] if session else []
    done = subprocess.run(
        [
            str(tools("scan") / "wapiti"),
            *("-u", f"{address}/"),
            *(part for start in starts for part in ("-s", address + start)),
            *(part for leave in LEAVES for part in ("-x", f"{address}*{leave}*")),
            *("-x", f"{address}/static/*"),
            *("-m", MODULES, "-S", "normal", "-d", "4", "-t", "20", "--tasks", "4"),
            *("--max-scan-time", str(SCAN), "--max-attack-time", str(ATTACK)),
            *(
                "--flush-session",
                "--store-session",
                str(folder / "session"),
                "--store-config",
                str(folder / "config"),
            ),
            *("--no-bugreport", "-v", "1", "-f", "json", "-o", str(folder / "report.json")),
            *cookie,
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=SCAN + ATTACK * MODULES.count(",") + 300,
    )
    (folder / "printed").write_text(done.stdout + done.stderr)
    report = json.loads((folder / "report.json").read_text())
    found = []
    for part in ("vulnerabilities", "anomalies", "additionals"):
        for category, entries in report[part].items():
            found += [{"category": category, "part": part, **entry} for entry in entries]
    return found


def sqlmap(folder: Path, targets: list[str], session: str) -> tuple[int, list[str]]:
    """Try each address (and the forms of its page); how many parameters were tried, and what is injectable."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "targets").write_text("\n".join(targets) + "\n")
    cookie = f"csrftoken={TOKEN}" + (f"; sessionid={session}" if session else "")
    done = subprocess.run(
        [
            str(tools("scan") / "sqlmap"),
            "-m",
            str(folder / "targets"),
            "--forms",
            "--batch",
            "--level=2",
            "--risk=1",
            "--dbms=PostgreSQL",
            "--technique=BEUS",
            f"--time-limit={TRY}",
            "--param-exclude=sessionid|csrftoken|csrfmiddlewaretoken",
            "--timeout=20",
            "--retries=1",
            f"--cookie={cookie}",
            f"--headers=X-CSRFToken: {TOKEN}",
            "--drop-set-cookie",
            "--flush-session",
            "--disable-coloring",
            f"--output-dir={folder}",
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=TRY + 300,
    )
    (folder / "printed").write_text(done.stdout + done.stderr)
    tried = len(
        set(
            re.findall(
                r"^(?:GET|POST) (\S+)|heuristic \(basic\) test shows that (.+?) might", done.stdout, re.M
            )
        )
    )
    return tried, re.findall(r"^Parameter: (.+)$", done.stdout, re.M)


def unanswered(found: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [
        (one["category"], one["path"], one["info"])
        for one in found
        if not any(one["category"] == category and words in one["info"] for category, words in ANSWERED)
    ]


@pytest.fixture
def stack() -> Iterator[Stack]:
    """A service for each of the scanners: nobody knows what the one before left of its sessions."""
    with Stack.lent() as made:
        yield made


def signed_in(stack: Stack) -> dict[str, str]:
    stack.start("db", "broker", "web")
    stack.run("tests.resilience.standing", "scene")
    return {
        str(first): str(key)
        for first, key in stack.run("tests.resilience.standing", "sign-in", role="web").items()
    }


def test_what_wapiti_finds_is_answered(stack: Stack, drill: Drill, tmp_path: Path) -> None:
    sessions = signed_in(stack)
    left: list[tuple[str, str, str]] = []
    for first, starts in WALKS.items():
        found = wapiti(tmp_path / f"wapiti-{first}", stack.address, starts, sessions.get(first, ""))
        drill.say(
            f"scanners: as {first or 'a stranger'} wapiti {len(found)} findings {sorted({one['category'] for one in found})}"
        )
        left += unanswered(found)
    assert left == []
    assert "status=500" not in (stack.folder / "log/web.log").read_text()


def test_sqlmap_injects_nothing(stack: Stack, drill: Drill, tmp_path: Path) -> None:
    sessions = signed_in(stack)
    for first, starts in WALKS.items():
        targets = [stack.address + start for start in starts]
        tried, injectable = sqlmap(tmp_path / f"sqlmap-{first}", targets, sessions.get(first, ""))
        drill.say(
            f"scanners: as {first or 'a stranger'} sqlmap {tried} forms and parameters tried, {len(injectable)} injectable"
        )
        assert tried > 1
        assert injectable == []
    assert "status=500" not in (stack.folder / "log/web.log").read_text()


def test_the_scanners_find_what_was_planted(stack: Stack, drill: Drill, tmp_path: Path) -> None:
    """The control: a reflected word and a joined statement."""
    stack.start("db", "broker")
    with weak_web(stack) as address:
        found = wapiti(tmp_path / "wapiti-weak", address, ("/weak/",), "")
        _tried, injectable = sqlmap(tmp_path / "sqlmap-weak", [f"{address}/weak/find/?name=pg_class"], "")
    planted = {(one["category"], one["path"].partition("?")[0]) for one in found}
    assert ("SQL Injection", "/weak/find/") in planted, planted
    assert any(
        "Cross Site Scripting" in category and path == "/weak/reflect/" for category, path in planted
    ), planted
    assert injectable
    drill.say(
        "scanners: the control's reflected word and joined statement are found by wapiti, the statement by sqlmap too"
    )
