"""The chat panel of a job's page: messages for its history, and the customer's conversations."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils.translation import ngettext

from chat.customer_matching import MAX_RELATED, CustomerIdentity, find_job_conversations
from chat.message_views import group_attachments
from chat.models import Attachment, Conversation, Message
from orders.job_panels import JobPanel, TimelineItem, job_panels
from orders.models import Job


@dataclass(frozen=True)
class JobMessageView:
    """A message as a job's history shows it."""

    message: Message
    attachments: list[Attachment]


@job_panels.register
class ChatPanel(JobPanel):
    """The customer's conversations, and the messages about the job."""

    permission = "chat.view_conversation"
    template = "admin/chat/job_panel.html"

    def get_version(self, job: Job) -> str:
        """Return a text that changes with each message and reply in the conversations that the page shows."""
        sums = Sum("message_count"), Max("active_at")
        waiting, count = Count("pk", filter=Q(unanswered=True)), Count("pk")
        totals = _all_conversations(job).order_by().aggregate(*sums, waiting=waiting, count=count)
        return " ".join(str(value) for value in totals.values())

    def get_timeline_items(
        self, job: Job, start: datetime | None, end: datetime | None, limit: int
    ) -> Iterator[TimelineItem]:
        """Yield the last messages about the job that were sent from `start` until before `end`."""
        about = find_job_conversations(job).values_list("pk", flat=True)[:MAX_RELATED]
        messages = Message.objects.filter(conversation__in=list(about), sent_at__isnull=False)
        if start:
            messages = messages.filter(sent_at__gte=start)
        if end:
            messages = messages.filter(sent_at__lt=end)
        newest_first = messages.order_by("-sent_at", "-id").select_related("contact", "conversation")
        deferred = "field_versions", "search_text", "contact__field_versions", "conversation__field_versions"
        rows = list(newest_first.defer(*deferred)[:limit])
        attachments = group_attachments(rows)
        for message in rows:
            if message.sent_at:
                yield TimelineItem(
                    id=f"message-{message.pk}",
                    at=message.sent_at,
                    received_at=message.received_at,
                    template="admin/chat/message_of_job.html",
                    value=JobMessageView(message, attachments[message.pk]),
                )

    def get_problems(self, job: Job) -> Iterator[str]:
        """Yield that the customer is waiting for a reply, in a conversation about this job or in another."""
        count = _all_conversations(job).filter(unanswered=True).order_by().count()
        if count:
            yield ngettext(
                "The customer is waiting for a reply",
                "The customer is waiting for a reply in {count} conversations",
                count,
            ).format(count=count)

    def get_context(self, job: Job) -> dict[str, Any]:
        """Return the conversations about the job, and the customer's other jobs and conversations."""
        about = list(find_job_conversations(job)[:MAX_RELATED])
        customer = CustomerIdentity.identify(job)
        others = customer.conversations().exclude(pk__in=[conversation.pk for conversation in about])
        return {
            "about": about,
            "others": others[:MAX_RELATED],
            "jobs": customer.jobs().exclude(pk=job.pk)[:MAX_RELATED],
        }


def _all_conversations(job: Job) -> QuerySet[Conversation]:
    """Return the conversations about the job and the customer's others."""
    about = find_job_conversations(job).order_by().values("pk")
    others = CustomerIdentity.identify(job).conversations().order_by().values("pk")
    return Conversation.objects.filter(pk__in=about.union(others))
