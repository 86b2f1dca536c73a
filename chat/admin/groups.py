"""The list of groups, and the page of a group."""

from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from chat.admin.base import RecordAdmin
from chat.models import Contact, Group

MAX_MEMBERS = 500  # on a page


@dataclass(frozen=True)
class MemberView:
    id: str
    contact: Contact | None  # None where no event reported the contact


@admin.register(Group)
class ContactGroupAdmin(RecordAdmin):
    list_display = ["label", "description", "conversation", "source", "deleted"]
    list_select_related = ["source", "conversation__contact"]
    page_template = "admin/chat/group.html"

    def get_page(self, request: HttpRequest, group: Group) -> dict[str, Any]:
        members = group.members if isinstance(group.members, list) else []
        ids = [str(id) for id in members[:MAX_MEMBERS]]
        contacts = Contact.objects.filter(source=group.source, external_id__in=ids).defer("field_versions")
        known = {contact.external_id: contact for contact in contacts}
        return {
            "group": group,
            "members": [MemberView(id, known.get(id)) for id in ids],
            "more": max(0, len(members) - MAX_MEMBERS),
        }
