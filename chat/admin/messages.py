"""Messages: found by what they say."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from chat import labels, search, thread
from chat.customer_matching import of_its_job
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


class DirectionFilter(filters.ChoiceFilter):
    title = _("direction")
    parameter_name = "direction"

    def options(self):
        return Message.Direction.choices

    def apply(self, queryset):
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
    list_display = ["sent", "who", "said", "thread", "source"]
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
    find = staticmethod(search.messages)
    search_help_text = _("Words that were written, or how they begin")
    page_template = "admin/chat/message.html"
    ordering = [Message._meta.ordering[0].expression.desc(nulls_last=True), "-id"]

    def get_queryset(self, request):
        deferred = (
            "field_versions",
            "search_text",
            "versions",
            "conversation__field_versions",
            "conversation__contact__field_versions",
            "contact__field_versions",
        )
        messages = super().get_queryset(request).filter(conversation__isnull=False).defer(*deferred)
        return messages.annotate(**of_its_job("conversation__job_id"))

    def get_page(self, request, message):
        return {
            "message": message,
            "conversation": message.conversation,
            "attachments": message.attachments.defer("field_versions")[: thread.MOST],
            "earlier": list(thread.earlier_versions(message.versions)),
        }

    @admin.display(description=_("sent"))
    def sent(self, message):
        return day_and_time(message.sent_at)

    @admin.display(description=pgettext_lazy("message", "from"))
    def who(self, message):
        return labels.speaker(message) if message.kind != "system" else labels.kind(message.kind)

    @admin.display(description=_("message"))
    def said(self, message):
        text = message.text or labels.kind(message.kind)
        return format_html(
            "<bdi class='desk-snippet'>{}</bdi> {}",
            mark_invisible(shorten(text, 200)),
            badge(pgettext("message", "Deleted"), "red") if message.deleted else "",
        )

    @admin.display(description=_("conversation"))
    def thread(self, message):
        return format_html(
            "<a href='{}' class='desk-link'>{}</a><br><span class='desk-quiet'>{}</span>",
            message.get_place_url(),
            labels.customer(message.conversation, message.job_customer),
            message.job_reference or message.conversation.job_id,
        )
