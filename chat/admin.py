from django.contrib import admin

from chat.models import Conversation
from config.admin import ReadOnlyAdmin


@admin.register(Conversation)
class ConversationAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "source", "channel", "status", "contact_name", "job", "last_message_at"]
    list_select_related = ["source", "job"]
