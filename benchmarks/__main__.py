"""`make bench`: each benchmark compares with its own baselines in one run, and prints ratios."""

import atexit
import os
import platform
import shutil
import sys
import tempfile
from importlib import import_module
from pathlib import Path

BENCHMARKS = ("acknowledge", "process", "latency", "storage", "flood")


def main(names):
    print(f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    # A database of its own, whatever .env says: it is emptied before each benchmark.
    os.environ |= {"DJANGO_SETTINGS_MODULE": "benchmarks.baselines.settings", "DATABASE_URL": "", "PRODUCTION": "false"}
    os.environ |= {"DATA_DIR": str(folder / "var"), "LOG_LEVEL": "WARNING"}

    import django
    from django.conf import settings
    from django.core.management import call_command

    from config import embedded_postgres

    embedded_postgres.use(settings.DATA_DIR)
    django.setup()
    settings.STATIC_ROOT.mkdir()  # the web server refuses to start without
    call_command("migrate", run_syncdb=True, verbosity=0)
    for name in names or BENCHMARKS:
        benchmark = import_module(f"benchmarks.{name}")
        print(f"\n{name}: {(benchmark.__doc__ or '').partition('\n')[0]}", flush=True)
        call_command("flush", interactive=False, verbosity=0)
        benchmark.run()


main(sys.argv[1:])
