"""Two test runs never empty the same database of Redis, whatever their names."""

import subprocess
import sys
from pathlib import Path
from zlib import crc32

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.settings import numbers

SAY = """
import sys
from pathlib import Path
from config.settings.numbers import number_of
print(number_of(Path(sys.argv[1]), sys.argv[2]), flush=True)
"""
HOLD = f"{SAY}\nimport subprocess\nsubprocess.run([sys.executable, '-c', {SAY!r}, *sys.argv[1:]], check=True)\nsys.stdin.read()"
ROOT = Path(__file__).resolve().parents[2]


def run(folder: Path, name: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", HOLD, str(folder), name]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def told(process: "subprocess.Popen[str]") -> int:
    assert process.stdout
    return int(process.stdout.readline())


def test_names_that_met_before_get_numbers_of_their_own(tmp_path: Path) -> None:
    names = [f"run{n}_" for n in range(40)]
    one = names[0]
    two = next(name for name in names[1:] if crc32(name.encode()) % 15 == crc32(one.encode()) % 15)
    first, second = run(tmp_path, one), run(tmp_path, two)
    numbers_ = [told(first), told(second)]
    assert numbers_[0] != numbers_[1] and 0 not in numbers_
    assert [told(first), told(second)] == numbers_, "what a run starts uses the run's number"
    first.kill()
    first.communicate()
    third = run(tmp_path, one)
    assert told(third) == numbers_[0], "a killed run holds nothing"
    for process in (second, third):
        process.communicate("")
        assert process.returncode == 0


def test_the_sixteenth_run_is_told_to_wait(tmp_path: Path) -> None:
    assert sorted(numbers.claim(tmp_path, "x") for _run in range(15)) == list(range(1, 16))
    with pytest.raises(ImproperlyConfigured, match="fifteen test runs"):
        numbers.claim(tmp_path, "x")
