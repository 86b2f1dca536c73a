"""The whole product as its own processes: posted to over a socket, read in the admin, stopped and started."""

import os
import re
import signal
import subprocess
import sys

import pytest
import requests

from config import embedded_postgres
from tests import payloads
from tests.running import ROOT, Running, free_port, wait_for
from webhooks.management.commands import run


def send(running, name, source="mine"):
    header, signature = payloads.SIGNATURES[name]
    return requests.post(
        f"{running.url}/webhooks/{source}/", payloads.body(name), headers={header: signature}, timeout=30
    )


PROOF = "Header of the signature: InstaLeap-Signature / InstaLeap-Signature-V3"


@pytest.fixture(scope="module")
def mine(running):
    """A source with the secret of signatures.txt, made on the command line."""
    said = running.manage("add_source", "instaleap", "--slug=mine", "--secret-stdin", input=f"{payloads.SECRET}\n")
    assert said.startswith(f"URL: {running.url}/webhooks/mine/\n")
    assert PROOF in said
    assert "not shown again" not in said
    return running


def test_a_job_that_is_posted_is_seen_in_the_admin(mine):
    for name in payloads.life("life-full-service"):
        assert send(mine, name).status_code == 200
    admin = mine.browse()

    def find():
        found = admin.get(f"{mine.url}/admin/orders/job/?q=0000AG090117N")
        return found if "Received by the customer" in found.text else None

    listed = wait_for(find)
    assert "Ana &lt;b&gt;María&lt;/b&gt;" in listed.text
    address = re.search(r"/admin/orders/job/\d+/change/", listed.text)[0]
    shown = admin.get(mine.url + address)
    assert shown.status_code == 200
    for words in ("Received by the customer", "Café molido Ñandú 500 g &amp; filtros", "1,768.85 MXN", "Lucía Pruebas"):
        assert words in shown.text
    assert "<b>María" not in shown.text


def test_a_chunked_body_is_read_whole(mine):
    body = payloads.body(payloads.SAMPLE)
    header, signature = payloads.SIGNATURES[payloads.SAMPLE]

    answer = requests.post(f"{mine.url}/webhooks/mine/", iter([body[:100], body[100:]]), headers={header: signature})

    assert answer.status_code == 200
    too_long = requests.post(f"{mine.url}/webhooks/mine/", iter([b" " * 700_000] * 2), headers={header: signature})
    assert too_long.status_code == 413


def test_health(running):
    assert requests.get(f"{running.url}/health/live").json() == {"status": "live"}
    assert requests.get(f"{running.url}/health/ready").json()["status"] == "ready"


def test_keys_are_the_owners_alone(running):
    for name in ("secret_key", "encryption_key"):
        assert (running.data_dir / name).stat().st_mode & 0o777 == 0o600


def test_a_taken_port_is_one_clear_line(running, tmp_path):
    result = subprocess.run(
        [sys.executable, "manage.py", "run"],
        cwd=ROOT,
        env=running.environment() | {"DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stdout + result.stderr == (
        f"CommandError: Port {running.port} cannot be used (Address already in use);"
        " choose another one: PORT=8001 make run\n"
    )


def test_a_database_of_an_older_schema_is_one_clear_line(tmp_path):
    running = Running(tmp_path)
    running.manage("migrate", "--verbosity=0")  # as an earlier version did, which stored no fingerprint
    result = subprocess.run(
        [sys.executable, "manage.py", "run"],
        cwd=ROOT,
        env=running.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert result.stderr == (
        f"CommandError: The database in {tmp_path} was made by an earlier version with other tables, which cannot be"
        " upgraded before the first release; move this folder away, or choose another one: DATA_DIR=elsewhere\n"
    )


def test_a_web_server_that_receives_sigterm_while_it_starts_stops(tmp_path, settings):
    settings.STATIC_ROOT = tmp_path
    server = subprocess.Popen([sys.executable, *run.web(free_port())], cwd=ROOT, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: subprocess.run(["pgrep", "-P", str(server.pid)], capture_output=True, check=False).stdout)
        server.terminate()
        server.wait(60)
    finally:
        server.kill()


def test_what_happens_when_things_go_away_and_come_back(tmp_path):
    """Database away and back, worker stopped, everything stopped and started: nothing is lost."""
    running = Running(tmp_path / "var").start()
    try:
        running.manage("add_source", "instaleap", "--slug=mine", "--secret-stdin", input=payloads.SECRET)
        names = payloads.life("life-cancelled")
        assert send(running, names[0]).status_code == 200

        embedded_postgres._run(
            running.data_dir, "pg_ctl", "-D", running.data_dir / "postgres", "-m", "immediate", "-w", "stop"
        )
        refused = send(running, names[1])
        assert (refused.status_code, refused.json()["error"]) == (503, "unavailable")
        assert refused.headers["Retry-After"] == "5"
        unready = requests.get(f"{running.url}/health/ready")
        assert (unready.status_code, unready.json()["reason"]) == (503, "The database does not answer.")

        embedded_postgres._start(running.data_dir)
        for name in names:
            assert send(running, name).status_code == 200
        wait_for(lambda: requests.get(f"{running.url}/health/ready").ok)

        def all_processed():
            return running.manage("shell", "-v0", "-c", COUNT).split() == ["24", "24"]

        wait_for(all_processed)

        assert running.stop() == 0
        assert running.said.endswith("Stopped. All data is kept for the next start.\n")
        assert not (running.data_dir / "postgres" / "postmaster.pid").exists()

        again = Running(running.data_dir, running.port).start()
        assert "as before" in again.said
        assert again.password is None
        assert all_processed()
        assert send(again, names[0]).json()["status"] == "duplicate"
        running = again
    finally:
        running.stop()


COUNT = """
from webhooks.models import Event; from orders.models import TimelineEntry
print(Event.objects.filter(status="processed").count(), TimelineEntry.objects.count())
"""


def test_the_worker_stops_on_a_signal_and_readiness_reports_it(tmp_path):
    running = Running(tmp_path / "var").start()
    try:
        worker = running.manage("shell", "-v0", "-c", "from webhooks.models import Worker; print(Worker.objects.get())")
        os.kill(int(worker.rpartition(":")[2]), signal.SIGTERM)
        running.process.wait(60)
        assert running.stop() == 1
        assert "The worker ended" in running.said
        assert "Events: none" in (running.data_dir / "logs" / "worker.log").read_text()
    finally:
        running.stop()
