"""`make lint`: the static checks, two at a time, with one line for each and the output of those that fail."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = Path(sys.executable).parent
MANAGE = (sys.executable, "manage.py")


class CheckError(Exception):
    """A check failed; the message is its output."""


def run(*command: str | Path) -> None:
    """Run a command; raise CheckError with its output where it fails."""
    result = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | {"FORCE_COLOR": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode:
        raise CheckError(result.stdout)


CHECKS: dict[str, Callable[[], object]] = {
    "mypy": lambda: run(PROGRAMS / "mypy", "--no-pretty"),
    "missing migrations": lambda: run(*MANAGE, "makemigrations", "--check", "--dry-run"),
    "Django's checks": lambda: run(*MANAGE, "check", "--fail-level", "WARNING"),
    "djlint": lambda: run(PROGRAMS / "djlint", "templates", "--lint", "--check", "--quiet"),
    "import-linter": lambda: run(PROGRAMS / "lint-imports", "--no-cache"),
    "oxlint": lambda: run(PROGRAMS / "oxlint", "--deny-warnings", "--quiet", "chat", "console", "orders", "webhooks"),
    "ruff check": lambda: run(PROGRAMS / "ruff", "check", "--quiet", "."),
    "ruff format": lambda: run(PROGRAMS / "ruff", "format", "--check", "."),
}


def main() -> None:
    """Run all checks; exit with status 1 where one of them fails."""
    with ThreadPoolExecutor(2) as pool:
        results = {name: pool.submit(_run_check, check) for name, check in CHECKS.items()}
        failed = [name for name, result in results.items() if not _report(name, *result.result())]
    if failed:
        sys.exit(f"make lint failed: {', '.join(failed)}")


def _run_check(check: Callable[[], object]) -> tuple[float, str | None]:
    begin = time.monotonic()
    try:
        check()
    except CheckError as error:
        return time.monotonic() - begin, str(error)
    return time.monotonic() - begin, None


def _report(name: str, seconds: float, failure: str | None) -> bool:
    if failure is not None:
        sys.stdout.write(failure)
    print(f"{name:20} {'ok' if failure is None else 'FAILED'} ({seconds:.1f} s)", flush=True)
    return failure is None


if __name__ == "__main__":
    main()
