"""The chat panel of a job's page: messages for its history, and the customer's conversations."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, Sum
from django.utils.translation import ngettext

from chat import customer_matching
from chat.models import Attachment, Conversation, Message
from orders.job_panels import JobPanel, TimelineItem, job_panels
from orders.models import Job


@job_panels.register
class ChatPanel(JobPanel):
    """The customer's conversations, and the messages about the job."""

    permission = "chat.view_conversation"
    template = "admin/chat/job_panel.html"

    def get_version(self, job: Job) -> str:
        """Changes with each new message and answer in the conversations that the page shows."""
        added_up = Sum("message_count"), Max("active_at")
        waiting, count = Count("pk", filter=Q(unanswered=True)), Count("pk")
        told = _conversations(job).order_by().aggregate(*added_up, waiting=waiting, count=count)
        return " ".join(str(value) for value in told.values())

    def get_timeline_items(
        self, job: Job, start: datetime | None, end: datetime | None, limit: int
    ) -> Iterator[TimelineItem]:
        """Yield the last messages about the job that were sent between two times."""
        about = customer_matching.conversations_about(job).values_list("pk", flat=True)[: customer_matching.MOST]
        messages = Message.objects.filter(conversation__in=list(about), sent_at__isnull=False)
        if start:
            messages = messages.filter(sent_at__gte=start)
        if end:
            messages = messages.filter(sent_at__lt=end)
        newest_first = messages.order_by("-sent_at", "-id").select_related("contact", "conversation")
        shown = list(
            newest_first.defer(
                "field_versions", "search_text", "contact__field_versions", "conversation__field_versions"
            )[:limit]
        )
        attachments = {}
        for attachment in Attachment.objects.filter(message__in=shown).defer("field_versions"):
            attachments.setdefault(attachment.message_id, []).append(attachment)
        for message in shown:
            message.shown_attachments = attachments.get(message.pk, [])
            yield TimelineItem(
                f"message-{message.pk}", message.sent_at, message.received_at, "admin/chat/message_of_job.html", message
            )

    def get_problems(self, job: Job) -> Iterator[str]:
        """Yield that the customer waits for an answer, here or elsewhere."""
        count = _conversations(job).filter(unanswered=True).order_by().count()
        if count:
            yield ngettext(
                "The customer wrote and waits for an answer",
                "The customer wrote in {count} conversations and waits for an answer",
                count,
            ).format(count=count)

    def get_context(self, job: Job) -> dict[str, Any]:
        """Return the conversations about the job, and the customer's other jobs and conversations."""
        about = list(customer_matching.conversations_about(job)[: customer_matching.MOST])
        customer = customer_matching.Customer.of(job)
        return {
            "about": about,
            "others": customer.conversations().exclude(pk__in=[conversation.pk for conversation in about])[
                : customer_matching.MOST
            ],
            "jobs": customer.jobs().exclude(pk=job.pk)[: customer_matching.MOST],
        }


def _conversations(job: Job):
    """Return the conversations about the job and the customer's others."""
    about = customer_matching.conversations_about(job).order_by().values("pk")
    others = customer_matching.Customer.of(job).conversations().order_by().values("pk")
    return Conversation.objects.filter(pk__in=about.union(others))
