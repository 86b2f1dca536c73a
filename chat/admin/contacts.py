"""The lists of contacts and of shared addresses, and the page of a contact."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from chat import search
from chat.customer_matching import MAX_RELATED, CustomerIdentity
from chat.models import Contact, SharedAddress
from console.changelist.export import Column
from console.changelist.modeladmin import ListAdmin
from console.formatting.badges import badge
from console.formatting.datetimes import day_and_time
from console.modeladmin import DetailPageAdmin
from webhooks.admin.filters import SourceFilter


@admin.register(Contact)
class ContactAdmin(DetailPageAdmin):
    list_display = ["label", "phone_number", "email", "place", "source", "active"]
    list_filter = [SourceFilter]
    export_columns = [
        Column(_("name"), "name"),
        Column(_("phone"), "phone_number"),
        Column(_("e-mail"), "email"),
        Column(_("city"), "city"),
        Column(_("country"), "country"),
        Column(_("last active"), "last_active_at"),
        Column(_("source"), "source__name"),
        Column(_("id"), "external_id"),
        Column(_("deleted"), "deleted"),
    ]
    list_select_related = ["source"]
    search_fields = ["name"]
    find = staticmethod(search.find_contacts)
    search_help_text = _("Name, e-mail, phone in any format, or its last digits")
    page_template = "admin/chat/contact.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        contacts: QuerySet[Contact] = super().get_queryset(request)
        return contacts.defer("field_versions")

    def get_page(self, request: HttpRequest, contact: Contact) -> dict[str, Any]:
        customer = CustomerIdentity.identify(contact)
        sees_jobs = request.user.has_perm("orders.view_job")
        return {
            "contact": contact,
            "conversations": customer.conversations(contact)[:MAX_RELATED],
            "jobs": customer.jobs()[:MAX_RELATED] if sees_jobs else [],
            "tickets": contact.tickets.defer("field_versions")[:MAX_RELATED],
        }

    @admin.display(description=_("contact"))
    def label(self, contact: Contact) -> SafeString:
        deleted = badge(gettext("Deleted"), "grey") if contact.deleted else ""
        return format_html("<bdi>{}</bdi> {}", contact, deleted)

    @admin.display(description=_("location"))
    def place(self, contact: Contact) -> str:
        return ", ".join(part for part in (contact.city, contact.country) if part) or "–"

    @admin.display(description=_("last active"))
    def active(self, contact: Contact) -> str:
        return day_and_time(contact.last_active_at)


@admin.register(SharedAddress)
class SharedAddressAdmin(ListAdmin):
    list_display = ["value", "note"]
    search_fields = ["value", "note"]
    search_help_text = _("Part of an address or note")
    list_before_template = "admin/chat/shared_addresses.html"
    actions = None
