"""The page of a conversation: its messages, its job, and the customer's other conversations and jobs."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models.expressions import RawSQL
from django.http import HttpRequest
from django.utils import timezone

from chat import customer_matching, rendering, thread
from chat.customer_matching import MAX_RELATED, CustomerIdentity
from chat.models import Contact, Conversation, Message
from chat.thread import Window
from console.live_updates import Live
from console.request_values import parse_pk
from orders.customer_answer import write_answer
from orders.labels import format_slot
from orders.models import Job
from orders.situation import build_situation
from webhooks import deep_links
from webhooks.payloads import jobs

RELATED_MESSAGES = 30  # messages shown of another conversation
OPEN_SECONDS, ENDED_SECONDS = 5, 30  # between two checks for news; a conversation that ended may be continued
QUERY_LIMIT = 200  # characters of a search in the conversation

# The parameters that name a message, and the part of the thread that each shows.
_WINDOWS: dict[str, Callable[[Conversation, Message], Window]] = {
    "message": thread.around,
    "since": thread.since,
    "before": thread.before,
    "after": thread.after,
}


@dataclass(frozen=True)
class ThreadPosition:
    """The part of the thread that a request asks for: its end, unless a parameter names a message."""

    parameter: str = ""  # a key of _WINDOWS
    message: Message | None = None
    is_missing: bool = False  # whether the named message is not in the conversation

    @classmethod
    def from_request(cls, request: HttpRequest, conversation: Conversation) -> "ThreadPosition":
        for parameter in _WINDOWS:
            if parameter in request.GET:
                message = _find_message(conversation, request.GET[parameter])
                return cls(parameter, message) if message else cls(is_missing=True)
        return cls()

    @property
    def target(self) -> Message | None:
        """The message that the page leads to."""
        return self.message if self.parameter == "message" else None

    def load_window(self, conversation: Conversation) -> Window:
        if self.message is None:
            return thread.newest(conversation)
        return _WINDOWS[self.parameter](conversation, self.message)


@dataclass(frozen=True)
class EarlierLink:
    """The parameter that shows earlier messages: `since` on the same page, `before` on another."""

    parameter: str
    id: int | None


@dataclass(frozen=True)
class CustomerView:
    """A conversation's customer, from its contact, or else from its job."""

    name: str = ""
    phone: str = ""
    email: str = ""
    place: str = ""
    url: str = ""  # of the contact's page
    picture: str = ""
    last_active_at: datetime | None = None


@dataclass(frozen=True)
class JobView:
    """A job as a conversation's page shows it."""

    job: Job
    slot: str
    late_by: timedelta | None
    assignee: str = ""  # who has the job now; "" where nobody has, or where it is not shown
    sentence: str = ""  # what to tell the customer; "" where it is not shown


@dataclass(frozen=True)
class RelatedConversation:
    """Another conversation of the customer, with its last messages where the page shows them."""

    conversation: Conversation
    window: Window | None


def build_conversation_context(request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
    """Return what the page shows."""
    position = ThreadPosition.from_request(request, conversation)
    window = thread.expand_message(position.load_window(conversation), request.GET.get("whole", ""))
    search_words = rendering.search_words(request.GET.get("find", "")[:QUERY_LIMIT])
    search_end = _find_message(conversation, request.GET.get("find_before", ""))
    sees_jobs = request.user.has_perm("orders.view_job")
    job = customer_matching.find_conversation_jobs(conversation).defer(None).first()
    customer = CustomerIdentity.identify(*(known for known in (conversation.contact, job) if known))
    return {
        "conversation": conversation,
        "position": position,
        "window": window,
        "search_words": search_words,
        "found": thread.search_thread(conversation, search_words, search_end) if search_words else None,
        "earlier": _build_earlier_link(conversation, window),
        "origin": f"{request.scheme}://{request.get_host()}",
        "customer": _build_customer(conversation.contact, job),
        "job": _build_job(job) if job and sees_jobs else None,
        "deep_link": deep_links.build_link(
            conversation.source.deep_link,
            job_id=conversation.job_id,
            client_reference=job.client_reference if job else "",
            conversation_id=conversation.external_id,
        ),
        "other_conversations": _load_other_conversations(customer, conversation, request.GET.get("related", "")),
        "other_jobs": _load_other_jobs(customer, job) if sees_jobs else [],
    }


def build_conversation_live(conversation: Conversation) -> Live:
    """Return how the page is kept up to date.

    Two rows are enough for its version: the projection writes the conversation's row whenever one of its messages or
    attachments changes (chat.fold), and the job's row with anything of the job.
    """
    rows = [
        *Conversation.objects.filter(pk=conversation.pk).values_list(RawSQL("chat_conversation.xmin::text", [])),
        *customer_matching.find_conversation_jobs(conversation).values_list(RawSQL("orders_job.xmin::text", []))[:1],
    ]
    has_ended = conversation.deleted or conversation.ended_at or conversation.archived_at
    return Live("|".join(version for (version,) in rows), ENDED_SECONDS if has_ended else OPEN_SECONDS)


def _find_message(conversation: Conversation, id: str) -> Message | None:
    pk = parse_pk(id)
    if pk is None:
        return None
    return conversation.messages.filter(pk=pk).only("sent_at", "external_id").first()


def _build_earlier_link(conversation: Conversation, window: Window) -> EarlierLink | None:
    """Return the link that adds a page of earlier messages, or, where that would be too many, replaces these."""
    if not window.has_earlier or not window.first:
        return None
    if window.has_later or len(window.messages) + thread.PAGE_SIZE > thread.MAX_MESSAGES:
        return EarlierLink("before", window.first.pk)
    return EarlierLink("since", thread.find_page_start(conversation, window.first))


def _build_customer(contact: Contact | None, job: Job | None) -> CustomerView:
    if contact:
        return CustomerView(
            name=str(contact),
            phone=contact.phone_number,
            email=contact.email,
            place=", ".join(part for part in (contact.city, contact.country) if part),
            url=contact.get_admin_url(),
            picture=contact.avatar_url,
            last_active_at=contact.last_active_at,
        )
    if job:
        return CustomerView(name=job.recipient_name, phone=job.recipient_phone_number, email=job.recipient_email)
    return CustomerView()


def _build_job(job: Job) -> JobView:
    """Return the job of the conversation, with what support is asked first about it."""
    situation = build_situation(jobs.Job.model_validate(job.snapshot), timezone.now(), job.last_event_at)
    return JobView(
        job,
        slot=_format_slot(job),
        late_by=situation.late_by,
        assignee="" if situation.is_final else situation.assignee,
        sentence=write_answer(situation).sentence,
    )


def _build_other_job(job: Job) -> JobView:
    """Return another job of the customer, from its columns alone."""
    return JobView(job, slot=_format_slot(job), late_by=job.late_by())


def _format_slot(job: Job) -> str:
    return format_slot(job.slot_from, job.slot_to, timezone.now())


def _load_other_conversations(
    customer: CustomerIdentity, conversation: Conversation, opened: str
) -> list[RelatedConversation]:
    """Return the customer's other conversations; `opened` is the key of the one whose messages are shown."""
    return [
        RelatedConversation(other, thread.newest(other, RELATED_MESSAGES) if opened == str(other.pk) else None)
        for other in customer.conversations().exclude(pk=conversation.pk)[:MAX_RELATED]
    ]


def _load_other_jobs(customer: CustomerIdentity, job: Job | None) -> list[JobView]:
    others = customer.jobs().exclude(pk=job.pk) if job else customer.jobs()
    return [_build_other_job(other) for other in others[:MAX_RELATED]]
