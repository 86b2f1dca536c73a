"""The list of tickets, and the page of a ticket."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from chat.admin.base import RecordAdmin
from chat.customer_matching import MAX_RELATED, CustomerIdentity
from chat.models import Ticket


@admin.register(Ticket)
class TicketAdmin(RecordAdmin):
    list_display = ["label", "contact", "account_name", "opened_at", "source"]
    list_select_related = ["source", "contact"]
    search_fields = ["number__exact"]
    search_help_text = _("The ticket's number")
    page_template = "admin/chat/ticket.html"

    def get_page(self, request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
        customer = CustomerIdentity.identify(ticket.contact) if ticket.contact else None
        sees_jobs = request.user.has_perm("orders.view_job")
        return {
            "ticket": ticket,
            "conversations": customer.conversations()[:MAX_RELATED] if customer else [],
            "jobs": customer.jobs()[:MAX_RELATED] if customer and sees_jobs else [],
        }
