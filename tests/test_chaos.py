"""The short form of `make chaos`, in a process of its own, as it has settings of its own."""

import subprocess
import sys

from tests.running import ROOT


def test_nothing_is_lost_whatever_is_killed():
    result = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--minutes=0.2"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
