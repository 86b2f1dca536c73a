"""The projection of job events into jobs, their parts and their timeline."""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Model
from django.utils.translation import gettext as _

from orders import fold, timeline
from orders.models import Job, JobItem, JobQuerySet, Package, Step, Task, TimelineEntry
from webhooks.links import Link
from webhooks.models import Event, Source
from webhooks.payloads import jobs
from webhooks.processing.projections import (
    Change,
    Effect,
    Projection,
    SubjectHistory,
    SubjectOfSource,
    registry,
)


@registry.register
class JobProjection(Projection):
    """The jobs and their parts, derived from job events."""

    value_type = jobs.JobEvent

    def apply(self, changes: list[Change], history: SubjectHistory) -> None:
        """Write the changes into the jobs; see orders/fold.py."""
        fold.fold_job_events(changes, history)

    def admin_links(self, source: Source, subject: str) -> list[Link]:
        """Return links to the jobs that a source's events about `subject` created."""
        return [
            Link(_("Job: {job}").format(job=job), job.get_admin_url())
            for job in _jobs(source, subject).defer("snapshot")
        ]

    def labels(self, subjects: set[SubjectOfSource]) -> dict[SubjectOfSource, str]:
        """Return the references of the jobs with these ids, where only one job has the id."""
        found_jobs = Job.objects.filter(
            provider__in={source.provider for source, _ in subjects},
            external_id__in={subject for _, subject in subjects},
        )
        found = defaultdict(list)
        for job in found_jobs.only("provider", "external_id", "client_reference"):
            found[job.provider, job.external_id].append(job)
        candidates = ((key, found[key[0].provider, key[1]]) for key in subjects)
        return {key: str(same_id[0]) for key, same_id in candidates if len(same_id) == 1}

    def rows(self, source: Source, subject: str) -> Iterator[Model]:
        """Yield the jobs that a source's events about `subject` created, and their parts."""
        found = _jobs(source, subject)
        yield from found
        for model in (JobItem, Package, Task):
            yield from model.objects.filter(job__in=found)
        yield from Step.objects.filter(task__job__in=found).select_related("task")

    def effects(self, event: Event) -> Iterator[Effect]:
        """Yield what an event changed in its job and in each part of it."""
        for entry in TimelineEntry.objects.filter(event=event).select_related("job").defer("job__snapshot"):
            job, url = _("Job {job}").format(job=entry.job), entry.job.get_admin_url()
            parts = timeline.describe_changes(entry.changes)
            if not entry.changes:
                yield Effect(job, url, [_("its first event, or one that reports nothing new")])
            elif not parts:
                yield Effect(job, url, [_("no visible change")])
            for part in parts:
                name = f"{part.kind.capitalize()}: {part.name}" if part.kind != "job" and part.name else job
                yield Effect(name, url, part.events, part.fields)


def _jobs(source: Source, subject: str) -> JobQuerySet:
    return Job.objects.filter(provider=source.provider, external_id=subject)
