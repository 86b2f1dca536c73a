"""The search for jobs, with core PostgreSQL only: no extensions."""

from collections.abc import Iterator

from django.contrib.postgres.search import SearchVector, SearchVectorExact
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from console.formatting.text import collapse_whitespace
from console.search.providers import SearchHit, SearchProvider, SearchResults, build_results, search_providers
from console.search.query import EMAIL, WORDS, SearchTerm
from console.search.ranking import Matches, merge_matches, newest_matches
from orders.labels import format_slot, status_badge
from orders.models import Job, JobQuerySet

_NAME = SearchVector("search_name", config="simple")


def find_jobs(term: SearchTerm) -> Matches:
    """Return the jobs that a term finds, newest first.

    Exact matches: a reference, a job id, a delivery code, a phone in any spelling, an e-mail. Other matches: the
    beginning of a reference, job id or e-mail, the end of a phone, words (or their beginnings) of the customer's name.
    """
    exact = newest_matches(Job.objects.filter(_exact(term)), "last_event_at")
    like = newest_matches(Job.objects.filter(_like(term)), "last_event_at", is_vague=True)
    return merge_matches([exact], [like])


def filter_jobs(queryset: JobQuerySet, typed: str) -> JobQuerySet:
    """Return the jobs of a queryset that find_jobs() finds; all of them for an empty text."""
    term = SearchTerm.parse(typed)
    return queryset.filter(pk__in=term.get_or_run(find_jobs).keys) if term else queryset


def _exact(term: SearchTerm) -> Q:
    if term.type is EMAIL:
        return Q(search_email=term.email)
    found = Q(client_reference__in=term.spellings) | Q(external_id__in=term.spellings)
    if term.is_one_word:
        found |= Q(delivery_code__in=term.spellings)
    if term.e164:
        found |= Q(e164=term.e164)
    return found


def _like(term: SearchTerm) -> Q:
    if term.type is EMAIL:
        return Q(search_email__startswith=term.email)
    found = Q()
    for spelling in term.spellings:
        found |= Q(client_reference__startswith=spelling) | Q(external_id__startswith=spelling)
    if term.last_digits:
        found |= Q(phone_digits_reversed__startswith=term.last_digits)
    if words := term.text_query():
        found |= Q(SearchVectorExact(_NAME, words))
    return found


@search_providers.register
class JobSearch(SearchProvider):
    title = gettext_lazy("Jobs")
    permission = "orders.view_job"
    changelist = "admin:orders_job_changelist"
    position = 10

    def search(self, term: SearchTerm, limit: int) -> SearchResults:
        return build_results(
            term.get_or_run(find_jobs), Job.objects.defer("snapshot"), limit, lambda job: _build_hit(job, term)
        )


def _build_hit(job: Job, term: SearchTerm) -> SearchHit:
    return SearchHit(
        url=job.get_admin_url(),
        title=str(job),
        badge=status_badge(job.status),
        details=[
            collapse_whitespace(job.recipient_name),
            job.recipient_email if term.type is EMAIL else job.recipient_phone_number,
            _("Slot {slot}").format(slot=format_slot(job.slot_from, job.slot_to)) if job.slot_to else "",
            f"{job.store_name} {job.store_reference}".strip(),
            *_why(job, term),
        ],
    )


def _why(job: Job, term: SearchTerm) -> Iterator[str]:
    """Yield the matching values that are not shown for every job."""
    if job.delivery_code in term.spellings:
        yield _("Delivery code {code}").format(code=job.delivery_code)
    if term.type is not WORDS and job.client_reference and job.external_id.startswith(tuple(term.spellings)):
        yield _("Job id {id}").format(id=job.external_id)
