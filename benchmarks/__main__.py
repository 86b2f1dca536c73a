"""`make bench`: each benchmark compares with its own baselines in one run, and prints ratios."""

import os
import platform
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from benchmarks import flood
from tests.running import Running

BENCHMARKS = {"flood": flood}


def main(names):
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    with tempfile.TemporaryDirectory() as folder:
        running = Running(Path(folder) / "var").start()
        try:
            for name in names or BENCHMARKS:
                print(f"{name}: {BENCHMARKS[name].__doc__.splitlines()[0]}")
                BENCHMARKS[name].run(running)
        finally:
            running.stop()


main(sys.argv[1:])
