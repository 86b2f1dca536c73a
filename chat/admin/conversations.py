"""Conversations: who waits for an answer, and what was said."""

from django.contrib import admin
from django.db.models import OuterRef, Subquery
from django.utils.html import format_html

from chat import customers, search, thread
from chat.customers import Customer
from chat.models import Conversation
from chat.templatetags.chat import channel
from config.admin import PageAdmin
from config.badges import badge
from config.times import day_and_time
from orders import timeline
from orders.models import Job
from webhooks import deep_links

# For the filter: what is listed in one is not looked for in a million rows. Other channels are shown all the same.
CHANNELS = ["INSTALEAP", "WHATSAPP", "TAWK", "DOCSSMITH"]


class ChannelFilter(admin.SimpleListFilter):
    title = "channel"
    parameter_name = "channel"

    def lookups(self, request, model_admin):
        return [(code, channel(code)) for code in CHANNELS]

    def queryset(self, request, queryset):
        return queryset.filter(channel=self.value()) if self.value() else queryset


@admin.register(Conversation)
class ConversationAdmin(PageAdmin):
    list_display = ["customer", "channel_and_source", "last_message", "state", "job", "active"]
    list_filter = ["unanswered", ChannelFilter, "source"]
    list_select_related = ["source", "contact"]
    search_fields = ["job_id"]
    find = staticmethod(search.conversations)
    search_help_text = "Customer's name, phone or e-mail, a job's reference or id, or words that were written"
    page_template = "admin/chat/conversation/page.html"

    def get_queryset(self, request):
        jobs = Job.objects.filter(provider=OuterRef("source__provider"), external_id=OuterRef("job_id"))
        return (
            super()
            .get_queryset(request)
            .defer("told", "contact__told")
            .annotate(
                job_reference=Subquery(jobs.values("client_reference")[:1]),
                job_customer=Subquery(jobs.values("recipient_name")[:1]),
            )
        )

    def get_page(self, request, conversation):
        job = customers.job_of(conversation)
        customer = Customer.of(*(known for known in (conversation.contact, job) if known))
        others = customer.conversations().exclude(pk=conversation.pk)
        jobs = customer.jobs().exclude(pk=job.pk if job else None)
        return {
            "conversation": conversation,
            "messages_shown": thread.messages_of(conversation),
            "job": job,
            "customer": _customer(conversation, job),
            "other_conversations": others[: customers.MOST],
            "other_jobs": jobs[: customers.MOST],
            "deep_link": deep_links.link(
                conversation.source.deep_link,
                job_id=conversation.job_id,
                client_reference=job.client_reference if job else "",
                conversation_id=conversation.external_id,
            ),
        }

    @admin.display(description="customer")
    def customer(self, conversation):
        return str(conversation.contact or " ".join((conversation.job_customer or "").split()) or conversation)

    @admin.display(description="channel")
    def channel_and_source(self, conversation):
        return format_html(
            "{}<br><span class='desk-quiet'>{}</span>", channel(conversation.channel), conversation.source.name
        )

    @admin.display(description="last message")
    def last_message(self, conversation):
        text = conversation.last_text
        return format_html(
            "<bdi class='desk-snippet'>{}</bdi><br><span class='desk-quiet'>{} message{}</span>",
            text if len(text) <= 90 else f"{text[:89]}…",
            conversation.message_count,
            "" if conversation.message_count == 1 else "s",
        )

    @admin.display(description="status")
    def state(self, conversation):
        return state_badge(conversation)

    @admin.display(description="job")
    def job(self, conversation):
        return conversation.job_reference or conversation.job_id or "–"

    @admin.display(description="last active", ordering="active_at")
    def active(self, conversation):
        return day_and_time(conversation.active_at)


def state_badge(conversation):
    if conversation.deleted:
        return badge("Deleted", "grey")
    if conversation.unanswered:
        return badge("Unanswered", "amber")
    if conversation.archived_at:
        return badge("Archived", "grey")
    return (
        badge(timeline.words(conversation.status).replace("-", " ").capitalize(), "grey")
        if conversation.status
        else "–"
    )


def _customer(conversation, job: Job | None) -> dict:
    """Return who it is, as the conversation's contact or else its job says."""
    if contact := conversation.contact:
        place = ", ".join(part for part in (contact.city, contact.country) if part)
        return {
            "name": str(contact),
            "phone": contact.phone_number,
            "email": contact.email,
            "place": place,
            "url": contact.get_admin_url(),
            "last_active_at": contact.last_active_at,
        }
    if job:
        return {"name": job.recipient_name, "phone": job.recipient_phone_number, "email": job.recipient_email}
    return {"name": ""}
