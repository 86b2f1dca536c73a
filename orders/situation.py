"""The situation of a job: the facts that the answer to its customer depends on, from its values and without a database.

A fact that the events do not report is left out, never guessed.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from console.formatting.text import collapse_whitespace, shorten
from orders.lateness import FINAL_STATUSES, late_by
from orders.state import is_removed
from webhooks.payloads import jobs
from webhooks.payloads.schema import Value

MAX_TEXT = 80  # characters of a name in a sentence
MAX_REPLACEMENTS = 3  # of one item, in a sentence


class Progress(StrEnum):
    """The progress of a job."""

    WAITING = "waiting"  # nobody is assigned
    ASSIGNED = "assigned"  # nobody has started
    GOING_TO_STORE = "going-to-store"
    AT_STORE = "at-store"
    PICKING = "picking"
    CHECKING_OUT = "checking-out"
    PACKED = "packed"
    TRANSFERRING = "transferring"
    ON_THE_WAY = "on-the-way"
    AT_THE_DOOR = "at-the-door"
    READY_TO_COLLECT = "ready-to-collect"
    COLLECTING = "collecting"
    UNKNOWN = "unknown"


# The progress that each type of step means, while it is under way and once it is done.
# https://docs.instaleap.io, "Job Tracking Statuses".
STEP_PROGRESS = {
    "GOING_TO_ORIGIN": (Progress.GOING_TO_STORE, Progress.AT_STORE),
    "ZONE_PICKING": (Progress.PICKING, Progress.PICKING),
    "PICKING": (Progress.PICKING, Progress.CHECKING_OUT),
    "CHECKING_OUT": (Progress.CHECKING_OUT, Progress.PACKED),
    "PARKING": (Progress.PACKED, Progress.PACKED),
    "STORING": (Progress.PACKED, Progress.PACKED),
    "TRANSFERRING": (Progress.TRANSFERRING, Progress.PACKED),
    "GOING_TO_DESTINATION": (Progress.ON_THE_WAY, Progress.AT_THE_DOOR),
    "DELIVERING": (Progress.AT_THE_DOOR, Progress.AT_THE_DOOR),
}


@dataclass(frozen=True)
class Situation:
    """The facts about a job at one time (`now`)."""

    status: str
    now: datetime
    last_event_at: datetime | None = None
    is_collected: bool = False  # by the customer, at the store
    cancelled_by: str = ""
    slot_from: datetime | None = None
    slot_to: datetime | None = None
    progress: Progress = Progress.UNKNOWN
    current_step: str = ""  # the type of the step that is under way
    current_step_due_at: datetime | None = None
    assignee: str = ""  # the name of the picker or driver
    store: str = ""
    finished_at: datetime | None = None
    missing: list[str] = field(default_factory=list)  # names of items
    replaced: list[tuple[str, str]] = field(default_factory=list)  # names of items, with those of their replacements
    price: tuple[Decimal, Decimal] | None = None  # when ordered and now; None if one of them is not known
    currency: str = ""
    payment_status: str = ""

    @property
    def is_final(self) -> bool:
        return self.status in FINAL_STATUSES

    @property
    def late_by(self) -> timedelta | None:
        """The delay of the job, now or when it finished (orders.lateness)."""
        return late_by(self.status, self.slot_to, self.finished_at, self.now)

    @property
    def is_on_time(self) -> bool:
        """Whether the job has a slot and, as far as is known, keeps or kept it."""
        return self.slot_to is not None and self.status not in ("CANCELLED", "REFUSED") and not self.late_by


def build_situation(job: jobs.Job, now: datetime, last_event_at: datetime | None = None) -> Situation:
    """Return the situation at `now` of a job with these values: those of all its events until then (orders.state)."""
    payment_info = job.payment_info or jobs.PaymentInfo()
    payment = payment_info.payment or jobs.Payment()
    is_collected = (job.operational_model or "").startswith("PICK_AND_COLLECT")
    progress, task, step = _progress(_present(job.tasks), is_collected=is_collected)
    current = step if step and step.status == "DOING" else None
    return Situation(
        status=_text(job.status),
        now=now,
        last_event_at=last_event_at,
        is_collected=is_collected,
        cancelled_by=_text(job.cancellation_source),
        slot_from=job.slot.from_ if job.slot else None,
        slot_to=job.slot.to if job.slot else None,
        progress=progress,
        current_step=_text(current.type) if current else "",
        current_step_due_at=current.optimal_end if current else None,
        assignee=_text(full_name(task.resource)) if task else "",
        store=_text(job.origin.name) if job.origin else "",
        finished_at=finished_at(job, last_event_at),
        missing=[_item_name(item) for item in _present(job.job_items) if item.status == "NOT_FOUND"],
        replaced=_replaced(job),
        price=_price(job),
        currency=payment_info.currency_code or "",
        payment_status=payment.payment_status or "",
    )


def finished_at(job: jobs.Job, last_event_at: datetime | None) -> datetime | None:
    """Return when a finished job's last step, or else its last event, ended; None for a job that is not finished."""
    if job.status != "FINISHED":
        return None
    ends = [step.actual_end for task in _present(job.tasks) for step in task.steps if step.actual_end]
    return max(ends, default=last_event_at)


