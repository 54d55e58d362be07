"""A long drill that lacks a tool ends with the command to type; it does not pass by skipping."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("name", ["compose", "machines"])
def test_a_long_drill_without_its_tool_fails_and_says_what_to_type(name: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"tests/resilience/test_{name}.py"],
        cwd=ROOT,
        env=os.environ | {"MARAUDES_DRILL": "long", "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR, done.stdout
    assert "sudo apt-get install --yes debootstrap" in done.stderr + done.stdout
