"""The list of campaign reports, and the page of a report."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from chat.admin.base import RecordAdmin
from chat.models import CampaignReport, Conversation
from chat.rendering import web_address
from console.formatting.invisible import mark_invisible


@admin.register(CampaignReport)
class CampaignReportAdmin(RecordAdmin):
    list_display = ["label", "report", "conversation_id", "received_at", "source"]
    page_template = "admin/chat/campaign_report.html"

    def get_page(self, request: HttpRequest, report: CampaignReport) -> dict[str, Any]:
        conversations = Conversation.objects.filter(source=report.source, external_id=report.conversation_id)
        return {"report": report, "conversation": conversations.first() if report.conversation_id else None}

    @admin.display(description=_("report"))
    def report(self, report: CampaignReport) -> SafeString:
        if not (address := web_address(report.url)):
            return mark_invisible(report.url[:200])
        return format_html(
            '<a href="{0}" class="desk-link" target="_blank" rel="noopener noreferrer nofollow">{0}</a>', address
        )
