"""Tickets, groups and campaign reports: read as they came."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from chat import customer_matching
from chat.models import CampaignReport, Contact, Conversation, Group, Ticket
from chat.rendering import web_address
from console.formatting.invisible import mark_invisible
from console.modeladmin import DetailPageAdmin
from webhooks.admin.filters import SourceFilter

MOST_MEMBERS = 500


class AsItCame(DetailPageAdmin):
    list_filter = [SourceFilter]
    list_select_related = ["source"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("field_versions")

    @admin.display(description=_("what"))
    def shown(self, row):
        return mark_invisible(str(row))


@admin.register(Ticket)
class TicketAdmin(AsItCame):
    list_display = ["shown", "contact", "account_name", "opened_at", "source"]
    list_select_related = ["source", "contact"]
    search_fields = ["number__exact"]
    search_help_text = _("The ticket's number")
    page_template = "admin/chat/ticket.html"

    def get_page(self, request, ticket):
        contact = ticket.contact
        customer = customer_matching.Customer.of(contact) if contact else None
        sees_jobs = request.user.has_perm("orders.view_job")
        return {
            "ticket": ticket,
            "conversations": customer.conversations()[: customer_matching.MOST] if customer else [],
            "jobs": customer.jobs()[: customer_matching.MOST] if customer and sees_jobs else [],
        }


@admin.register(Group)
class GroupAdmin(AsItCame):
    list_display = ["shown", "description", "conversation", "source", "deleted"]
    list_select_related = ["source", "conversation__contact"]
    page_template = "admin/chat/group.html"

    def get_page(self, request, group):
        ids = [str(id) for id in group.members] if isinstance(group.members, list) else []
        contacts = Contact.objects.filter(source=group.source, external_id__in=ids[:MOST_MEMBERS]).defer(
            "field_versions"
        )
        known = {contact.external_id: contact for contact in contacts}
        return {
            "group": group,
            "members": [{"id": id, "contact": known.get(id)} for id in ids[:MOST_MEMBERS]],
            "more": max(0, len(ids) - MOST_MEMBERS),
        }


@admin.register(CampaignReport)
class CampaignReportAdmin(AsItCame):
    list_display = ["shown", "report", "conversation_id", "received_at", "source"]
    page_template = "admin/chat/campaign_report.html"

    def get_page(self, request, report):
        own = Conversation.objects.filter(source=report.source, external_id=report.conversation_id)
        return {"report": report, "conversation": own.first() if report.conversation_id else None}

    @admin.display(description=_("report"))
    def report(self, campaign):
        address = web_address(campaign.url)
        return (
            format_html(
                '<a href="{0}" class="desk-link" target="_blank" rel="noopener noreferrer nofollow">{0}</a>', address
            )
            if address
            else mark_invisible(campaign.url[:200])
        )
