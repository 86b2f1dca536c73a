import pytest

from orders import state
from webhooks.payloads.jobs import JobEvent, JobItem
from webhooks.payloads.schema import validated


def test_a_snapshot_has_the_keys_that_are_present():
    job = {"id": "j", "slot": {"from": "2026-03-02T10:00:00Z"}, "weight": "1.50", "recipient": None, "beam": "up"}
    event = validated(
        JobEvent, {"id": "e", "type": "T", "created_at": "2026-03-02T10:00:00Z", "client_id": "c", "job": job}
    )
    assert state.snapshot(event) == job


def test_a_member_that_is_marked_is_removed():
    assert state.is_removed(JobItem(id="tea", removed=True)) is True
    assert state.is_removed(JobItem(id="tea", removed=False)) is False
    assert state.is_removed(JobItem(id="tea")) is False


@pytest.mark.parametrize(
    ("before", "news", "merged"),
    [
        ({"id": "j", "a": 1}, {"a": 2, "b": 3}, {"id": "j", "a": 2, "b": 3}),
        ({"a": 1}, {"a": None}, {"a": None}),
        # An object's absent keys change nothing; the retailer's own objects are replaced.
        (
            {"recipient": {"name": "Ana", "email": "e"}},
            {"recipient": {"name": "Eva"}},
            {"recipient": {"name": "Eva", "email": "e"}},
        ),
        ({"external_data": {"a": 1, "b": 2}}, {"external_data": {"b": 3}}, {"external_data": {"b": 3}}),
        ({"recipient": None}, {"recipient": {"name": "Eva"}}, {"recipient": {"name": "Eva"}}),
        ({"recipient": {"name": "Ana"}}, {"recipient": None}, {"recipient": None}),
        # One with another id is another object.
        ({"slot": {"id": "1", "to": 1}}, {"slot": {"id": "1", "from": 2}}, {"slot": {"id": "1", "to": 1, "from": 2}}),
        ({"slot": {"id": "1", "to": 1}}, {"slot": {"from": 2}}, {"slot": {"id": "1", "to": 1, "from": 2}}),
        ({"slot": {"id": "1", "to": 1}}, {"slot": {"id": "2", "from": 2}}, {"slot": {"id": "2", "from": 2}}),
        ({"slot": {"to": 1}}, {"slot": {"id": "2", "from": 2}}, {"slot": {"id": "2", "from": 2}}),
        # A member of a list is merged, added, or marked.
        (
            {"job_items": [{"id": "tea", "name": "Tea"}, {"id": "milk"}]},
            {"job_items": [{"id": "salt"}, {"id": "tea", "quantity": 1}]},
            {
                "job_items": [
                    {"id": "salt"},
                    {"id": "tea", "name": "Tea", "quantity": 1},
                    {"id": "milk", "removed": True},
                ]
            },
        ),
        (
            {"job_items": [{"id": "tea", "name": "Tea", "removed": True}]},
            {"job_items": [{"id": "tea"}]},
            {"job_items": [{"id": "tea", "name": "Tea"}]},
        ),
        ({}, {"job_items": [{"id": "tea"}]}, {"job_items": [{"id": "tea"}]}),
        ({"job_items": None}, {"job_items": None}, {"job_items": []}),
        ({"packages": [{"id": "p"}]}, {"packages": None}, {"packages": [{"id": "p", "removed": True}]}),
        (
            {"tasks": [{"id": "t", "steps": [{"id": "s", "type": "PICK"}]}]},
            {"tasks": [{"id": "t", "steps": [{"id": "s", "status": "DONE"}]}]},
            {"tasks": [{"id": "t", "steps": [{"id": "s", "type": "PICK", "status": "DONE"}]}]},
        ),
    ],
)
def test_merge(before, news, merged):
    before_copy = dict(before)
    assert state.merge(before, news) == merged
    assert before == before_copy


def test_members_of_a_list_are_identified_by_id_and_occurrence():
    tea, milk, more_tea, last_tea = {"id": "tea", "a": 1}, {"id": "milk"}, {"id": "tea", "a": 2}, {"id": "tea", "a": 3}
    assert list(state.keyed([tea, milk, more_tea, last_tea]).items()) == [
        (("tea", 0), tea),
        (("milk", 0), milk),
        (("tea", 1), more_tea),
        (("tea", 2), last_tea),
    ]


