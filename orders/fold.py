"""Write what job events tell of: in bulk, and so that any order and any number of duplicates give the same rows.

A job's events are folded in the order of their positions. Those that come in order are added to what is there; where
one comes late, or again, its job is folded anew from all its stored events.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from console.search import normalize
from orders import state
from orders.models import (
    FINAL,
    Job,
    JobItem,
    Package,
    Resource,
    StatusChange,
    Step,
    Task,
    TimelineEntry,
)
from webhooks.payloads import jobs
from webhooks.payloads.parsing import bounded
from webhooks.processing.bulk import fitting, upsert
from webhooks.processing.projections import Change, SubjectHistory

Key = tuple[str, str, str]  # provider, client id, job id or resource id


@dataclass(kw_only=True)
class Folded:
    """A job after its events."""

    key: Key
    events: list[Change]  # those that were added, in order
    entries: list[TimelineEntry]
    before: state.State  # empty where it was folded from its first event on
    after: state.State
    value: jobs.Job  # the same, typed
    first_event_at: datetime
    ended_at: datetime | None
    row: Job | None = None


def fold(changes: list[Change], history: SubjectHistory) -> None:
    """Apply the changes to their jobs; `history` has all stored changes of a subject."""
    news = defaultdict(list)
    for change in changes:
        news[_key(change)].append(change)
    rows = _existing_jobs(news)
    late = _late(news, rows)
    if late:
        for change in history.changes({(provider, job_id) for provider, _, job_id in late}, jobs.JobEvent):
            if _key(change) in late:
                news[_key(change)].append(change)
    # Every worker writes in the same order, so that two never wait for each other.
    _write(
        [_fold_job(key, _ordered(news[key]), None if key in late else rows.get(key)) for key in sorted(news)],
        anew={rows[key].pk for key in late},
    )


def _key(change) -> Key:
    return change.event.source.provider, change.value.client_id, change.value.job.id


def _existing_jobs(keys) -> dict[Key, Job]:
    found = Job.objects.filter(external_id__in={job_id for _, _, job_id in keys})
    return {key: job for job in found if (key := (job.provider, job.client_id, job.external_id)) in keys}


def _late(news, rows) -> set[Key]:
    """Return the jobs of which an event comes after a later one, or again."""
    told = set(
        TimelineEntry.objects.filter(
            job__in=rows.values(), external_id__in={change.value.id for events in news.values() for change in events}
        ).values_list("job_id", "external_id")
    )
    return {
        key
        for key, row in rows.items()
        if any(c.value.sort_key() <= row.position or (row.pk, c.value.id) in told for c in news[key])
    }


def _ordered(events: list[Change]) -> list[Change]:
    """Return each event once, in the order of their positions.

    The same event may come through two sources; if somebody changed its body on the way, the content decides which
    one stands, not the order of arrival.
    """
    once = {}
    for change in sorted(events, key=lambda change: (change.value.sort_key(), bytes(change.event.body_hash))):
        once.setdefault(change.value.id, change)
    return list(once.values())


def _fold_job(key: Key, events: list[Change], row: Job | None) -> Folded:
    before = current = row.snapshot if row else {}
    ended_at = row.ended_at if row else None
    entries = []
    for change in events:
        event: jobs.JobEvent = change.value
        after = state.merge(current, state.snapshot(event))
        entry = TimelineEntry(
            event=change.event,
            external_id=event.id,
            type=event.type,
            occurred_at=event.created_at,
            position=event.sort_key(),
            # What its first event brings is all new: of that only the status is news.
            changes=state.changes(current, after) if current else [],
        )
        entry.statuses = _statuses(entry.changes, after, is_first=not current)
        entries.append(entry)
        for status in entry.statuses:
            if status.kind == StatusChange.Kind.JOB:
                ended_at = event.created_at if status.to_status in FINAL else None
        current = after
    return Folded(
        key=key,
        events=events,
        entries=entries,
        before=before,
        after=current,
        value=jobs.Job.model_validate(current),
        first_event_at=row.first_event_at if row else events[0].value.created_at,
        ended_at=ended_at,
    )


def _statuses(changes, after, *, is_first) -> list[StatusChange]:
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
        )
        for change in changes
        if change["field"] == "status"
    ]


def _write(folded: list[Folded], *, anew: set[int]) -> None:
    """Write the jobs and all that is theirs; `anew` are the ids of the rows that are folded from all their events."""
    for job in folded:
        job.row = _job_row(job)
    upsert(Job, [job.row for job in folded], ["provider", "client_id", "external_id"])
    resources = _write_resources(folded)
    items = [
        _part_row(JobItem, part, job=job.row, is_substitute=bool(part.value.is_substitute))
        for job in folded
        for part in _changed(job.before, job.after, "job_items", job.value.job_items)
    ]
    packages = [
        _part_row(Package, part, job=job.row)
        for job in folded
        for part in _changed(job.before, job.after, "packages", job.value.packages)
    ]
    changed_tasks = [
        (job, part) for job in folded for part in _changed(job.before, job.after, "tasks", job.value.tasks)
    ]
    tasks = [
        _part_row(Task, part, job=job.row, resource=resources.get((*job.key[:2], _resource_id(part.value))))
        for job, part in changed_tasks
    ]
    for model, rows in ((JobItem, items), (Package, packages), (Task, tasks)):
        upsert(model, rows, ["job", "external_id", "occurrence"])
    steps = [
        _part_row(Step, step, task=task)
        for task, (_, part) in zip(tasks, changed_tasks, strict=True)
        for step in _changed(part.before, part.after, "steps", part.value.steps)
    ]
    upsert(Step, steps, ["task", "external_id", "occurrence"])
    if anew:
        TimelineEntry.objects.filter(job__in=anew).delete()
        for model, rows in ((JobItem, items), (Package, packages), (Task, tasks)):
            model.objects.filter(job__in=anew).exclude(pk__in=[row.pk for row in rows]).delete()
        Step.objects.filter(task__job__in=anew).exclude(pk__in=[row.pk for row in steps]).delete()
    _write_timeline(folded)


def _write_timeline(folded):
    entries = [entry for job in folded for entry in job.entries]
    for job in folded:
        for entry in job.entries:
            entry.job = job.row
    TimelineEntry.objects.bulk_create(entries)
    statuses = []
    for entry in entries:
        for status in entry.statuses:
            status.job, status.entry, status.at = entry.job, entry, entry.occurred_at
            statuses.append(status)
    StatusChange.objects.bulk_create(statuses)


def _job_row(folded: Folded) -> Job:
    job, last = folded.value, folded.events[-1]
    slot = job.slot or jobs.Slot()
    recipient = job.recipient or jobs.Recipient()
    origin = job.origin or jobs.Place()
    payment_info = job.payment_info or jobs.PaymentInfo()
    payment = payment_info.payment or jobs.Payment()
    provider, client_id, job_id = folded.key
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
        missing_items=sum(
            item.get("status") == "NOT_FOUND" and not item.get("removed")
            for item in folded.after.get("job_items") or []
        ),
        snapshot=folded.after,
        slot_from=slot.from_,
        slot_to=slot.to,
        **_columns(
            Job,
            currency_code=payment_info.currency_code,
            payment_status=payment.payment_status,
            store_name=origin.name,
            store_reference=origin.store_reference,
            recipient_name=recipient.name,
            recipient_email=recipient.email,
            recipient_phone_number=recipient.phone_number,
            search_name=normalize.name(recipient.name or ""),
            search_email=normalize.email(recipient.email or ""),
            phone_digits_reversed=normalize.reversed_digits(recipient.phone_number or ""),
            e164=normalize.e164(recipient.phone_number or ""),
            **_named_alike(Job, job),
        ),
    )


@dataclass(frozen=True)
class Part:
    """A member of one of a job's lists, before (empty where it is new) and after."""

    key: tuple[str, int]
    order: int
    before: state.State
    after: state.State
    value: jobs.Value


