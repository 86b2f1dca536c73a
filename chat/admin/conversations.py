"""Conversations: who waits for an answer, and what was said."""

from django.contrib import admin
from django.db.models import F, OuterRef, Subquery
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chat import customers, search, thread
from chat.customers import Customer
from chat.models import Conversation
from chat.templatetags.chat import channel
from config import filters
from config.admin import PageAdmin
from config.badges import badge
from config.export import Column
from config.lists import View
from config.times import day_and_time
from orders import timeline
from orders.models import Job
from webhooks import deep_links
from webhooks.filters import ProviderFilter, SourceFilter


class ChannelFilter(filters.ByCode):
    title = _("channel")
    parameter_name = "channel"

    def words(self, code):
        return channel(code)


class StatusFilter(filters.ByCode):
    title = _("status")
    parameter_name = "status"

    def words(self, code):
        return status_in_words(code)


class UnansweredFilter(filters.Switch):
    title = _("unanswered")
    parameter_name = "unanswered"
    aliases = ["unanswered__exact"]

    def narrow(self, queryset):
        return queryset.filter(unanswered=True)


class HasJobFilter(filters.Asked):
    title = _("job")
    parameter_name = "job"
    questions = {
        "yes": (_("About a job"), lambda conversations: conversations.exclude(job_id="")),
        "no": (_("About none"), lambda conversations: conversations.filter(job_id="")),
    }


class ActiveFilter(filters.Asked):
    title = _("last active")
    parameter_name = "active"
    questions = {
        "today": (_("Today"), filters.on_day("active_at", 0)),
        "yesterday": (_("Yesterday"), filters.on_day("active_at", -1)),
    }


class ActiveDaysFilter(filters.Days):
    title = _("day of the last message")
    parameter_name = "active_day"
    column = "active_at"


@admin.register(Conversation)
class ConversationAdmin(PageAdmin):
    list_display = ["customer", "channel_and_source", "last_message", "state", "job", "active"]
    list_filter = [
        UnansweredFilter,
        ChannelFilter,
        SourceFilter,
        ProviderFilter,
        StatusFilter,
        HasJobFilter,
        ActiveFilter,
        ActiveDaysFilter,
    ]
    views = [
        View(_("Unanswered"), "unanswered=yes"),
        View(_("Today"), "active=today"),
        View(_("About a job"), "job=yes"),
    ]
    export_columns = [
        Column(_("id"), "external_id"),
        Column(_("customer"), "contact__name"),
        Column(_("phone"), "contact__phone_number"),
        Column(_("e-mail"), "contact__email"),
        Column(_("channel"), "channel"),
        Column(_("source"), "source__name"),
        Column(_("status"), "status"),
        Column(_("unanswered"), "unanswered"),
        Column(_("agent"), "agent"),
        Column(_("subject"), "subject"),
        Column(_("job id"), "job_id"),
        Column(_("job"), "job_reference"),
        Column(_("messages"), "message_count"),
        Column(_("last message"), "last_text"),
        Column(_("started"), "started_at"),
        Column(_("last active"), "active_at"),
        Column(_("ended"), "ended_at"),
        Column(_("deleted"), "deleted"),
    ]
    list_select_related = ["source", "contact"]
    search_fields = ["job_id"]
    find = staticmethod(search.conversations)
    search_help_text = _("Customer's name, phone or e-mail, a job's reference or id, or words that were written")
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

    def get_ordering(self, request):
        # Who waits for an answer is read as a queue: the longest first.
        waiting = [F("active_at").asc(nulls_first=True), "id"]
        return waiting if {"unanswered", "unanswered__exact"} & request.GET.keys() else super().get_ordering(request)

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

    @admin.display(description=_("customer"))
    def customer(self, conversation):
        return str(conversation.contact or " ".join((conversation.job_customer or "").split()) or conversation)

    @admin.display(description=_("channel"))
    def channel_and_source(self, conversation):
        return format_html(
            "{}<br><span class='desk-quiet'>{}</span>", channel(conversation.channel), conversation.source.name
        )

    @admin.display(description=_("last message"))
    def last_message(self, conversation):
        text = conversation.last_text
        return format_html(
            "<bdi class='desk-snippet'>{}</bdi><br><span class='desk-quiet'>{}</span>",
            text if len(text) <= 90 else f"{text[:89]}…",
            ngettext("%(count)s message", "%(count)s messages", conversation.message_count)
            % {"count": conversation.message_count},
        )

    @admin.display(description=_("status"))
    def state(self, conversation):
        return state_badge(conversation)

    @admin.display(description=_("job"))
    def job(self, conversation):
        return conversation.job_reference or conversation.job_id or "–"

    @admin.display(description=_("last active"))
    def active(self, conversation):
        return day_and_time(conversation.active_at)


def state_badge(conversation):
    if conversation.deleted:
        return badge(_("Deleted"), "grey")
    if conversation.unanswered:
        return badge(_("Unanswered"), "amber")
    if conversation.archived_at:
        return badge(_("Archived"), "grey")
    return badge(status_in_words(conversation.status), "grey") if conversation.status else "–"


def status_in_words(code: str) -> str:
    return timeline.words(code).replace("-", " ").capitalize()


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
