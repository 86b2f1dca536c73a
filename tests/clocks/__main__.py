"""Runs the tests that are marked `clock` at four moments: `python -m tests.clocks [arguments of pytest]`.

libfaketime moves the clock of every process by the same distance: pytest, PostgreSQL, web server, worker, Chromium.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from tests.running import ROOT

# The time zone of the processes and its clock when the tests begin. The stories that tests play end now and begin
# two and a half hours earlier; the jobs of tests/payloads happened until March 2026, so no clock is before that.
CLOCKS = [
    ("UTC", datetime(2027, 2, 28, 23, 50)),
    ("Asia/Kolkata", datetime(2027, 1, 1, 0, 10)),
    ("America/New_York", datetime(2026, 11, 1, 1, 10, fold=1)),  # the hour from 1 to 2 comes a second time
    ("America/Santiago", datetime(2026, 9, 6, 1, 10)),  # midnight did not exist
]


def main() -> int:
    """Print what pytest prints at each clock; return its first status that is not 0, or 0."""
    library = next(Path("/usr/lib").glob("**/faketime/libfaketime.so.1"), None)
    if not library:
        print("libfaketime is not installed (Debian: apt install faketime).", file=sys.stderr)
        return 1
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        statuses = list(pool.map(lambda clock: run(library, *clock), CLOCKS))
    return next(filter(None, statuses), 0)


def run(library: Path, zone: str, start: datetime) -> int:
    distance = start.replace(tzinfo=ZoneInfo(zone)) - datetime.now(UTC)
    environment = {
        "TZ": zone,  # of Chromium and PostgreSQL
        "TIME_ZONE": zone,  # of Django
        "LD_PRELOAD": str(library),
        "PYTHONPATH": str(Path(__file__).parent),  # of sitecustomize.py
        "FAKETIME": f"{distance.total_seconds():+.0f}s",
        # Timeouts work on the monotonic clock, and Chromium waits forever with libfaketime's workaround for glibc.
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_FORCE_MONOTONIC_FIX": "0",
        "FAKETIME_DISABLE_SHM": "1",  # PostgreSQL runs as another user, who may not open it
        "NO_FAKE_STAT": "1",  # else Python compiles every module again
    }
    # In a folder of its own: each start of pytest closes the shared one to the user as whom PostgreSQL runs.
    with TemporaryDirectory(prefix="delivery-clocks-") as folder:
        options = ["-m", "clock", "-p", "no:cacheprovider", f"--basetemp={folder}/pytest", *sys.argv[1:]]
        result = subprocess.run(
            [sys.executable, "-m", "pytest", *options, *marked()],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    print(f"{start:%d %b %Y %H:%M} in {zone}:\n{result.stdout}", flush=True)
    return result.returncode


def marked() -> list[str]:
    """Return the files with marked tests: to collect all the others would take longer than to run these."""
    return [str(path) for path in sorted(ROOT.glob("tests/**/test_*.py")) if "pytest.mark.clock" in path.read_text()]


if __name__ == "__main__":
    sys.exit(main())
