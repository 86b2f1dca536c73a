"""Jobs for other programs: read-only, found as in the admin, with the numbers as they were written."""

import pytest

from orders.models import Job
from tests import payloads


@pytest.fixture
def get(client, ivo, post, process):
    for name in payloads.life("life-full-service"):
        post(name)
    process()
    client.force_login(ivo)

    def get(url):
        answer = client.get(url)
        assert answer.status_code == 200, answer.content
        return answer.json()

    return get


def test_lists_and_finds_jobs(get):
    (job,) = get("/api/jobs/")["results"]
    assert (job["client_reference"], job["status"], job["payment_value"]) == ("0000AG090117N", "FINISHED", "1768.85")
    assert get("/api/jobs/?search=0000AG0901")["results"] == [job]
    assert get("/api/jobs/?search=nobody")["results"] == []
    assert not {"snapshot", "search_name", "e164"} & set(job)


def test_shows_a_job_with_all_that_is_its(get):
    job = get(f"/api/jobs/{Job.objects.get().pk}/")
    assert (len(job["items"]), len(job["packages"]), len(job["tasks"]), len(job["timeline"])) == (
        Job.objects.get().items.count(),
        1,
        1,
        len(payloads.life("life-full-service")),
    )
    assert [step["status"] for step in job["tasks"][0]["steps"]] == ["DONE"] * 5
    assert job["tasks"][0]["resource"]["first_name"] == "Lucía"
    assert all(isinstance(item["price"], str) for item in job["items"])


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_is_read_only(get, client, method):
    url = f"/api/jobs/{Job.objects.get().pk}/"
    assert getattr(client, method)(url, {}, content_type="application/json").status_code in (403, 405)
    assert Job.objects.exists()


def test_asks_who_it_is(db, client):
    assert client.get("/api/jobs/").status_code in (401, 403)
