"""Where the jobs are that events became."""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Model

from orders import timeline
from orders.models import Job, JobItem, Package, Step, Task, TimelineEntry
from webhooks.models import Event, Source
from webhooks.processing.projections import Effect, Link, Names, Subjects, Told


def admin_links(source: Source, subject: str) -> list[Link]:
    """Return links to the jobs that a source's events about `subject` became."""
    return [Link(f"Job: {job}", job.get_admin_url()) for job in _jobs(source, subject).defer("snapshot")]


def names(subjects: Subjects) -> Names:
    """Return the references of the jobs that sources' events about these became, where a job is the only one."""
    jobs = Job.objects.filter(
        provider__in={source.provider for source, _ in subjects}, external_id__in={subject for _, subject in subjects}
    )
    found = defaultdict(list)
    for job in jobs.only("provider", "external_id", "client_reference"):
        found[job.provider, job.external_id].append(job)
    called = ((key, found[key[0].provider, key[1]]) for key in subjects)
    return {key: str(jobs[0]) for key, jobs in called if len(jobs) == 1}


def rows(source: Source, subject: str) -> Iterator[Model]:
    """Yield the jobs that a source's events about `subject` became, and what is theirs."""
    jobs = _jobs(source, subject)
    yield from jobs
    for model in (JobItem, Package, Task):
        yield from model.objects.filter(job__in=jobs)
    yield from Step.objects.filter(task__job__in=jobs).select_related("task")


def effects(event: Event) -> Iterator[Effect]:
    """Yield what an event changed about its job, and about each thing in it."""
    for entry in TimelineEntry.objects.filter(event=event).select_related("job").defer("job__snapshot"):
        job, url = f"Job {entry.job}", entry.job.get_admin_url()
        changed = timeline.in_words(entry.changes)
        if not entry.changes:
            yield Effect(job, url, ["its first event, or one that tells nothing new"])
        elif not changed:
            yield Effect(job, url, ["nothing that a reader would notice"])
        for thing in changed:
            name = f"{thing.kind.capitalize()}: {thing.name}" if thing.kind != "job" and thing.name else job
            yield Effect(name, url, thing.happened, [Told(*told) for told in thing.fields])


def _jobs(source, subject):
    return Job.objects.filter(provider=source.provider, external_id=subject)
