"""Tickets, groups and campaign reports: read as they came."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from chat.models import CampaignReport, Contact, Group, Ticket
from chat.templatetags.chat import web_address
from config.admin import ReadOnlyAdmin
from webhooks.filters import SourceFilter


class AsItCame(ReadOnlyAdmin):
    list_filter = [SourceFilter]
    list_select_related = ["source"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("told")


@admin.register(Ticket)
class TicketAdmin(AsItCame):
    list_display = ["__str__", "contact", "account_name", "opened_at", "source"]
    list_select_related = ["source", "contact"]
    search_fields = ["number__exact"]
    search_help_text = _("The ticket's number")
    fields = [
        "number",
        "subject",
        "text",
        "contact",
        "account_name",
        "opened_at",
        "received_at",
        "source",
        "external_id",
    ]


@admin.register(Group)
class GroupAdmin(AsItCame):
    list_display = ["__str__", "description", "conversation", "source", "deleted"]
    list_select_related = ["source", "conversation__contact"]
    fields = ["name", "description", "who", "conversation", "archived_at", "deleted", "source", "external_id"]

    @admin.display(description=_("members"))
    def who(self, group):
        ids = group.members if isinstance(group.members, list) else []
        known = {
            contact.external_id: contact for contact in Contact.objects.filter(source=group.source, external_id__in=ids)
        }
        return format_html_join(
            ", ",
            '<a href="{}" class="desk-link">{}</a>',
            ((known[id].get_admin_url(), known[id]) if id in known else ("", id) for id in map(str, ids)),
        )


@admin.register(CampaignReport)
class CampaignReportAdmin(AsItCame):
    list_display = ["__str__", "report", "conversation_id", "received_at", "source"]
    fields = ["text", "report", "conversation_id", "firm_id", "received_at", "source"]

    @admin.display(description=_("report"))
    def report(self, campaign):
        address = web_address(campaign.url)
        return (
            format_html('<a href="{0}" class="desk-link" rel="noreferrer">{0}</a>', address)
            if address
            else campaign.url
        )
