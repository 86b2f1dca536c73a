"""Whose conversations and jobs belong to the same customer.

Two are the same where they share an e-mail or a phone, normalised, that is nobody else's (chat.models.SharedAddress);
names say nothing. It is looked up, not stored, so that it does not matter which of them comes first.
"""

from dataclasses import dataclass

from django.db.models import OuterRef, Q, QuerySet, Subquery

from chat.models import Contact, Conversation, SharedAddress
from orders.models import Job

MOST = 20  # of a customer's others that a page shows


@dataclass(frozen=True)
class Customer:
    """E-mails and phones (E.164) that identify one customer; none where nobody is known by them."""

    emails: frozenset[str]
    phones: frozenset[str]

    @classmethod
    def of(cls, *known: Contact | Job) -> "Customer":
        emails = {one.search_email for one in known} - {""}
        phones = {one.e164 for one in known} - {""}
        shared = set(SharedAddress.objects.filter(value__in=emails | phones).values_list("value", flat=True))
        return cls(frozenset(emails - shared), frozenset(phones - shared))

    def _where(self):
        return Q(search_email__in=self.emails) | Q(e164__in=self.phones)

    def jobs(self) -> QuerySet[Job]:
        return Job.objects.filter(self._where()).defer("snapshot")

    def conversations(self, *known: Contact) -> QuerySet[Conversation]:
        """Return theirs, and those of contacts who are known to be them."""
        contacts = Contact.objects.filter(self._where()).values("pk")
        about = self.jobs().order_by().values("external_id")
        # Joined by OR, these would have PostgreSQL walk through all conversations there are.
        theirs = _ids(contact__in=contacts).union(_ids(job_id__in=about), *(_ids(contact=one) for one in known))
        return with_their_own(Conversation.objects.filter(pk__in=theirs))


def _ids(**conversations) -> QuerySet:
    return Conversation.objects.order_by().filter(**conversations).values("pk")


def with_their_own(conversations: QuerySet[Conversation]) -> QuerySet[Conversation]:
    """Take along what a conversation is shown with, and leave what it is not."""
    return conversations.select_related("source", "contact").defer("field_versions", "contact__field_versions")


def conversations_about(job: Job) -> QuerySet[Conversation]:
    """Return those that name the job; one of the two may be there long before the other."""
    return with_their_own(
        Conversation.objects.filter(
            job_id=job.external_id, account__in=["", job.client_id], source__provider=job.provider
        )
    )


def jobs_of(conversation: Conversation) -> QuerySet[Job]:
    """Return the job that the conversation names; one at most, where its provider says whose client's it is."""
    if not conversation.job_id:
        return Job.objects.none()
    jobs = Job.objects.filter(provider=conversation.source.provider, external_id=conversation.job_id).defer("snapshot")
    return jobs.filter(client_id=conversation.account) if conversation.account else jobs


def job_of(conversation: Conversation) -> Job | None:
    return jobs_of(conversation).first()


def of_its_job(job_id: str) -> dict[str, Subquery]:
    """Return annotations of what came through a source: the reference, and whom it is for, of the job that the column
    `job_id` names.
    """
    jobs = Job.objects.filter(provider=OuterRef("source__provider"), external_id=OuterRef(job_id))
    return {
        "job_reference": Subquery(jobs.values("client_reference")[:1]),
        "job_customer": Subquery(jobs.values("recipient_name")[:1]),
    }
