"""People in the admin: who is locked out of the login; for superusers."""

from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import F, Max, Sum, Window
from django.utils import timezone
from unfold.admin import ModelAdmin

from config.badges import badge
from config.times import day_and_time


@admin.register(AccessAttempt)
class FailedLoginAdmin(ModelAdmin):
    """Wrong passwords that still count."""

    list_display = ["username", "address", "failures", "last_failure", "state", "user_agent"]
    list_display_links = None
    search_fields = ["username", "ip_address"]
    fields = ["username", "ip_address", "failures_since_start", "attempt_time", "user_agent"]
    actions = ["forget"]
    get_action_choices = admin.ModelAdmin.get_action_choices  # Unfold's has the signature of before Django 6.1

    def get_queryset(self, request):
        together = {"partition_by": [F(name) for name in settings.AXES_LOCKOUT_PARAMETERS[0]]}
        return (
            super()
            .get_queryset(request)
            .filter(attempt_time__gte=timezone.now() - settings.AXES_COOLOFF_TIME)
            .annotate(
                failures=Window(Sum("failures_since_start"), **together), last=Window(Max("attempt_time"), **together)
            )
        )

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def has_forget_permission(self, request):
        return request.user.is_superuser

    @admin.action(description="Forget them, so that another try is possible at once", permissions=["forget"])
    def forget(self, request, queryset):
        locks = {(row.username, row.ip_address) for row in queryset}
        for username, ip_address in locks:
            reset(username=username, ip=ip_address)
        messages.success(request, f"Forgotten: {len(locks)}.")

    @admin.display(description="address", ordering="ip_address")
    def address(self, attempt):
        return attempt.ip_address or "–"

    @admin.display(description="wrong attempts")
    def failures(self, attempt):
        return attempt.failures

    @admin.display(description="last one", ordering="attempt_time")
    def last_failure(self, attempt):
        return day_and_time(attempt.attempt_time)

    @admin.display
    def state(self, attempt):
        if attempt.failures < settings.AXES_FAILURE_LIMIT:
            return badge(f"{settings.AXES_FAILURE_LIMIT - attempt.failures} left", "grey")
        return badge(f"Locked until {timezone.localtime(attempt.last + settings.AXES_COOLOFF_TIME):%H:%M}", "red")
