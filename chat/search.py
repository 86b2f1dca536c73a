"""How a term finds conversations, contacts and messages."""

from django.contrib.postgres.search import SearchVector
from django.db.models import Q, QuerySet

from chat.models import Contact, Message
from orders import search
from orders.models import Job

# So many contacts, jobs or messages that fit a term are looked at; whoever gets more asks more precisely.
MOST = 500


def contacts(queryset: QuerySet, term: str) -> QuerySet:
    """Return the contacts that a term finds: an e-mail (or its beginning), the end of a phone in any spelling, or words
    (or their beginnings) of a name.
    """
    term = term.strip().replace("\x00", "")
    if not term:
        return queryset
    if "@" in term:
        return queryset.filter(search_email__startswith=search.email(term))
    found = Q()
    if digits := search.digits_of_phone(term):
        found |= Q(search_phone__startswith=digits)
    if query := search.words(term):
        queryset = queryset.annotate(name_vector=SearchVector("search_name", config="simple"))
        found |= Q(name_vector=query)
    return queryset.filter(found) if found else queryset.none()


def messages(queryset: QuerySet, term: str) -> QuerySet:
    """Return the messages that hold all words of a term, or words that begin so."""
    query = search.words(term.replace("\x00", ""))
    if query is None:
        return queryset if not term.strip() else queryset.none()
    return queryset.annotate(text_vector=SearchVector("search_text", config="simple")).filter(text_vector=query)


def conversations(queryset: QuerySet, term: str) -> QuerySet:
    """Return the conversations that a term finds: by customer, job (as orders.search does) or what was written."""
    term = term.strip().replace("\x00", "")
    if not term:
        return queryset
    customers = contacts(Contact.objects.order_by(), term).values("pk")[:MOST]
    jobs = search.jobs(Job.objects.order_by(), term).values("external_id")[:MOST]
    written = messages(Message.objects.filter(deleted=False), term).values("conversation")[:MOST]
    return queryset.filter(
        Q(contact__in=customers) | Q(job_id__in=jobs) | Q(pk__in=written) | Q(job_id=term) | Q(external_id=term)
    )
