"""Conversations: who waits for an answer, and what was said."""

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.urls import path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chat import labels, search, transcript
from chat.admin import conversation_page
from chat.customer_matching import of_its_job
from chat.labels import channel, state_badge
from chat.models import Conversation
from console.changelist import filters
from console.changelist.export import Column
from console.changelist.saved_views import View
from console.formatting.datetimes import day_and_time
from console.formatting.invisible import mark_invisible
from console.formatting.text import shorten
from console.modeladmin import DetailPageAdmin
from webhooks.admin.filters import ProviderFilter, SourceFilter


class ChannelFilter(filters.DistinctValuesFilter):
    title = _("channel")
    parameter_name = "channel"

    def label_of(self, code):
        return channel(code)


class StatusFilter(filters.DistinctValuesFilter):
    title = _("status")
    parameter_name = "status"

    def label_of(self, code):
        return labels.status(code)


class UnansweredFilter(filters.BooleanFilter):
    title = _("unanswered")
    parameter_name = "unanswered"

    def apply(self, queryset):
        return queryset.filter(unanswered=True)


class HasJobFilter(filters.LookupFilter):
    title = _("job")
    parameter_name = "job"
    lookups = {
        "yes": (_("About a job"), lambda conversations: conversations.exclude(job_id="")),
        "no": (_("About none"), lambda conversations: conversations.filter(job_id="")),
    }


class ActiveFilter(filters.RecentDayFilter):
    title = _("last active")
    parameter_name = "active"
    column = "active_at"


class ActiveDaysFilter(filters.DayRangeFilter):
    title = _("day of the last message")
    parameter_name = "active_day"
    column = "active_at"


@admin.register(Conversation)
class ConversationAdmin(DetailPageAdmin):
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
        return (
            super()
            .get_queryset(request)
            .defer("field_versions", "contact__field_versions")
            .annotate(**of_its_job("job_id"))
        )

    def get_ordering(self, request):
        # As longest_waiting() has it: who waits for an answer is read as a queue.
        waiting = ["unanswered_since", "id"]
        return waiting if UnansweredFilter.parameter_name in request.GET else super().get_ordering(request)

    def get_page(self, request, conversation):
        return conversation_page.page(request, conversation)

    def get_live(self, request, conversation):
        return conversation_page.live(conversation)

    def get_urls(self):
        view = self.admin_site.admin_view(self.transcript_view)
        return [path("<path:object_id>/transcript/", view, name="chat_conversation_transcript"), *super().get_urls()]

    def transcript_view(self, request, object_id):
        """The conversation as plain text, to be pasted into an e-mail."""
        conversation = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, conversation):
            raise PermissionDenied
        if conversation is None:
            raise Http404
        return HttpResponse(transcript.of(conversation), content_type="text/plain; charset=utf-8")

    @admin.display(description=_("customer"))
    def customer(self, conversation):
        return labels.customer(conversation, conversation.job_customer)

    @admin.display(description=_("channel"))
    def channel_and_source(self, conversation):
        return format_html(
            "{}<br><span class='desk-quiet'>{}</span>", channel(conversation.channel), conversation.source.name
        )

    @admin.display(description=_("last message"))
    def last_message(self, conversation):
        text = conversation.last_text
        count = conversation.message_count
        return format_html(
            "<bdi class='desk-snippet'>{}</bdi><br><span class='desk-quiet'>{}</span>",
            mark_invisible(shorten(text, 90)),
            ngettext("{count} message", "{count} messages", count).format(count=count),
        )

    @admin.display(description=_("status"))
    def state(self, conversation):
        return state_badge(conversation) or "–"

    @admin.display(description=_("job"))
    def job(self, conversation):
        return conversation.job_reference or conversation.job_id or "–"

    @admin.display(description=_("last active"))
    def active(self, conversation):
        return day_and_time(conversation.active_at)
