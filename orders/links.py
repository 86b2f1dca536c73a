"""Where the jobs are that events became."""

from collections.abc import Iterator

from django.db.models import Model

from orders.models import Job, JobItem, Package, Step, Task
from webhooks.folds import Link
from webhooks.models import Source


def admin_links(source: Source, subject: str) -> list[Link]:
    """Return links to the jobs that a source's events about `subject` became."""
    return [Link(f"Job: {job}", job.get_admin_url()) for job in _jobs(source, subject).defer("snapshot")]


def rows(source: Source, subject: str) -> Iterator[Model]:
    """Yield the jobs that a source's events about `subject` became, and what is theirs."""
    jobs = _jobs(source, subject)
    yield from jobs
    for model in (JobItem, Package, Task):
        yield from model.objects.filter(job__in=jobs)
    yield from Step.objects.filter(task__job__in=jobs).select_related("task")


def _jobs(source, subject):
    return Job.objects.filter(provider=source.provider, external_id=subject)
