"""Where in the admin the jobs are that events became."""

from orders.models import Job
from webhooks.folds import Link
from webhooks.models import Source


def admin_links(source: Source, subject: str) -> list[Link]:
    """Return links to the jobs that a source's events about `subject` became."""
    found = Job.objects.filter(provider=source.provider, external_id=subject).defer("snapshot")
    return [Link(f"Job: {job}", job.get_admin_url()) for job in found]
