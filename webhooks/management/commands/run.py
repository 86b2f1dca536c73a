"""The command behind `make run`: database, web server and worker on one machine, for trials and development."""

import io
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Collection, Iterable
from pathlib import Path
from threading import Event as Flag
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from config import catalogs, schema_fingerprint

START_TIMEOUT = 60  # seconds
STOP_TIMEOUT = 20
WEB_STOP_TIMEOUT = 10  # below STOP_TIMEOUT, so that the web server itself ends its worker processes
MAX_LOG = 10_000_000  # bytes; a longer log is overwritten at the next start

Process = subprocess.Popen[bytes]
Processes = dict[str, Process]


class Command(BaseCommand):
    help = "Set everything up and run web server and worker together until Ctrl-C."

    def handle(self, **options: Any) -> None:
        """1. Prepare. 2. Start web and worker. 3. Wait for Ctrl-C, or for one of them to end. 4. Stop both."""
        refuse_taken_port()
        stop = Flag()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: stop.set())
        self.say("Preparing the database, the static files and the translations ...")
        refuse_older_schema()
        call_command("migrate", verbosity=0)
        schema_fingerprint.store_fingerprint()
        call_command("collectstatic", verbosity=0, interactive=False)
        catalogs.compile_outdated()
        call_command("add_demo_sources", stdout=io.StringIO())
        password = create_admin()
        logs = settings.DATA_DIR / "logs"
        logs.mkdir(exist_ok=True)
        processes: Processes = {}
        try:
            processes = {
                "web": start(web(settings.PORT), logs / "web.log"),
                "worker": start(WORKER, logs / "worker.log"),
            }
            ended = self.wait_until_ready(processes, stop)
            if not ended and not stop.is_set():
                self.welcome(password, logs)
                ended = wait_for_end(processes, stop)
        finally:
            terminate(processes.values())
        if ended:
            raise CommandError(f"The {ended} ended; {logs / ended}.log ends with:\n{last_lines(logs / f'{ended}.log')}")
        self.say("\nStopped. All data is kept for the next start.")

    def say(self, text: str) -> None:
        """Print a text at once, also into a pipe."""
        self.stdout.write(text)
        self.stdout.flush()

    def wait_until_ready(self, processes: Processes, stop: Flag) -> str | None:
        """Wait for the readiness check; return the name of a process that ended, or None."""
        deadline = time.monotonic() + START_TIMEOUT
        while time.monotonic() < deadline and not stop.is_set():
            if ended := any_ended(processes):
                return ended
            try:
                with urlopen(f"http://127.0.0.1:{settings.PORT}/health/ready", timeout=5):
                    return None
            except (URLError, OSError):
                stop.wait(0.1)
        return None if stop.is_set() else "web"

    def welcome(self, password: str | None, logs: Path) -> None:
        """Print where everything is; `password` is a new login's."""
        (settings.DATA_DIR / "address").write_text(local_url())
        login = (
            f"user admin, password {password}   (shown only now)"
            if password
            else "as before; forgotten? .venv/bin/python manage.py changepassword admin"
        )
        self.say(
            f"""
Delivery desk runs.

  Admin   {local_url()}/admin/
  Login   {login}
  Events  POST to {local_url()}/webhooks/<source>/, as the sources' pages say
  Logs    {logs}

Try next: in a second terminal, `make demo` plays a job and its customer's conversations.
Ctrl-C stops everything, the database included."""
        )


def refuse_older_schema() -> None:
    """Raise CommandError where an earlier version made the database: before the first release none is upgraded."""
    if not schema_fingerprint.is_outdated():
        return
    if settings.EMBEDDED_DATABASE:
        place, remedy = f"in {settings.DATA_DIR}", "move this folder away, or choose another one: DATA_DIR=elsewhere"
    else:
        place, remedy = "of DATABASE_URL", "create an empty one, and name it in DATABASE_URL"
    raise CommandError(
        f"The database {place} was made by an earlier version with other tables, which cannot be upgraded before the"
        f" first release; {remedy}"
    )


def local_url() -> str:
    """Return the URL of the web server."""
    return f"http://localhost:{settings.PORT}"


WORKER = ("manage.py", "process_events")


def web(port: int) -> tuple[str, ...]:
    """Return the arguments that start the web server."""
    return (
        *("-m", "granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "8", "--no-ws"),
        # A worker process that receives SIGTERM while it starts ignores it: granian then kills it.
        *("--respawn-failed-workers", "--workers-kill-timeout", str(WEB_STOP_TIMEOUT)),
        *("--host", "127.0.0.1", "--port", str(port)),
        *("--static-path-route", "/static", "--static-path-mount", str(settings.STATIC_ROOT)),
        *("--static-path-expires", "365d"),  # a static file's name contains a hash of its content
        "config.wsgi:application",
    )


def refuse_taken_port() -> None:
    """Raise CommandError where the port cannot be used."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.PORT))
        except OSError as error:
            raise CommandError(
                f"Port {settings.PORT} cannot be used ({error.strerror}); choose another one: PORT=8001 make run"
            ) from None


def create_admin() -> str | None:
    """Create the first login; return its password, or None where a superuser exists."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return None
    password = secrets.token_urlsafe(12)
    users.create_superuser("admin", password=password)
    return password


def start(arguments: Iterable[str], log: Path) -> Process:
    """Start a Python process whose output goes to the end of a log."""
    overwrite = log.exists() and log.stat().st_size > MAX_LOG
    with log.open("w" if overwrite else "a") as output:
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches this process only, which stops them
        )


def any_ended(processes: Processes) -> str | None:
    """Return the name of a process that has ended, or None."""
    return next((name for name, process in processes.items() if process.poll() is not None), None)


def wait_for_end(processes: Processes, stop: Flag) -> str | None:
    """Wait for `stop`, or for a process to end, whose name is returned."""
    while not stop.wait(0.5):
        if ended := any_ended(processes):
            return ended
    return None


def terminate(processes: Collection[Process]) -> None:
    """Stop the processes; kill those that take longer than STOP_TIMEOUT."""
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def last_lines(log: Path, count: int = 10) -> str:
    """Return the end of a log."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
