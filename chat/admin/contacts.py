"""Contacts, and the addresses that tell none of them apart."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from chat import customer_matching, search
from chat.models import Contact, SharedAddress
from console.changelist.export import Column
from console.changelist.modeladmin import ListAdmin
from console.formatting.badges import badge
from console.formatting.datetimes import day_and_time
from console.modeladmin import DetailPageAdmin
from webhooks.admin.filters import SourceFilter


@admin.register(Contact)
class ContactAdmin(DetailPageAdmin):
    list_display = ["who", "phone_number", "email", "place", "source", "active"]
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
    find = staticmethod(search.contacts)
    search_help_text = _("Name, e-mail, or phone in any spelling or its last digits")
    page_template = "admin/chat/contact.html"

    def get_queryset(self, request):
        return super().get_queryset(request).defer("field_versions")

    def get_page(self, request, contact):
        customer = customer_matching.Customer.of(contact)
        sees_jobs = request.user.has_perm("orders.view_job")
        return {
            "contact": contact,
            "conversations": customer.conversations(contact)[: customer_matching.MOST],
            "jobs": customer.jobs()[: customer_matching.MOST] if sees_jobs else [],
            "tickets": contact.tickets.defer("field_versions")[: customer_matching.MOST],
        }

    @admin.display(description=_("contact"))
    def who(self, contact):
        return format_html("<bdi>{}</bdi> {}", contact, badge(_("Deleted"), "grey") if contact.deleted else "")

    @admin.display(description=_("place"))
    def place(self, contact):
        return ", ".join(part for part in (contact.city, contact.country) if part) or "–"

    @admin.display(description=_("last active"))
    def active(self, contact):
        return day_and_time(contact.last_active_at)


@admin.register(SharedAddress)
class SharedAddressAdmin(ListAdmin, ModelAdmin):
    list_display = ["value", "note"]
    search_fields = ["value", "note"]
    search_help_text = _("Part of an address or of a note")
    list_before_template = "admin/chat/shared_addresses.html"
    actions = None
