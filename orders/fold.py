"""The fold of job events into rows: in bulk, and with the same result for any order and number of duplicates.

A job's events are folded in the order of their sort keys. An event that arrives in order is added to the job's stored
snapshot; one that arrives late or again makes its job be rebuilt from all its stored events.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import models

from orders import state
from orders.lateness import FINAL_STATUSES
from orders.models import (
    SEARCH_COLUMNS,
    Job,
    JobItem,
    JobPart,
    Package,
    Resource,
    StatusChange,
    Step,
    Task,
    TimelineEntry,
)
from orders.situation import finished_at
from webhooks.payloads import jobs
from webhooks.payloads.parsing import bounded
from webhooks.payloads.schema import Value
from webhooks.processing.bulk import fitting, upsert
from webhooks.processing.projections import Change, SubjectHistory

Key = tuple[str, str, str]  # provider, client id, job id or resource id
Resources = dict[Key, Resource]

# The columns of a job that are not named as a field of its payload is, with the paths of their fields.
_JOB_COLUMNS = {
    "slot_from": "slot.from_",
    "slot_to": "slot.to",
    "currency_code": "payment_info.currency_code",
    "payment_status": "payment_info.payment.payment_status",
    "store_name": "origin.name",
    "store_reference": "origin.store_reference",
    "recipient_name": "recipient.name",
    "recipient_email": "recipient.email",
    "recipient_phone_number": "recipient.phone_number",
}
_RESOURCE_COLUMNS = {
    "vehicle_label": "vehicle.label",
    "latitude": "position.latitude",
    "longitude": "position.longitude",
}


@dataclass(frozen=True)
class PartSpec:
    """A list of a job (or of a task), and the model whose rows its members become."""

    name: str  # of the list, in the payload as in the snapshot
    model: type[JobPart]
    parent: str  # the model's foreign key to the owner of the list
    job: str  # the path from the model to its job
    # The columns that need more than a field of the payload: from the owner's row, a member and the known resources.
    columns: Callable[[Any, Any, Resources], dict[str, Any]] = lambda owner, value, resources: {}


def _item_columns(job: Job, item: jobs.JobItem, resources: Resources) -> dict[str, Any]:
    return {"is_substitute": bool(item.is_substitute)}


def _task_columns(job: Job, task: jobs.Task, resources: Resources) -> dict[str, Any]:
    return {"resource": resources.get((job.provider, job.client_id, task.assigned_resource_id() or ""))}


PARTS = [
    PartSpec("job_items", JobItem, "job", "job", _item_columns),
    PartSpec("packages", Package, "job", "job"),
    PartSpec("tasks", Task, "job", "job", _task_columns),
]
STEPS = PartSpec("steps", Step, "task", "task__job")


@dataclass(frozen=True)
class Owner:
    """A job or a task, which has lists of parts: its row, and its state before (empty if it is new) and after."""

    row: Job | JobPart
    before: state.State
    after: state.State
    value: Value  # `after`, typed


@dataclass(frozen=True)
class FoldedEvent:
    """The rows of one event; the row of their job is set when it is written."""

    entry: TimelineEntry
    statuses: list[StatusChange]


@dataclass(frozen=True)
class FoldedJob:
    """A job after its events."""

    key: Key
    events: list[Change]  # those that were added, in order
    history: list[FoldedEvent]  # the same, as rows
    before: state.State  # empty if the job was folded from its first event on
    after: state.State
    value: jobs.Job  # `after`, typed
    first_event_at: datetime
    ended_at: datetime | None


def fold_job_events(changes: list[Change], history: SubjectHistory) -> None:
    """Apply the changes to their jobs; `history` has all stored changes of a set of subjects."""
    events: defaultdict[Key, list[Change]] = defaultdict(list)
    for change in changes:
        events[_key(change)].append(change)
    rows = _existing_jobs(events)
    to_rebuild = _jobs_to_rebuild(events, rows)
    if to_rebuild:
        for change in history.changes({(provider, job_id) for provider, _, job_id in to_rebuild}, jobs.JobEvent):
            if _key(change) in to_rebuild:
                events[_key(change)].append(change)
    # Every worker writes in the same order, so that no two of them deadlock.
    folded = [
        _fold_job(key, _ordered(events[key]), None if key in to_rebuild else rows.get(key)) for key in sorted(events)
    ]
    _write(folded, rebuilt={rows[key].pk for key in to_rebuild})


def _key(change: Change) -> Key:
    return change.event.source.provider, change.value.client_id, change.value.job.id


def _existing_jobs(keys: Collection[Key]) -> dict[Key, Job]:
    found = Job.objects.filter(external_id__in={job_id for _, _, job_id in keys})
    return {key: job for job in found if (key := (job.provider, job.client_id, job.external_id)) in keys}


def _jobs_to_rebuild(events: dict[Key, list[Change]], rows: dict[Key, Job]) -> set[Key]:
    """Return the jobs with an event that arrives after a later one, or again."""
    ids = {change.value.id for changes in events.values() for change in changes}
    known = set(
        TimelineEntry.objects.filter(job__in=rows.values(), external_id__in=ids).values_list("job_id", "external_id")
    )
    return {
        key
        for key, row in rows.items()
        if any(c.value.sort_key() <= row.position or (row.pk, c.value.id) in known for c in events[key])
    }


def _ordered(events: list[Change]) -> list[Change]:
    """Return each event once, in the order of their sort keys.

    The same event may arrive through two sources with different bodies; then the content decides which one counts, not
    the order of arrival.
    """
    once: dict[str, Change] = {}
    for change in sorted(events, key=lambda change: (change.value.sort_key(), bytes(change.event.body_hash))):
        once.setdefault(change.value.id, change)
    return list(once.values())


def _fold_job(key: Key, events: list[Change], row: Job | None) -> FoldedJob:
    before = current = row.snapshot if row else {}
    ended_at = row.ended_at if row else None
    history = []
    for change in events:
        event: jobs.JobEvent = change.value
        after = state.merge(current, state.snapshot(event))
        entry = TimelineEntry(
            event=change.event,
            external_id=event.id,
            type=event.type,
            occurred_at=event.created_at,
            position=event.sort_key(),
            # In the first event every field is new; only its status is worth a row.
            changes=state.changes(current, after) if current else [],
        )
        statuses = _statuses(entry, after, is_first=not current)
        history.append(FoldedEvent(entry, statuses))
        for status in statuses:
            if status.kind == StatusChange.Kind.JOB:
                ended_at = event.created_at if status.to_status in FINAL_STATUSES else None
        current = after
    return FoldedJob(
        key=key,
        events=events,
        history=history,
        before=before,
        after=current,
        value=jobs.Job.model_validate(current),
        first_event_at=row.first_event_at if row else events[0].value.created_at,
        ended_at=ended_at,
    )


def _statuses(entry: TimelineEntry, after: state.State, *, is_first: bool) -> list[StatusChange]:
    changes = entry.changes
    if is_first:
        changes = state.changes({"id": after["id"]}, {"id": after["id"], "status": after.get("status")})
    return [
        StatusChange(
            kind=change["kind"],
            external_id=change["id"],
            occurrence=change["occurrence"],
            name=change["name"],
            from_status=bounded(change["before"], 50),
            to_status=bounded(change["after"], 50),
            at=entry.occurred_at,
        )
        for change in changes
        if change["field"] == "status"
    ]


def _write(folded: list[FoldedJob], *, rebuilt: set[int]) -> None:
    """Write the jobs and all their parts; `rebuilt` has the ids of the rows that are folded from all their events."""
    rows = [_job_row(job) for job in folded]
    upsert(Job, rows, ["provider", "client_id", "external_id"])
    resources = _write_resources(folded)
    owners = [Owner(row, job.before, job.after, job.value) for row, job in zip(rows, folded, strict=True)]
    parts = {spec.name: _write_parts(spec, owners, resources, rebuilt) for spec in PARTS}
    _write_parts(STEPS, parts["tasks"], resources, rebuilt)
    TimelineEntry.objects.filter(job__in=rebuilt).delete()
    _write_history(folded, rows)


def _write_parts(spec: PartSpec, owners: list[Owner], resources: Resources, rebuilt: set[int]) -> list[Owner]:
    """Write the members of a list that changed, and return them: they may have lists of their own."""
    members = []
    for owner in owners:
        for part in _changed(owner.before, owner.after, spec.name, getattr(owner.value, spec.name)):
            columns = {spec.parent: owner.row} | spec.columns(owner.row, part.value, resources)
            members.append(Owner(_part_row(spec.model, part, columns), part.before, part.after, part.value))
    rows = [member.row for member in members]
    upsert(spec.model, rows, [spec.parent, "external_id", "occurrence"])
    if rebuilt:
        of_rebuilt = spec.model._default_manager.filter(**{f"{spec.job}__in": rebuilt})
        of_rebuilt.exclude(pk__in=[row.pk for row in rows]).delete()
    return members


def _write_history(folded: list[FoldedJob], rows: list[Job]) -> None:
    history = [event for job in folded for event in job.history]
    for job, row in zip(folded, rows, strict=True):
        for event in job.history:
            event.entry.job = row
    TimelineEntry.objects.bulk_create([event.entry for event in history])
    for event in history:
        for status in event.statuses:
            status.job, status.entry = event.entry.job, event.entry
    StatusChange.objects.bulk_create([status for event in history for status in event.statuses])


def _job_row(folded: FoldedJob) -> Job:
    last = folded.events[-1]
    provider, client_id, job_id = folded.key
    columns = _same_named(Job, folded.value) | _at_paths(folded.value, _JOB_COLUMNS)
    columns |= {name: make(columns[column] or "") for name, (column, make) in SEARCH_COLUMNS.items()}
    return Job(
        provider=provider,
        client_id=client_id,
        external_id=job_id,
        received_through_id=last.event.source_id,
        position=last.value.sort_key(),
        first_event_at=folded.first_event_at,
        last_event_at=last.value.created_at,
        last_event_type=last.value.type,
        ended_at=folded.ended_at,
        finished_at=finished_at(folded.value, last.value.created_at),
        missing_items=sum(
            item.get("status") == "NOT_FOUND" and not item.get("removed")
            for item in folded.after.get("job_items") or []
        ),
        snapshot=folded.after,
        **_fitting(Job, columns),
    )


@dataclass(frozen=True)
class ChangedPart:
    """A member of a list, before (empty if it is new) and after."""

    external_id: str
    occurrence: int
    order: int
    before: state.State
    after: state.State
    value: Value  # `after`, typed


def _changed(before: state.State, after: state.State, name: str, typed: Iterable[Value]) -> Iterator[ChangedPart]:
    """Yield the members of the list `name` whose fields or whose index in it changed."""
    old = {key: (order, part) for order, (key, part) in enumerate(state.keyed(before.get(name) or []).items())}
    for order, ((key, part), value) in enumerate(zip(state.keyed(after.get(name) or []).items(), typed, strict=True)):
        if old.get(key) != (order, part):
            yield ChangedPart(*key, order, old[key][1] if key in old else {}, part, value)


def _part_row(model: type[JobPart], part: ChangedPart, columns: dict[str, Any]) -> JobPart:
    return model(
        external_id=part.external_id,
        occurrence=part.occurrence,
        order=part.order,
        removed=bool(part.after.get("removed")),
        **_fitting(model, _same_named(model, part.value)) | columns,
    )


def _write_resources(folded: list[FoldedJob]) -> Resources:
    """Write the resources that the events name, each as the newest of these events describes it; return them all."""
    newest = _newest_descriptions(folded)
    known = _existing_resources(newest)
    # First the rows, then their columns under a lock: another worker may have a newer description of the same resource.
    Resource.objects.bulk_create(
        [
            Resource(provider=provider, client_id=client_id, external_id=id, position="")
            for provider, client_id, id in sorted(set(newest) - set(known))
        ],
        ignore_conflicts=True,
    )
    resources = _existing_resources(newest, lock=True)
    changed = []
    for key, (position, value) in newest.items():
        if value and resources[key].position < position:
            _describe(resources[key], value, position)
            changed.append(resources[key])
    if changed:
        upsert(Resource, changed, ["provider", "client_id", "external_id"])
    return resources


def _newest_descriptions(folded: list[FoldedJob]) -> dict[Key, tuple[str, jobs.Resource | None]]:
    """Return, for each resource of the jobs, its newest description in these events with the event's sort key.

    A resource that only earlier events describe has ("", None).
    """
    newest: dict[Key, tuple[str, jobs.Resource | None]] = {}
    for job in folded:
        named = [("", task) for task in job.value.tasks]
        named += [(change.value.sort_key(), task) for change in job.events for task in change.value.job.tasks]
        for position, task in named:
            if not (id := task.assigned_resource_id()):
                continue
            key = (*job.key[:2], id)
            if newest.setdefault(key, ("", None))[0] < position and task.resource:
                newest[key] = position, task.resource
    return newest


def _describe(row: Resource, value: jobs.Resource, position: str) -> None:
    columns = _same_named(Resource, value) | _at_paths(value, _RESOURCE_COLUMNS)
    columns |= {"client_id": row.client_id, "position": position}
    for name, column in _fitting(Resource, columns).items():
        setattr(row, name, column)


def _existing_resources(keys: Collection[Key], *, lock: bool = False) -> Resources:
    found = Resource.objects.filter(external_id__in={id for _, _, id in keys}).order_by("pk")
    if lock:
        found = found.select_for_update()
    return {key: row for row in found if (key := (row.provider, row.client_id, row.external_id)) in keys}


def _same_named(model: type[models.Model], value: Value) -> dict[str, Any]:
    """Return the fields of a payload that are named as columns of the model are."""
    columns = {field.name for field in model._meta.concrete_fields if not field.is_relation and not field.primary_key}
    return {name: getattr(value, name) for name in type(value).model_fields if name in columns}


def _at_paths(value: Value, paths: dict[str, str]) -> dict[str, Any]:
    """Return, by column, the field of the payload at each path; None if a part of the path is missing."""
    return {column: _at_path(value, path) for column, path in paths.items()}


def _at_path(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = getattr(value, name, None)
    return value


def _fitting(model: type[models.Model], columns: dict[str, Any]) -> dict[str, Any]:
    """Return the columns with values that fit them."""
    fields = {field.name: field for field in model._meta.concrete_fields}
    return {name: fitting(fields[name], value) for name, value in columns.items()}
