"""Messages: found by what they say."""

from django.contrib import admin
from django.utils.html import format_html

from chat import search
from chat.models import Message
from config.admin import ReadOnlyAdmin
from config.badges import badge
from config.times import day_and_time


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ["sent", "who", "said", "thread", "source"]
    list_display_links = None
    list_filter = ["direction", "source"]
    list_select_related = ["source", "conversation__contact"]
    search_fields = ["text"]
    find = staticmethod(search.messages)
    search_help_text = "Words that were written, or how they begin"
    ordering = [Message._meta.ordering[0].expression.desc(nulls_last=True), "-id"]

    def get_queryset(self, request):
        deferred = ("told", "search_text", "versions", "conversation__told", "conversation__contact__told")
        return super().get_queryset(request).filter(conversation__isnull=False).defer(*deferred)

    @admin.display(description="sent")
    def sent(self, message):
        return day_and_time(message.sent_at)

    @admin.display(description="from")
    def who(self, message):
        return message.sender or message.get_direction_display() or message.kind.capitalize()

    @admin.display(description="message")
    def said(self, message):
        text = message.text or message.kind.capitalize()
        return format_html(
            "<bdi class='desk-snippet'>{}</bdi> {}",
            text if len(text) <= 200 else f"{text[:199]}…",
            badge("Deleted", "red") if message.deleted else "",
        )

    @admin.display(description="conversation")
    def thread(self, message):
        url = f"{message.conversation.get_admin_url()}#message-{message.pk}"
        return format_html("<a href='{}' class='desk-link'>{}</a>", url, message.conversation)
