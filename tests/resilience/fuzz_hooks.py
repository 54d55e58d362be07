"""What schemathesis does for the drill beside its own: real ids and sealed drafts among invented ones; what an error may say.

Loaded by schemathesis in a venv without this installation (SCHEMATHESIS_HOOKS), so it imports nothing of it. What is chosen
follows from the case itself, never from chance: a case that failed fails again. Counts go to the file FUZZ_TALLY.
"""

import atexit
import json
import os
import re
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis

SCENE: dict[str, Any] = json.loads(Path(os.environ["FUZZ_SCENE"]).read_text())
WORDS = frozenset(os.environ["FUZZ_WORDS"].split(","))
BUILT = re.compile(
    r"Traceback|File \"|\.py\b|line \d+|SELECT |INSERT |UPDATE |DETAIL:"
    r"|psycopg|django|pydantic|/work|/home|site-packages|outreach_|"
    r"maraudes_(?:web|worker|owner|keys)|type_error|input_value",
    re.IGNORECASE,
)
SHORTEST = 6
"""Shorter values stand in any page by chance."""

tally: Counter[str] = Counter()
seconds: list[float] = []


def _number(case: Any) -> int:
    return zlib.crc32(repr((case.path, case.path_parameters, case.body)).encode("utf-8", "surrogatepass"))


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Most calls go to a round that is there; some carry drafts that were really sealed, to their round or to another."""
    if "round_id" not in (case.path_parameters or {}):
        return
    number = _number(case)
    ways = [SCENE["open"]] * 10 + [
        [SCENE["closed"]],
        [SCENE["planned"]],
        [SCENE["cancelled"]],
        SCENE["other"],
        [],
        [],
    ]
    choice = ways[number % len(ways)]
    if choice:
        case.path_parameters["round_id"] = choice[number // 16 % len(choice)]
    body = case.body
    if isinstance(body, dict) and "drafts" in body and number // 256 % 3:
        sealed = SCENE["drafts"][number // 1024 % len(SCENE["drafts"])]
        if number // 256 % 3 == 1:
            case.path_parameters["round_id"] = sealed["round"]
        body["drafts"] = [
            {key: value for key, value in sealed.items() if key != "round"}
            | ({"blob": sealed["blob"][:-8] + "AAAAAAA="} if number % 5 == 0 else {})
        ]
        body["phone"] = SCENE["closed"]


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    tally[f"{case.method} {case.path} {response.status_code}"] += 1
    seconds.append(response.elapsed)


def _values(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [one for key, inner in value.items() for one in (str(key), *_values(inner))]
    if isinstance(value, list | tuple):
        return [one for inner in value for one in _values(inner)]
    if isinstance(value, bytes):
        return [value.decode("utf-8", "replace")]
    return [] if value is None or isinstance(value, bool) else [str(value)]


@schemathesis.check
def an_error_says_one_word(ctx: Any, response: Any, case: Any) -> None:
    """An error of the API is a code of a closed list; an answer of the server around it holds nothing that was sent."""
    if response.status_code < 400:
        return
    text = response.text
    if "json" in (response.headers.get("content-type") or [""])[0]:
        body = json.loads(text)
        assert isinstance(body, dict) and body.keys() == {"code"}, "an error with more than a code"
        assert body["code"] in WORDS, "a code that is not of the list"
        return
    tally[f"not json: {response.status_code}"] += 1
    assert not BUILT.search(text), "an error that shows how the service is built"
    sent = (
        value
        for part in (case.path_parameters, case.query, case.body)
        for value in _values(part)
        if len(value.strip()) >= SHORTEST
    )
    assert not any(value in text for value in sent), "an error that repeats what was sent"


@atexit.register
def _write() -> None:
    seconds.sort()
    found = {"calls": dict(sorted(tally.items())), "median_ms": _at(0.5), "p99_ms": _at(0.99)}
    Path(os.environ["FUZZ_TALLY"]).write_text(json.dumps(found))


def _at(share: float) -> float:
    return round(1000 * seconds[int(share * (len(seconds) - 1))], 1) if seconds else 0.0
