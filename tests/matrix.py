"""`make test-matrix`: the tests without a browser, on each supported Python with each supported PostgreSQL.

Only what is installed runs; the last lines report what ran, how it ended, and what was not found. Each Python has an
environment of its own in DATA_DIR/matrix, which later runs reuse. PostgreSQL 18 is the one from the wheel; the others
are Debian's, each started in a temporary folder with a socket of its own.
"""

import argparse
import hashlib
import os
import pwd
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / os.environ.get("DATA_DIR", "var") / "matrix"
PYTHONS = ("3.12", "3.13", "3.14")
POSTGRESQLS = ("15", "16", "17", "18")
EMBEDDED = "18"  # of the wheel that requirements.txt names
WITHOUT_BROWSER = ["tests", "--ignore=tests/browser", "--dist=loadfile", "-n2"]


class MatrixError(Exception):
    """A combination could not be prepared; the message says why."""


def main() -> None:
    """Run the combinations that are asked for; exit with status 1 where one fails, or one asked for is missing."""
    parser = argparse.ArgumentParser(prog="make test-matrix", description=__doc__)
    parser.add_argument("--python", nargs="+", choices=PYTHONS, help="only these; default: those installed")
    parser.add_argument("--postgresql", nargs="+", choices=POSTGRESQLS, help="only these; default: those installed")
    parser.add_argument("--tests", default=shlex.join(WITHOUT_BROWSER), help="pytest's arguments, as one text")
    options = parser.parse_args()
    pythons = {version: find_python(version) for version in options.python or PYTHONS}
    servers = {version: find_programs(version) for version in options.postgresql or POSTGRESQLS}
    results: dict[str, str] = {}
    for python, interpreter in pythons.items():
        for postgresql, programs in servers.items():
            if interpreter and (programs or postgresql == EMBEDDED):
                name = f"Python {python}, PostgreSQL {postgresql}"
                print(f"--- {name}", flush=True)
                results[name] = run_tests(python, interpreter, programs, shlex.split(options.tests))
    missing = [f"Python {version}" for version, interpreter in pythons.items() if not interpreter]
    missing += [f"PostgreSQL {v}" for v, programs in servers.items() if not programs and v != EMBEDDED]
    for name, result in results.items():
        print(f"{name}: {result}")
    print(f"not installed: {', '.join(missing) or 'none'}")
    asked = options.python or options.postgresql
    if not results or set(results.values()) != {"passed"} or (asked and missing):
        sys.exit(1)


def find_python(version: str) -> str | None:
    """Return the path of an interpreter of this version, of the system, pyenv or uv, that can make environments."""
    name = f"python{version}"
    places = [Path.home() / ".pyenv" / "versions", Path.home() / ".local" / "share" / "uv" / "python"]
    candidates = [
        shutil.which(name),
        *(str(path) for place in places for path in place.glob(f"*{version}.*/bin/{name}")),
    ]
    check = f"import sys, venv, ensurepip; sys.exit('%d.%d' % sys.version_info[:2] != '{version}')"
    for candidate in filter(None, candidates):
        if not subprocess.run([candidate, "-c", check], capture_output=True, check=False).returncode:
            return candidate
    return None


def find_programs(version: str) -> Path | None:
    """Return the folder of Debian's PostgreSQL programs of this version."""
    folder = Path("/usr/lib/postgresql") / version / "bin"
    return folder if (folder / "initdb").exists() else None


def run_tests(python: str, interpreter: str, programs: Path | None, arguments: list[str]) -> str:
    """Return "passed", "failed" or why the tests could not run."""
    try:
        environment = make_environment(python, interpreter)
        with start_server(programs) as url:
            result = subprocess.run(
                [environment / "bin" / "python", "-m", "pytest", *arguments],
                cwd=ROOT,
                env=os.environ | {"DATABASE_URL": url},
                check=False,
            )
    except MatrixError as error:
        return str(error)
    return "failed" if result.returncode else "passed"


def make_environment(python: str, interpreter: str) -> Path:
    """Return the folder of a virtual environment that holds what requirements-dev.txt names."""
    folder = ENVIRONMENTS / f"python{python}"
    requirements = ROOT / "requirements-dev.txt"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    stamp = folder / ".installed"
    if not stamp.exists() or stamp.read_text() != digest:
        run(interpreter, "-m", "venv", "--clear", folder)
        pip = (folder / "bin" / "python", "-m", "pip", "--quiet", "--disable-pip-version-check")
        run(*pip, "install", "--no-compile", "--require-hashes", "-r", requirements)
        stamp.write_text(digest)
    return folder


@contextmanager
def start_server(programs: Path | None) -> Iterator[str]:
    """Start a PostgreSQL for the block and give its DATABASE_URL; without programs, "": the tests start the wheel's."""
    if programs is None:
        yield ""
        return
    # PostgreSQL refuses to run as root.
    owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        data = Path(folder) / "data"
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        control = (programs / "pg_ctl", "-D", data, "-w", "-l", Path(folder) / "log")
        run(
            programs / "initdb",
            "-D",
            data,
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            user=owner,
        )
        run(*control, "-o", options, "start", user=owner)
        try:
            yield f"postgres://postgres@/{folder}/postgres"
        finally:
            run(*control, "-m", "immediate", "stop", user=owner)


def run(*command: str | Path, user: pwd.struct_passwd | None = None) -> None:
    """Run a program, as `user` where given; raise MatrixError with the end of its output where it fails."""
    with tempfile.TemporaryFile("w+") as output:  # a server that inherits a pipe would keep its reader waiting
        result = subprocess.run(
            command,
            cwd="/",
            stdout=output,
            stderr=subprocess.STDOUT,
            user=user.pw_uid if user and os.getuid() == 0 else None,
            group=user.pw_gid if user and os.getuid() == 0 else None,
            check=False,
        )
        output.seek(0)
        if result.returncode:
            raise MatrixError(f"{Path(command[0]).name} failed: {' | '.join(output.read().splitlines()[-3:])}")


if __name__ == "__main__":
    main()