def full_name(resource: jobs.Resource | None) -> str:
    return collapse_whitespace(f"{resource.first_name or ''} {resource.last_name or ''}") if resource else ""


def id_list(ids: object) -> list[str]:
    """Return the ids in a field that should hold a list of ids; anything else in it is left out."""
    return [id for id in ids if isinstance(id, str)] if isinstance(ids, list) else []


def _progress(tasks: list[jobs.Task], *, is_collected: bool) -> tuple[Progress, jobs.Task | None, jobs.Step | None]:
    """Return how far a job is, with the task and step that show it: the last under way, or else the last done."""
    steps = [(task, step) for task in tasks for step in _present(task.steps)]
    under_way = [pair for pair in steps if pair[1].status == "DOING"]
    done = [pair for pair in steps if pair[1].status == "DONE"]
    if not (under_way or done):
        return *_progress_without_steps(tasks), None
    task, step = (under_way or done)[-1]
    while_doing, when_done = STEP_PROGRESS.get(step.type or "", (Progress.UNKNOWN, Progress.UNKNOWN))
    progress = while_doing if under_way else when_done
    if is_collected and progress is Progress.AT_THE_DOOR:
        progress = Progress.COLLECTING
    elif is_collected and not under_way and progress is Progress.PACKED and _only_pick_up_is_left(tasks):
        progress = Progress.READY_TO_COLLECT
    return progress, task, step


def _progress_without_steps(tasks: list[jobs.Task]) -> tuple[Progress, jobs.Task | None]:
    assigned = next((task for task in tasks if full_name(task.resource)), None)
    if any(task.status in ("DOING", "DONE") for task in tasks):
        return Progress.UNKNOWN, assigned
    return (Progress.ASSIGNED if assigned else Progress.WAITING), assigned


def _only_pick_up_is_left(tasks: list[jobs.Task]) -> bool:
    return all(task.type == "PICK_UP" or task.status == "DONE" for task in tasks)


def _replaced(job: jobs.Job) -> list[tuple[str, str]]:
    names = {item.id: _item_name(item) for item in job.job_items}
    return [
        (
            names[item.id],
            ", ".join(names.get(id) or _text(id) for id in id_list(item.replacements)[:MAX_REPLACEMENTS]),
        )
        for item in _present(job.job_items)
        if item.status == "REPLACED"
    ]


def _price(job: jobs.Job) -> tuple[Decimal, Decimal] | None:
    ordered, updated = job.original_prices, job.updated_prices
    if not ordered or not updated or ordered.payment_value is None or updated.payment_value is None:
        return None
    return ordered.payment_value, updated.payment_value


def _item_name(item: jobs.JobItem) -> str:
    return _text(item.name or item.id)


def _present[T: Value](parts: list[T]) -> list[T]:
    return [part for part in parts if not is_removed(part)]


def _text(text: str | None) -> str:
    return shorten(collapse_whitespace(text), MAX_TEXT)
