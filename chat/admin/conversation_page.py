"""A conversation's page: what was said, the job that it is about, and what else this customer wrote and ordered."""

from dataclasses import dataclass

from django.db.models.expressions import RawSQL
from django.utils import timezone

from chat import customer_matching, rendering, thread
from chat.customer_matching import Customer
from chat.models import Conversation, Message
from console.live_updates import Live
from console.request_values import parse_pk
from orders.customer_answer import write_answer
from orders.labels import format_slot
from orders.models import Job
from orders.situation import build_situation
from webhooks import deep_links
from webhooks.payloads import jobs

BESIDE = 30  # messages of another conversation that is read beside this one
OPEN_SECONDS, OVER_SECONDS = 5, 30  # between two looks for what is new; what has ended may go on
LONGEST_SOUGHT = 200  # characters


@dataclass(frozen=True)
class Asked:
    """What of a conversation a page was asked for: nothing else than its end, unless one of these."""

    since: Message | None = None
    before: Message | None = None
    after: Message | None = None
    message: Message | None = None
    is_gone: bool = False  # the message that was asked for is not here

    @classmethod
    def of(cls, request, conversation: Conversation) -> "Asked":
        for name in ("message", "since", "before", "after"):
            if name in request.GET:
                message = _message(conversation, request.GET[name])
                return cls(**{name: message}) if message else cls(is_gone=True)
        return cls()

    def window(self, conversation: Conversation) -> thread.Window:
        for name, look in {
            "message": thread.around,
            "since": thread.since,
            "before": thread.before,
            "after": thread.after,
        }.items():
            if message := getattr(self, name):
                return look(conversation, message)
        return thread.newest(conversation)


def page(request, conversation: Conversation) -> dict:
    """Return what the page shows."""
    asked = Asked.of(request, conversation)
    window = asked.window(conversation)
    thread.show_whole(window, request.GET.get("whole", ""))
    sought = rendering.sought(request.GET.get("find", "")[:LONGEST_SOUGHT])
    sees_jobs = request.user.has_perm("orders.view_job")
    job = customer_matching.jobs_of(conversation).defer(None).first()
    return {
        "conversation": conversation,
        "asked": asked,
        "window": window,
        "sought": sought,
        "found": thread.find(conversation, sought, _message(conversation, request.GET.get("find_before", "")))
        if sought
        else None,
        "searched_at_once": thread.SEARCHED,
        "earlier": _earlier(conversation, window),
        "origin": f"{request.scheme}://{request.get_host()}",
        "customer": _customer(conversation, job),
        "job": _with_answers(job) if job and sees_jobs else None,
        "deep_link": deep_links.link(
            conversation.source.deep_link,
            job_id=conversation.job_id,
            client_reference=job.client_reference if job else "",
            conversation_id=conversation.external_id,
        ),
    } | _others(request, conversation, job, sees_jobs)


def live(conversation: Conversation) -> Live:
    """Return what the page's version is made of: the versions of the rows that stand for all others.

    Whatever is told of a message or its attachments is summed up in its conversation (chat.fold), and of anything in a
    job in the job.
    """
    rows = [
        *Conversation.objects.filter(pk=conversation.pk).values_list(RawSQL("chat_conversation.xmin::text", [])),
        *customer_matching.jobs_of(conversation).values_list(RawSQL("orders_job.xmin::text", []))[:1],
    ]
    is_over = conversation.deleted or conversation.ended_at or conversation.archived_at
    return Live("|".join(version for (version,) in rows), OVER_SECONDS if is_over else OPEN_SECONDS)


def _message(conversation, id: str) -> Message | None:
    return conversation.messages.filter(pk=parse_pk(id)).only("sent_at", "external_id").first()


def _earlier(conversation, window) -> dict | None:
    """Return the parameter that shows what is before: further back on the same page, or, of much, on another."""
    if not window.has_earlier or not window.messages:
        return None
    first = window.messages[0]
    if window.has_later or len(window.messages) + thread.PAGE > thread.MOST:
        return {"name": "before", "id": first.pk}
    return {"name": "since", "id": thread.a_page_before(conversation, first)}


def _customer(conversation, job: Job | None) -> dict:
    """Return who it is, as the conversation's contact or else its job says."""
    if contact := conversation.contact:
        return {
            "name": str(contact),
            "phone": contact.phone_number,
            "email": contact.email,
            "place": ", ".join(part for part in (contact.city, contact.country) if part),
            "url": contact.get_admin_url(),
            "picture": contact.avatar_url,
            "last_active_at": contact.last_active_at,
        }
    if job:
        return {"name": job.recipient_name, "phone": job.recipient_phone_number, "email": job.recipient_email}
    return {"name": ""}


def _with_answers(job: Job) -> Job:
    """Add what is asked first about a job: its `slot`, how `late` it is, and in whose hands (`who`)."""
    situation = build_situation(jobs.Job.model_validate(job.snapshot), timezone.now(), job.last_event_at)
    job.slot, job.late, job.who = _slot(job), situation.late_by, "" if situation.is_final else situation.assignee
    job.sentence = write_answer(situation).sentence
    return job


def _with_lateness(job: Job) -> Job:
    """Add its `slot` and how `late` it is, as far as its columns say it."""
    job.slot, job.late = _slot(job), job.late_by()
    return job


def _slot(job):
    return format_slot(job.slot_from, job.slot_to, timezone.now())


def _others(request, conversation, job, sees_jobs) -> dict:
    """Return what else this customer wrote and ordered, and which of it is to be read beside this conversation."""
    customer = Customer.of(*(known for known in (conversation.contact, job) if known))
    others = list(customer.conversations().exclude(pk=conversation.pk)[: customer_matching.MOST])
    beside = request.GET.get("beside", "")
    for other in others:
        other.window = thread.newest(other, BESIDE) if beside == str(other.pk) else None
    jobs = customer.jobs().exclude(pk=job.pk if job else None)[: customer_matching.MOST] if sees_jobs else []
    return {"other_conversations": others, "other_jobs": [_with_lateness(other) for other in jobs]}
