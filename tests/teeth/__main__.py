"""Plant each fault, run the tests that should find it, put the file back, and say what was found.

    python -m tests.teeth                 every fault
    python -m tests.teeth consent maps    areas or ids
    python -m tests.teeth --list          their ids
    python -m tests.teeth --check         those whose text or tests are not there any more (plants nothing)

Refuses where the file of a fault has changes that are not committed: after an interruption `git checkout` gives it back.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.teeth.fault import Fault
from tests.teeth.faults import FAULTS

ROOT = Path(__file__).resolve().parents[2]
FOUND, SURVIVED, BROKEN = "found", "SURVIVED", "BROKEN"


def plant(fault: Fault) -> tuple[str, str]:
    """What became of one fault, and the first test that failed. The file is as it was when this returns."""
    path = ROOT / fault.file
    whole = path.read_bytes()
    changed = subprocess.run(["git", "diff", "--quiet", "HEAD", "--", fault.file], cwd=ROOT, check=False)
    if changed.returncode:
        return BROKEN, f"{fault.file} has changes that are not committed"
    if whole.decode().count(fault.old) != 1:
        return BROKEN, f"the text to replace stands {whole.decode().count(fault.old)} times in {fault.file}"
    try:
        path.write_text(whole.decode().replace(fault.old, fault.new))
        return run(fault.tests, kept=fault.area != "row-security" and "/migrations/" not in fault.file)
    finally:
        path.write_bytes(whole)


def stale(fault: Fault) -> bool:
    """Whether its text does not stand exactly once in its file any more, or one of its tests has gone."""
    file = ROOT / fault.file
    tests = [ROOT / test.partition("::")[0] for test in fault.tests]
    return not file.is_file() or file.read_text().count(fault.old) != 1 or not all(map(Path.exists, tests))


def run(tests: tuple[str, ...], *, kept: bool) -> tuple[str, str]:
    """Run these tests until the first fails: a test that fails finds the fault; whatever else stops them is a bad fault."""
    settings = {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "PYTHONDONTWRITEBYTECODE": "1",
        "MARAUDES_TEST_SUFFIX": os.environ.get("MARAUDES_TEST_SUFFIX", "")
        + ("teeth_kept_" if kept else "teeth_"),
    }
    plugin = ["-p", "tests.teeth.kept"] if kept else []
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *plugin, *tests],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == 0:
        return SURVIVED, ""
    failed = re.search(r"^FAILED (\S+)", done.stdout, re.MULTILINE)
    return (FOUND, failed[1]) if failed else (BROKEN, (done.stdout + done.stderr).strip()[-300:])


def main(asked: list[str]) -> int:
    chosen = [one for one in FAULTS if not asked or one.area in asked or one.id in asked]
    if asked == ["--list"]:
        print("\n".join(f"{one.area:14} {one.id}" for one in FAULTS))
        return 0
    if asked == ["--check"]:
        gone = [one.id for one in FAULTS if stale(one)]
        print(
            "\n".join(f"no longer to be planted: {name}" for name in gone)
            or f"{len(FAULTS)} faults can be planted"
        )
        return 1 if gone else 0
    results: dict[str, list[str]] = {FOUND: [], SURVIVED: [], BROKEN: []}
    for fault in chosen:
        became, said = plant(fault)
        results[became].append(fault.id)
        print(f"{became:9} {fault.area}/{fault.id}  {said}", flush=True)
    print(
        f"{len(chosen)} planted, " + ", ".join(f"{len(ids)} {word.lower()}" for word, ids in results.items())
    )
    for word in (SURVIVED, BROKEN):
        if results[word]:
            print(f"{word.lower()}: {', '.join(results[word])}")
    return 1 if results[SURVIVED] or results[BROKEN] else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