def _changed(before: state.State, after: state.State, name: str, typed: list) -> Iterator[Part]:
    """Yield the members of the list `name` that differ from what they were, or stand elsewhere in it."""
    old = {key: (order, part) for order, (key, part) in enumerate(state.keyed(before.get(name) or []).items())}
    for order, ((key, part), value) in enumerate(zip(state.keyed(after.get(name) or []).items(), typed, strict=True)):
        if old.get(key) != (order, part):
            yield Part(key, order, old[key][1] if key in old else {}, part, value)


def _part_row(model, part: Part, **columns):
    external_id, occurrence = part.key
    return model(
        external_id=external_id,
        occurrence=occurrence,
        order=part.order,
        removed=bool(part.after.get("removed")),
        **columns,
        **_columns(model, **{k: v for k, v in _named_alike(model, part.value).items() if k not in columns}),
    )


def _resource_id(task: jobs.Task) -> str | None:
    return (task.resource and task.resource.id) or task.resource_id


def _write_resources(folded: list[Folded]) -> dict[Key, Resource]:
    """Write who is named in the events, each as the newest event that names them says; return them all."""
    newest = {}
    for job in folded:
        for task in job.value.tasks:  # whoever only an earlier event told more of
            if id := _resource_id(task):
                newest.setdefault((*job.key[:2], id), ("", None))
        for change in job.events:
            for task in change.value.job.tasks:
                key = (*job.key[:2], _resource_id(task))
                position = change.value.sort_key()
                if key[2] and newest.setdefault(key, ("", None))[0] < position and task.resource:
                    newest[key] = position, task.resource
    known = _existing_resources(newest)
    # Rows first, and then what they say, under a lock: another worker may know something newer of the same person.
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


def _describe(row: Resource, value: jobs.Resource, position: str) -> None:
    vehicle, place = value.vehicle or jobs.Vehicle(), value.position or jobs.Position()
    named_alike = _named_alike(Resource, value) | {"client_id": row.client_id}
    columns = named_alike | {
        "position": position,
        "vehicle_label": vehicle.label,
        "latitude": place.latitude,
        "longitude": place.longitude,
    }
    for name, column in _columns(Resource, **columns).items():
        setattr(row, name, column)


def _existing_resources(keys, *, lock=False) -> dict[Key, Resource]:
    found = Resource.objects.filter(external_id__in={id for _, _, id in keys}).order_by("pk")
    if lock:
        found = found.select_for_update()
    return {key: row for row in found if (key := (row.provider, row.client_id, row.external_id)) in keys}


def _named_alike(model, value: jobs.Value) -> dict:
    """Return what `value` says of the columns that are named as its fields are."""
    names = {column.name for column in model._meta.concrete_fields if not column.is_relation and not column.primary_key}
    return {name: getattr(value, name) for name in type(value).model_fields if name in names}


def _columns(model, **columns) -> dict:
    """Return the columns as the model takes them."""
    return {name: fitting(model._meta.get_field(name), value) for name, value in columns.items()}
