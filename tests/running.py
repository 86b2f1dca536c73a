"""The whole product as its own processes: what `make run` starts, in a folder of its own, on a port of its own."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import requests

ROOT = Path(__file__).parent.parent


class Running:
    def __init__(self, data_dir: Path, port: int | None = None):
        self.data_dir = data_dir
        self.port = port or free_port()
        self.url = f"http://localhost:{self.port}"
        self.said = ""
        self.password: str | None = None

    def environment(self):
        ours = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PRODUCTION", "BASE_URL", "ALLOWED_HOSTS"}
        environment = {name: value for name, value in os.environ.items() if name not in ours}
        return environment | {"DATA_DIR": str(self.data_dir), "PORT": str(self.port)}

    def start(self):
        """Run until it says that it is ready, or ends."""
        self.process = subprocess.Popen(
            [sys.executable, "-u", "manage.py", "run"],
            cwd=ROOT,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout
        for line in self.process.stdout:
            self.said += line
            if found := re.search(r", password (\S+)", line):
                self.password = found[1]
            if line.startswith("Ctrl-C"):
                return self
        raise AssertionError(f"It ended: {self.said}")

    def stop(self):
        """Ctrl-C; return the exit status."""
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGINT)
        assert self.process.stdout
        if not self.process.stdout.closed:
            self.said += self.process.stdout.read()
            self.process.stdout.close()
        return self.process.wait(60)

    def manage(self, *arguments, input=None):
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment(),
            input=input,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def browse(self) -> requests.Session:
        """Return a session that is logged in as the admin."""
        session = requests.Session()
        login = f"{self.url}/admin/login/"
        session.get(login)
        form = {"username": "admin", "password": self.password, "csrfmiddlewaretoken": session.cookies["csrftoken"]}
        answer = session.post(login, form, headers={"Referer": login})
        assert answer.url == f"{self.url}/admin/", answer.text
        return session


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, seconds=60):
    """Return what condition() says once that is true; fail where it is not in time."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, "It did not come to pass."
        time.sleep(0.05)
    return result
