"""The API of jobs: read-only, with the admin's search and the numbers as the provider wrote them."""

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


def test_a_job_includes_its_parts_and_timeline(get):
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


SUMMARY = """
    id provider client_id external_id client_reference status operational_model source cancellation_source job_comment
    delivery_code payment_method payment_status payment_value declared_value currency_code slot_from slot_to store_name
    store_reference recipient_name recipient_email recipient_phone_number created_at first_event_at last_event_at
    last_event_type ended_at is_late missing_items
"""
ITEM = """
    external_id occurrence removed name status quantity found_quantity unit sub_quantity sub_unit price weight volume
    is_substitute added_by replacement_mode replacements replacing_to photo_url comment barcodes scanned_barcode
    package_name package_reference attributes
"""
STEP = "external_id removed type status optimal_start optimal_end actual_start actual_end"
RESOURCE = """
    provider client_id external_id first_name last_name phone_number email photo_url vehicle_label latitude longitude
    last_update_position
"""


def test_a_new_column_is_not_public_by_default(get):
    (summary,) = get("/api/jobs/")["results"]
    job = get(f"/api/jobs/{summary['id']}/")
    (task,) = job["tasks"]
    assert set(summary) == set(SUMMARY.split())
    assert set(job) == {*SUMMARY.split(), "items", "packages", "tasks", "timeline"}
    assert {*job["items"][0]} == set(ITEM.split())
    assert {*job["packages"][0]} == {"external_id", "removed", "name", "reference", "items"}
    assert {*job["timeline"][0]} == {"external_id", "type", "occurred_at", "changes"}
    assert set(task) == {"steps", "resource", "external_id", "removed", "type", "status"}
    assert {*task["steps"][0]} == set(STEP.split())
    assert set(task["resource"]) == set(RESOURCE.split())


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_is_read_only(get, client, method):
    url = f"/api/jobs/{Job.objects.get().pk}/"
    assert getattr(client, method)(url, {}, content_type="application/json").status_code in (403, 405)
    assert Job.objects.exists()


def test_requires_a_login(db, client):
    assert client.get("/api/jobs/").status_code in (401, 403)