def job_change(field, before, after):
    return {"kind": "job", "id": "j", "occurrence": 0, "name": "", "field": field, "before": before, "after": after}


def item_change(field, before, after, **owner):
    owner = {"kind": "item", "id": "tea", "occurrence": 0, "name": "Tea"} | owner
    return owner | {"field": field, "before": before, "after": after}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        # The status first, the others sorted.
        (
            {"a": 1},
            {"z": 2, "a": 3, "status": "DONE"},
            [job_change("status", None, "DONE"), job_change("a", 1, 3), job_change("z", None, 2)],
        ),
        ({"a": 1}, {"a": None}, [job_change("a", 1, None)]),
        # Objects field by field, where both are there and where only one is.
        (
            {"payment_info": {"prices": {"taxes": 1, "subtotal": 2}}},
            {"payment_info": {"prices": {"taxes": 3, "subtotal": 2}}},
            [job_change("payment_info.prices.taxes", 1, 3)],
        ),
        ({}, {"recipient": {"name": "Ana"}}, [job_change("recipient.name", None, "Ana")]),
        ({"recipient": None}, {"recipient": {"name": "Ana"}}, [job_change("recipient.name", None, "Ana")]),
        (
            {"recipient": {"name": "Ana", "email": "e"}},
            {"recipient": None},
            [job_change("recipient.email", "e", None), job_change("recipient.name", "Ana", None)],
        ),
        ({"recipient": {"name": "Ana"}}, {"recipient": {}}, []),
        ({}, {"recipient": None}, []),
        ({"recipient": "Ana"}, {"recipient": None}, [job_change("recipient", "Ana", None)]),
        # The retailer's own objects as a whole.
        ({"external_data": {"a": 1}}, {"external_data": {"a": 2}}, [job_change("external_data", {"a": 1}, {"a": 2})]),
        # A phone's position is no change.
        (
            {"tasks": [{"id": "t", "resource": {"position": {"latitude": 1}, "last_update_position": 1}}]},
            {"tasks": [{"id": "t", "resource": {"position": {"latitude": 2}, "last_update_position": 2}}]},
            [],
        ),
        # Members of lists.
        (
            {},
            {"job_items": [{"id": "tea", "name": "Tea", "status": "PENDING", "quantity": 2}]},
            [item_change("added", None, True), item_change("status", None, "PENDING")],
        ),
        ({"job_items": None}, {"job_items": [{"id": "tea"}]}, [item_change("added", None, True, name="")]),
        ({"job_items": [{"id": "tea"}]}, {"job_items": None}, []),
        (
            {"job_items": [{"id": "tea", "name": "Tea", "quantity": 1}]},
            {"job_items": [{"id": "tea", "name": "Tea", "quantity": 2, "removed": True}]},
            [item_change("removed", False, True), item_change("quantity", 1, 2)],
        ),
        (
            {"job_items": [{"id": "tea", "name": "Tea", "removed": True}]},
            {"job_items": [{"id": "tea", "name": "Tea", "quantity": 2}]},
            [item_change("removed", True, False), item_change("quantity", None, 2)],
        ),
        (
            {"job_items": [{"id": "tea"}, {"id": "tea", "quantity": 1}]},
            {"job_items": [{"id": "tea"}, {"id": "tea", "quantity": 2}]},
            [item_change("quantity", 1, 2, occurrence=1, name="")],
        ),
        (
            {"packages": [{"id": "p", "reference": "1"}]},
            {"packages": [{"id": "p", "reference": "2"}]},
            [item_change("reference", "1", "2", kind="package", id="p", name="")],
        ),
        # One without a name is called by its type.
        (
            {"tasks": [{"id": "t", "steps": [{"id": "s", "type": "PICK", "status": "TO_DO"}]}]},
            {"tasks": [{"id": "t", "steps": [{"id": "s", "type": "PICK", "status": "DONE"}]}]},
            [item_change("status", "TO_DO", "DONE", kind="step", id="s", name="PICK")],
        ),
        (
            {"tasks": [{"id": "t", "type": "DELIVERY", "resource": {"id": "r"}}]},
            {"tasks": [{"id": "t", "type": "DELIVERY", "resource": {"id": "q"}}]},
            [item_change("resource.id", "r", "q", kind="task", id="t", name="DELIVERY")],
        ),
    ],
)
def test_changes(before, after, expected):
    assert state.changes({"id": "j"} | before, {"id": "j"} | after) == expected
