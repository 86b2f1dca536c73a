"""The list of messages, and the page of a message."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from chat import labels, search
from chat.customer_matching import JobAnnotations, job_annotations
from chat.message_views import list_earlier_texts
from chat.models import Message
from console.changelist import filters
from console.changelist.export import Column
from console.changelist.saved_views import View
from console.formatting.badges import badge
from console.formatting.datetimes import day_and_time
from console.formatting.invisible import mark_invisible
from console.formatting.text import shorten
from console.modeladmin import DetailPageAdmin
from webhooks.admin.filters import SourceFilter

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

MAX_ATTACHMENTS = 300  # on the page of a message

type AnnotatedMessage = WithAnnotations[Message, JobAnnotations]


class DirectionFilter(filters.ChoiceFilter):
    title = _("direction")
    parameter_name = "direction"

    def options(self) -> list[tuple[str, str]]:
        return [(value, str(label)) for value, label in Message.Direction.choices]

    def apply(self, queryset: QuerySet[Message]) -> QuerySet[Message]:
        return queryset.filter(direction=self.value)


class SentFilter(filters.RecentDayFilter):
    title = _("sent")
    parameter_name = "sent"
    column = "sent_at"


class SentDaysFilter(filters.DayRangeFilter):
    title = _("day of sending")
    parameter_name = "sent_day"
    column = "sent_at"


@admin.register(Message)
class MessageAdmin(DetailPageAdmin):
    list_display = ["sent", "speaker", "snippet", "thread", "source"]
    list_display_links = None
    list_filter = [DirectionFilter, SourceFilter, SentFilter, SentDaysFilter]
    views = [View(_("From customers today"), "direction=in&sent=today")]
    export_columns = [
        Column(_("sent"), "sent_at"),
        Column(_("direction"), "direction"),
        Column(pgettext_lazy("message", "from"), "sender"),
        Column(_("kind"), "kind"),
        Column(_("message"), "text"),
        Column(_("deleted"), "deleted"),
        Column(_("conversation"), "conversation__external_id"),
        Column(_("job id"), "conversation__job_id"),
        Column(_("source"), "source__name"),
    ]
    list_select_related = ["source", "contact", "conversation__contact"]
    search_fields = ["text"]
    find = staticmethod(search.find_messages)
    search_help_text = _("Words of the message, or their beginnings")
    page_template = "admin/chat/message.html"
    ordering = [F("sent_at").desc(nulls_last=True), "-id"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Message]:
        deferred = (
            "field_versions",
            "search_text",
            "versions",
            "conversation__field_versions",
            "conversation__contact__field_versions",
            "contact__field_versions",
        )
        messages: QuerySet[Message] = super().get_queryset(request)
        messages = messages.filter(conversation__isnull=False).defer(*deferred)
        return messages.annotate(**job_annotations("conversation__job_id"))

    def get_page(self, request: HttpRequest, message: Message) -> dict[str, Any]:
        return {
            "message": message,
            "conversation": message.conversation,
            "attachments": message.attachments.defer("field_versions")[:MAX_ATTACHMENTS],
            "earlier_texts": list(list_earlier_texts(message.versions)),
        }

    @admin.display(description=_("sent"))
    def sent(self, message: Message) -> str:
        return day_and_time(message.sent_at)

    @admin.display(description=pgettext_lazy("message", "from"))
    def speaker(self, message: Message) -> str:
        return labels.speaker_name(message) if message.kind != "system" else labels.kind_label(message.kind)

    @admin.display(description=_("message"))
    def snippet(self, message: Message) -> SafeString:
        text = message.text or labels.kind_label(message.kind)
        return format_html(
            "<bdi class='desk-snippet'>{}</bdi> {}",
            mark_invisible(shorten(text, 200)),
            badge(pgettext("message", "Deleted"), "red") if message.deleted else "",
        )

    @admin.display(description=_("conversation"))
    def thread(self, message: AnnotatedMessage) -> SafeString | str:
        if message.conversation is None:
            return "–"
        return format_html(
            "<a href='{}' class='desk-link'>{}</a><br><span class='desk-quiet'>{}</span>",
            message.get_thread_url(),
            labels.customer_name(message.conversation, message.job_customer),
            message.job_reference or message.conversation.job_id,
        )
