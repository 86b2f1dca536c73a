"""One rule for lateness: the list, its filter, the overview, the page, the export and the API agree on each job."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Job
from tests import payloads

LIST = "/admin/orders/job/"


@pytest.fixture
def now(monkeypatch):
    """Stop the clock, so that a second is one, however slow the test runs."""
    now = timezone.now().replace(microsecond=0)
    monkeypatch.setattr(timezone, "now", lambda: now)
    return now


@pytest.fixture
def job(post, process, now):
    """Make a job with a status whose slot ended some seconds before now or, if it is finished, before its last step."""

    def job(status, seconds):
        end = now - timedelta(hours=2) if status == "FINISHED" else now
        slot_to = end - timedelta(seconds=seconds)
        step = {
            "id": "step",
            "type": "DELIVERING",
            "status": "DONE" if status == "FINISHED" else "DOING",
            "actual_end": end.isoformat() if status == "FINISHED" else None,
        }
        job = {
            "status": status,
            "slot": {"from": (slot_to - timedelta(hours=1)).isoformat(), "to": slot_to.isoformat()},
            "tasks": [{"id": "task", "type": "FULL_SERVICE", "status": step["status"], "steps": [step]}],
        }
        # The event comes a minute after the last step: the step counts, not the event.
        assert post(payloads.sample(created_at=(end + timedelta(minutes=1)).isoformat(), job=job)).status_code == 200
        process()
        return Job.objects.get()

    return job


@pytest.fixture
def places(client, ivo):
    """Return by place whether a job is shown as late there."""
    client.force_login(ivo)

    def places(job):
        exported = b"".join(client.post(f"{LIST}export/", {"format": "csv"}).streaming_content).decode("utf-8-sig")
        (row,) = csv.DictReader(io.StringIO(exported))
        tile = re.search(r"<strong>(\d)</strong>\s*Late", client.get("/admin/").content.decode())
        page = client.get(job.get_admin_url()).content.decode()
        heading = re.search(r"<h1>.*?</h1>", page.partition('id="head"')[2], re.DOTALL)
        (summary,) = client.get("/api/jobs/").json()["results"]
        return {
            "list": ">Late</span>" in client.get(LIST).content.decode(),
            "filter": client.get(f"{LIST}?slot=late").context["cl"].result_count == 1,
            "overview": tile[1] == "1",
            "page": "1 min late" in heading[0],
            "export": row["Late"] == "True",
            "API": summary["is_late"],
        }

    return places


# The filter and the overview list the jobs to act on now, so none that is over.
NOWHERE = dict.fromkeys(["list", "filter", "overview", "page", "export", "API"], False)
EVERYWHERE = dict.fromkeys(NOWHERE, True)
OVER = EVERYWHERE | {"filter": False, "overview": False}


@pytest.mark.parametrize(
    ("status", "seconds", "late"),
    [
        ("PROCESSING", 59, NOWHERE),
        ("PROCESSING", 60, EVERYWHERE),
        ("PROCESSING", 61, EVERYWHERE),
        ("ON_HOLD", 61, EVERYWHERE),
        ("FINISHED", 59, NOWHERE),
        ("FINISHED", 60, OVER),
        ("FINISHED", 61, OVER),
        ("CANCELLED", 59, NOWHERE),
        ("CANCELLED", 61, NOWHERE),
        ("REFUSED", 61, NOWHERE),
    ],
)
def test_a_job_is_late_from_one_minute_after_its_slot(job, places, status, seconds, late):
    assert places(job(status, seconds)) == late
