"""The list of conversations, the page of a conversation, and its transcript."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from chat import labels, search, transcript
from chat.admin import conversation_page
from chat.customer_matching import AnnotatedConversation, job_annotations
from chat.models import Conversation
from console.changelist import filters
from console.changelist.export import Column
from console.changelist.saved_views import View
from console.formatting.datetimes import day_and_time
from console.formatting.invisible import mark_invisible
from console.formatting.text import shorten
from console.live_updates import Live
from console.modeladmin import DetailPageAdmin
from webhooks.admin.filters import ProviderFilter, SourceFilter


class ChannelFilter(filters.DistinctValuesFilter):
    title = _("channel")
    parameter_name = "channel"

    def label_of(self, code: str) -> str:
        return labels.channel_label(code)


class ConversationStatusFilter(filters.DistinctValuesFilter):
    title = _("status")
    parameter_name = "status"

    def label_of(self, code: str) -> str:
        return labels.status_label(code)


class UnansweredFilter(filters.BooleanFilter):
    title = _("unanswered")
    parameter_name = "unanswered"

    def apply(self, queryset: QuerySet[Conversation]) -> QuerySet[Conversation]:
        return queryset.filter(unanswered=True)


class HasJobFilter(filters.LookupFilter):
    title = _("job")
    parameter_name = "job"
    lookups = {
        "yes": (_("About a job"), lambda conversations: conversations.exclude(job_id="")),
        "no": (_("Not about a job"), lambda conversations: conversations.filter(job_id="")),
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
        ConversationStatusFilter,
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
    find = staticmethod(search.find_conversations)
    search_help_text = _("Customer's name, phone or e-mail, job reference or id, or words of a message")
    page_template = "admin/chat/conversation/page.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conversation]:
        conversations: QuerySet[Conversation] = super().get_queryset(request)
        deferred = conversations.defer("field_versions", "contact__field_versions")
        return deferred.annotate(**job_annotations("job_id"))

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        # The order of longest_waiting(): support works through the unanswered ones as a queue.
        waiting = ["unanswered_since", "id"]
        return waiting if UnansweredFilter.parameter_name in request.GET else super().get_ordering(request)

    def get_page(self, request: HttpRequest, conversation: Conversation) -> dict[str, Any]:
        return conversation_page.build_conversation_context(request, conversation)

    def get_live(self, request: HttpRequest, conversation: Conversation) -> Live:
        return conversation_page.build_conversation_live(conversation)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.transcript_view)
        return [path("<path:object_id>/transcript/", view, name="chat_conversation_transcript"), *super().get_urls()]

    def transcript_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Respond with the conversation as plain text, to be pasted into an e-mail."""
        conversation = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, conversation):
            raise PermissionDenied
        if conversation is None:
            raise Http404
        return HttpResponse(transcript.write_transcript(conversation), content_type="text/plain; charset=utf-8")

    @admin.display(description=_("customer"))
    def customer(self, conversation: AnnotatedConversation) -> str:
        return labels.customer_name(conversation, conversation.job_customer)

    @admin.display(description=_("channel"))
    def channel_and_source(self, conversation: Conversation) -> SafeString:
        channel = labels.channel_label(conversation.channel)
        return format_html("{}<br><span class='desk-quiet'>{}</span>", channel, conversation.source.name)

    @admin.display(description=_("last message"))
    def last_message(self, conversation: Conversation) -> SafeString:
        count = conversation.message_count
        return format_html(
            "<bdi class='desk-snippet'>{}</bdi><br><span class='desk-quiet'>{}</span>",
            mark_invisible(shorten(conversation.last_text, 90)),
            ngettext("{count} message", "{count} messages", count).format(count=count),
        )

    @admin.display(description=_("status"))
    def state(self, conversation: Conversation) -> str:
        return labels.state_badge(conversation) or "–"

    @admin.display(description=_("job"))
    def job(self, conversation: AnnotatedConversation) -> str:
        return conversation.job_reference or conversation.job_id or "–"

    @admin.display(description=_("last active"))
    def active(self, conversation: Conversation) -> str:
        return day_and_time(conversation.active_at)
