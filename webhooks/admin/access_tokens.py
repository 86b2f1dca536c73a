"""Access tokens that the token endpoints issued, and their revocation."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from console.changelist import filters
from console.formatting.datetimes import day_and_time
from console.modeladmin import ReadOnlyAdmin
from webhooks import labels
from webhooks.admin.filters import SourceFilter
from webhooks.models import AccessToken


class LiveFilter(filters.BooleanFilter):
    title = _("active")
    parameter_name = "live"

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset & AccessToken.objects.live()


@admin.register(AccessToken)
class AccessTokenAdmin(ReadOnlyAdmin):
    list_display = ["id", "source", "state", "issued", "issued_to", "expires", "last_used", "last_used_from"]
    list_filter = [LiveFilter, SourceFilter]
    list_select_related = ["source", "secret"]
    fields = ["source", "secret", "state", "issued_at", "issued_to", "expires_at", "revoked_at", "last_used_at"]
    fields += ["last_used_from"]
    actions = ["revoke"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("webhooks.change_accesstoken")

    @admin.action(description=_("Revoke: requests with them are rejected from now on"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[AccessToken]) -> None:
        tokens = list(queryset.filter(revoked_at=None))
        queryset.filter(revoked_at=None).update(revoked_at=timezone.now())
        for token in tokens:
            self.log_change(request, token, "Revoked.")
        self.message_user(request, gettext("Tokens revoked: {count}.").format(count=len(tokens)))

    @admin.display(description=_("state"))
    def state(self, token: AccessToken) -> SafeString:
        return labels.token_badge(token)

    @admin.display(description=_("issued"), ordering="issued_at")
    def issued(self, token: AccessToken) -> str:
        return day_and_time(token.issued_at)

    @admin.display(description=_("expires"), ordering="expires_at")
    def expires(self, token: AccessToken) -> str:
        return day_and_time(token.expires_at)

    @admin.display(description=_("last used"), ordering="last_used_at")
    def last_used(self, token: AccessToken) -> str:
        return day_and_time(token.last_used_at)
