"""Views of a job's tasks, their steps against the plan, and the people who carry them out, for its page."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from console.formatting.durations import format_duration
from orders.admin.job_places import coordinates, map_url
from orders.lateness import LATE_FROM
from orders.models import Job, Resource
from orders.situation import full_name
from orders.state import is_removed
from webhooks.payloads import jobs

MAX_PEOPLE = 300  # whose details are looked up


@dataclass
class PersonView:
    """A picker or driver."""

    id: str
    name: str = ""
    photo_url: str = ""
    phone: str = ""
    vehicle: str = ""
    tasks: list[str] = field(default_factory=list)  # their types
    is_current: bool = False  # whether one of their tasks is under way
    map_url: str = ""  # of the last position
    seen_at: datetime | None = None  # at the last position


@dataclass(frozen=True)
class StepView:
    value: jobs.Step
    is_removed: bool
    verdict: str  # against the plan: "5 min late"
    is_late: bool
    planned_bar: str  # CSS of the bar's place
    actual_bar: str


@dataclass(frozen=True)
class TaskView:
    value: jobs.Task
    person: PersonView | None
    is_removed: bool
    steps: list[StepView]
    now_mark: str  # CSS of the mark's place; "" if no step is under way


@dataclass(frozen=True)
class Chart:
    """The time that the bars of all tasks share, and the present while a step is under way."""

    start: datetime
    end: datetime
    now: datetime | None

    def place(self, begins: datetime | None, ends: datetime | None) -> str:
        """Return the CSS of a bar between two times; "" if one of them is not known."""
        if not begins or not ends:
            return ""
        whole = (self.end - self.start).total_seconds() or 1
        left = (begins - self.start).total_seconds() / whole * 100
        width = max((ends - begins).total_seconds() / whole * 100, 0)
        return f"left:{left:.2f}%;width:{width:.2f}%"


def build_tasks(job: jobs.Job, people: dict[str, PersonView], now: datetime, *, is_final: bool) -> list[TaskView]:
    """Return the tasks with their steps; `people` as from build_people(), `is_final` of the job."""
    steps = [step for task in job.tasks for step in task.steps]
    times = [
        time
        for step in steps
        for time in (step.optimal_start, step.optimal_end, step.actual_start, step.actual_end)
        if time
    ]
    is_under_way = not is_final and any(step.status == "DOING" for step in steps)
    if is_under_way and times:
        times.append(now)
    chart = Chart(min(times, default=now), max(times, default=now), now if is_under_way else None)
    return [
        TaskView(
            value=task,
            person=people.get(task.assigned_resource_id() or ""),
            is_removed=is_removed(task),
            steps=[_build_step(step, chart, is_final=is_final) for step in task.steps],
            now_mark=chart.place(chart.now, chart.now),
        )
        for task in job.tasks
    ]


def _build_step(step: jobs.Step, chart: Chart, *, is_final: bool) -> StepView:
    started, ended = step.actual_start, step.actual_end
    late = None
    if step.optimal_end and ended:
        late = ended - step.optimal_end
    elif step.optimal_end and started and chart.now and chart.now > step.optimal_end:
        late = chart.now - step.optimal_end
    if late is None:
        verdict = "" if ended or not started else _("end not reported") if is_final else _("in progress")
    elif abs(late) < LATE_FROM:
        verdict = _("on time")
    else:
        verdict = _("{time} late") if late >= LATE_FROM else _("{time} early")
        verdict = verdict.format(time=format_duration(late, "min"))
    return StepView(
        value=step,
        is_removed=is_removed(step),
        verdict=verdict,
        is_late=late is not None and late >= LATE_FROM,
        planned_bar=chart.place(step.optimal_start or step.optimal_end, step.optimal_end),
        actual_bar=chart.place(started or ended, ended or chart.now or started),
    )


def build_people(job: Job, value: jobs.Job) -> dict[str, PersonView]:
    """Return the pickers and drivers by their id, in the order of their tasks.

    Details that this job does not report are those of the newest event of any job.
    """
    people: dict[str, PersonView] = {}
    for task in value.tasks:
        if not (id := task.assigned_resource_id()):
            continue
        person = people.setdefault(id, PersonView(id))
        if task.resource:
            _add_details(person, task.resource)
        person.tasks.append(task.type or "")
        is_under_way = task.status == "DOING" or any(step.status == "DOING" for step in task.steps)
        person.is_current = person.is_current or (is_under_way and not is_removed(task))
    unnamed = [id for id, person in people.items() if not person.name][:MAX_PEOPLE]
    if unnamed:
        rows = Resource.objects.filter(provider=job.provider, client_id=job.client_id, external_id__in=unnamed)
        for row in rows:
            person = people[row.external_id]
            person.name, person.photo_url = str(row), row.photo_url
            person.phone, person.vehicle = row.phone_number, row.vehicle_label
    return people


def _add_details(person: PersonView, resource: jobs.Resource) -> None:
    person.name = person.name or full_name(resource)
    person.photo_url = person.photo_url or resource.photo_url or ""
    person.phone = person.phone or resource.phone_number or ""
    person.vehicle = person.vehicle or (resource.vehicle and resource.vehicle.label) or ""
    if resource.position and (place := coordinates(resource.position)):
        person.map_url, person.seen_at = map_url(place), resource.last_update_position
