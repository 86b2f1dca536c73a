"""The dynamic tokens that were given out: when, to whom, and whether they still open their source."""

from django.contrib import admin
from django.utils import timezone

from console.changelist import filters
from console.formatting.badges import badge
from console.formatting.datetimes import day_and_time
from console.modeladmin import ReadOnlyAdmin
from webhooks.admin.filters import SourceFilter
from webhooks.labels import token_state
from webhooks.models import AccessToken


class LiveFilter(filters.BooleanFilter):
    title = "opens its source"
    parameter_name = "live"

    def apply(self, queryset):
        return queryset.live()


@admin.register(AccessToken)
class AccessTokenAdmin(ReadOnlyAdmin):
    list_display = ["id", "source", "state", "issued", "issued_to", "expires", "last_used", "last_used_from"]
    list_filter = [LiveFilter, SourceFilter]
    list_select_related = ["source", "secret"]
    fields = ["source", "secret", "state", "issued_at", "issued_to", "expires_at", "revoked_at", "last_used_at"]
    fields += ["last_used_from"]
    actions = ["revoke"]

    def has_revoke_permission(self, request):
        return request.user.has_perm("webhooks.change_accesstoken")

    @admin.action(description="Revoke: they open nothing from now on", permissions=["revoke"])
    def revoke(self, request, queryset):
        tokens = list(queryset.filter(revoked_at=None))
        queryset.filter(revoked_at=None).update(revoked_at=timezone.now())
        for token in tokens:
            self.log_change(request, token, "Revoked.")
        self.message_user(request, f"{len(tokens)} token{'' if len(tokens) == 1 else 's'} revoked.")

    @admin.display(description="state")
    def state(self, token):
        return badge(*token_state(token))

    @admin.display(description="issued", ordering="issued_at")
    def issued(self, token):
        return day_and_time(token.issued_at)

    @admin.display(description="expires", ordering="expires_at")
    def expires(self, token):
        return day_and_time(token.expires_at)

    @admin.display(description="last used", ordering="last_used_at")
    def last_used(self, token):
        return day_and_time(token.last_used_at)
