"""Matching of conversations and jobs that belong to the same customer.

Two records belong to one customer if they share a normalised e-mail or phone that is not a shared address
(chat.models.SharedAddress); names are not compared. The match is computed when it is needed, not stored, so that the
order in which the records arrive makes no difference.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypedDict

from django.db.models import OuterRef, Q, QuerySet, Subquery

from chat.models import Contact, Conversation, SharedAddress
from orders.models import Job

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

MAX_RELATED = 20  # other records of a customer that a page shows


class JobAnnotations(TypedDict):
    """The annotations that job_annotations() adds to a row."""

    job_reference: str | None
    job_customer: str | None  # the recipient's name


type AnnotatedConversation = WithAnnotations[Conversation, JobAnnotations]


@dataclass(frozen=True)
class CustomerIdentity:
    """E-mails and phones (E.164) that identify one customer; both are empty where nothing does."""

    emails: frozenset[str]
    phones: frozenset[str]

    @classmethod
    def identify(cls, *records: Contact | Job) -> "CustomerIdentity":
        """Return the customer whom these records are about."""
        emails = {record.search_email for record in records} - {""}
        phones = {record.e164 for record in records} - {""}
        shared = set(SharedAddress.objects.filter(value__in=emails | phones).values_list("value", flat=True))
        return cls(frozenset(emails - shared), frozenset(phones - shared))

    def jobs(self) -> QuerySet[Job]:
        """Return the customer's jobs, without their snapshots."""
        return Job.objects.filter(self._condition()).defer("snapshot")

    def conversations(self, *contacts: Contact) -> QuerySet[Conversation]:
        """Return the customer's conversations, and those of `contacts`."""
        matching = Contact.objects.filter(self._condition()).values("pk")
        job_ids = self.jobs().order_by().values("external_id")
        # A union: for conditions joined by OR, PostgreSQL reads all conversations.
        ids = _conversation_ids(contact__in=matching).union(
            _conversation_ids(job_id__in=job_ids), *(_conversation_ids(contact=contact) for contact in contacts)
        )
        return select_for_list(Conversation.objects.filter(pk__in=ids))

    def _condition(self) -> Q:
        return Q(search_email__in=self.emails) | Q(e164__in=self.phones)


def _conversation_ids(**conditions: Any) -> QuerySet[Conversation, Any]:
    return Conversation.objects.order_by().filter(**conditions).values("pk")


def select_for_list(conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Join what a row of a list shows, and defer what it does not show."""
    return conversations.select_related("source", "contact").defer("field_versions", "contact__field_versions")


def find_job_conversations(job: Job) -> QuerySet[Conversation]:
    """Return the conversations that name the job, by its id and, where the provider gives it, its client."""
    return select_for_list(
        Conversation.objects.filter(
            job_id=job.external_id, account__in=["", job.client_id], source__provider=job.provider
        )
    )


def find_conversation_jobs(conversation: Conversation) -> QuerySet[Job]:
    """Return the job that the conversation names, without its snapshot.

    There is one at most where the provider gives the account; else several accounts may have a job of this id.
    """
    if not conversation.job_id:
        return Job.objects.none()
    jobs = Job.objects.filter(provider=conversation.source.provider, external_id=conversation.job_id).defer("snapshot")
    return jobs.filter(client_id=conversation.account) if conversation.account else jobs


def job_annotations(job_id: str) -> dict[str, Subquery]:
    """Return JobAnnotations for the rows of a source, of the job that the column `job_id` names."""
    jobs = Job.objects.filter(provider=OuterRef("source__provider"), external_id=OuterRef(job_id))
    return {
        "job_reference": Subquery(jobs.values("client_reference")[:1]),
        "job_customer": Subquery(jobs.values("recipient_name")[:1]),
    }
