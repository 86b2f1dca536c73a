import pytest

from webhooks.payloads.jobs import JobEvent, Task
from webhooks.payloads.schema import validated

CREATED = "2026-03-02T18:13:22+01:00"
STEPS = [
    {"id": "s1", "actual_start": "2026-03-02T17:13:22.5Z", "actual_end": "2026-03-02T12:13:22.7-05:00"},
    {"id": "s2", "actual_start": "2026-03-02T17:13:22.6Z"},
]
RESOURCE = {"last_update_position": "2026-03-02T17:13:22.8Z"}


@pytest.mark.parametrize(
    ("tasks", "latest"),
    [
        (None, ""),
        ([], ""),
        ([{"id": "t"}], ""),
        ([{"id": "t", "resource": {}}], ""),
        ([{"id": "t", "steps": STEPS}], "2026-03-02T17:13:22.700000+00:00"),
        ([{"id": "t", "steps": STEPS[1:]}], "2026-03-02T17:13:22.600000+00:00"),
        ([{"id": "t", "steps": STEPS, "resource": RESOURCE}], "2026-03-02T17:13:22.800000+00:00"),
        ([{"id": "t", "resource": RESOURCE}, {"id": "u", "steps": STEPS}], "2026-03-02T17:13:22.800000+00:00"),
    ],
)
@pytest.mark.usefixtures("in_new_york")
def test_an_event_is_sorted_by_its_second_its_latest_moment_and_its_id(tasks, latest):
    job = {"id": "j", "tasks": tasks}
    event = validated(JobEvent, {"id": "e", "type": "CREATED", "created_at": CREATED, "client_id": "c", "job": job})
    assert event.sort_key() == f"2026-03-02T17:13:22.000000+00:00|{latest}|e"


@pytest.mark.parametrize(
    ("task", "id"),
    [
        ({}, None),
        ({"resource_id": "r"}, "r"),
        ({"resource": {"id": "q"}}, "q"),
        ({"resource": {"id": "q"}, "resource_id": "r"}, "q"),
        ({"resource": {}, "resource_id": "r"}, "r"),
    ],
)
def test_the_resource_of_a_task(task, id):
    assert validated(Task, {"id": "t"} | task).assigned_resource_id() == id
