"""Admins of users, groups, failed logins and the log, for superusers."""

from typing import Any

from axes.models import AccessAttempt
from axes.utils import reset
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Sum, Window
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format, time_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldBooleanSwitchWidget

from console.accounts import two_factor
from console.changelist import filters
from console.changelist.modeladmin import ListAdmin
from console.formatting import datetimes
from console.formatting.badges import badge
from console.modeladmin import ReadOnlyAdmin
from console.request_values import parse_pk

# django-otp's own pages show keys, and Django's own do not look like Unfold's.
admin.site.unregister([User, Group, TOTPDevice, StaticDevice])


class UserForm(UserChangeForm):
    remove_second_factor = forms.BooleanField(
        label=gettext_lazy("Remove the second factor"),
        required=False,
        widget=UnfoldBooleanSwitchWidget,
        help_text=gettext_lazy(
            "For users who lost their phone and recovery codes: afterwards the password alone is enough to log in."
        ),
    )


class CheckboxManyToManyMixin(ModelAdmin):
    """Checkboxes for many-to-many fields: parts of Django's two boxes with arrows have no name for screen readers."""

    filter_horizontal: Any = ()

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("widget", UnfoldAdminCheckboxSelectMultipleWidget())
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class GroupFilter(filters.ChoiceFilter):
    title = gettext_lazy("group")
    parameter_name = "group"

    def options(self) -> list[tuple[str, str]]:
        return [(str(pk), name) for pk, name in Group.objects.order_by("name").values_list("pk", "name")]

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(groups=pk) if (pk := parse_pk(self.value)) is not None else queryset.none()


class LoginFilter(filters.LookupFilter):
    title = gettext_lazy("login")
    parameter_name = "login"
    lookups = {
        "superusers": (gettext_lazy("Superusers"), lambda users: users.filter(can_log_in(), is_superuser=True)),
        "without": (
            gettext_lazy("Without a second factor"),
            lambda users: users.filter(can_log_in(), has_second_factor=False),
        ),
        "no": (gettext_lazy("Login disabled"), lambda users: users.exclude(can_log_in())),
    }


def can_log_in() -> Q:
    return Q(is_active=True, is_staff=True)


@admin.register(User)
class UserAdmin(CheckboxManyToManyMixin, ListAdmin, BaseUserAdmin, ModelAdmin):  # type: ignore[misc,type-arg]
    list_display = ["username", "full_name", "email", "roles", "second_factor", "seen"]
    list_filter = [GroupFilter, LoginFilter]
    search_help_text = gettext_lazy("Username, name or e-mail")
    ordering = ["username", "id"]
    actions = None
    form = UserForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    readonly_fields = ["last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password"]}),
        (gettext_lazy("Personal info"), {"fields": ["first_name", "last_name", "email"]}),
        # Permissions belong to groups only.
        (gettext_lazy("Permissions"), {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        (gettext_lazy("Important dates"), {"fields": ["last_login", "date_joined"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        devices = TOTPDevice.objects.filter(user=OuterRef("pk"), confirmed=True)
        queryset: QuerySet[Any] = super().get_queryset(request)
        annotated: QuerySet[Any] = queryset.annotate(has_second_factor=Exists(devices)).prefetch_related("groups")
        return annotated

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj and request.user.is_superuser and obj.has_second_factor:
            fieldsets = [*fieldsets, (_("Second factor"), {"fields": ["remove_second_factor"]})]
        return fieldsets

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.cleaned_data.get("remove_second_factor") and request.user.is_superuser:
            two_factor.remove(obj)

    @admin.display(description=gettext_lazy("name"))
    def full_name(self, user: Any) -> Any:
        return user.get_full_name() or "–"

    @admin.display(description=gettext_lazy("groups"))
    def roles(self, user: Any) -> Any:
        if not (user.is_active and user.is_staff):
            return badge(_("Login disabled"))
        roles = [group.name for group in user.groups.all()]
        if user.is_superuser:
            return badge(_("Superuser"), "amber")
        return ", ".join(roles) or badge(_("In no group"), "amber")

    @admin.display(description=gettext_lazy("second factor"))
    def second_factor(self, user: Any) -> Any:
        return (
            badge(pgettext("second factor", "On"), "green")
            if user.has_second_factor
            else badge(pgettext("second factor", "Off"))
        )

    @admin.display(description=gettext_lazy("last login"))
    def seen(self, user: Any) -> Any:
        return datetimes.format_time_element(user.last_login) if user.last_login else _("never")


@admin.register(Group)
class GroupAdmin(CheckboxManyToManyMixin, ListAdmin, BaseGroupAdmin, ModelAdmin):  # type: ignore[misc]
    list_display = ["name", "people"]
    ordering = ["name", "id"]
    search_help_text = gettext_lazy("Part of a name")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        queryset: QuerySet[Any] = super().get_queryset(request)
        annotated: QuerySet[Any] = queryset.annotate(count=Count("user"))
        return annotated

    @admin.display(description=gettext_lazy("people"))
    def people(self, group: Any) -> Any:
        url = f"{reverse('admin:auth_user_changelist')}?group={group.pk}"
        return format_html("<a class='desk-link' href='{}'>{}</a>", url, number_format(group.count))


@admin.register(AccessAttempt)
class FailedLoginAdmin(ReadOnlyAdmin):
    """Wrong passwords and codes that still count towards a lock."""

    list_display = ["username", "address", "failures", "last_failure", "state", "user_agent"]
    list_display_links = None
    search_fields = ["username", "ip_address"]
    fields = ["username", "ip_address", "failures_since_start", "attempt_time", "user_agent"]
    actions = ["unlock"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        together: dict[str, Any] = {"partition_by": [F(name) for name in settings.AXES_LOCKOUT_PARAMETERS[0]]}
        queryset: QuerySet[Any] = super().get_queryset(request)
        annotated: QuerySet[Any] = queryset.filter(
            attempt_time__gte=timezone.now() - settings.AXES_COOLOFF_TIME
        ).annotate(
            failures=Window(Sum("failures_since_start"), **together), last=Window(Max("attempt_time"), **together)
        )
        return annotated

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_superuser)

    @admin.action(description=gettext_lazy("Unlock"), permissions=["unlock"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        locks = {(row.username, row.ip_address) for row in queryset}
        for username, ip_address in locks:
            reset(username=username, ip=ip_address)
        messages.success(request, _("Unlocked: {count}.").format(count=len(locks)))

    @admin.display(description=gettext_lazy("address"), ordering="ip_address")
    def address(self, attempt: Any) -> Any:
        return attempt.ip_address or "–"

    @admin.display(description=gettext_lazy("wrong attempts"))
    def failures(self, attempt: Any) -> Any:
        return attempt.failures

    @admin.display(description=gettext_lazy("last one"), ordering="attempt_time")
    def last_failure(self, attempt: Any) -> Any:
        return datetimes.format_time_element(attempt.attempt_time)

    @admin.display(description=gettext_lazy("state"))
    def state(self, attempt: Any) -> Any:
        if attempt.failures < settings.AXES_FAILURE_LIMIT:
            left = settings.AXES_FAILURE_LIMIT - attempt.failures
            return badge(ngettext("{left} try left", "{left} tries left", left).format(left=left), "grey")
        until = time_format(timezone.localtime(attempt.last + settings.AXES_COOLOFF_TIME), "TIME_FORMAT")
        return badge(_("Locked until {time}").format(time=until), "red")


@admin.register(LogEntry)
class LogAdmin(ReadOnlyAdmin):
    list_display = ["when", "user", "content_type", "what", "how"]
    list_display_links = None
    list_select_related = ["user", "content_type"]
    ordering = ["-action_time", "-id"]
    search_fields = ["user__username__exact"]
    search_help_text = gettext_lazy("A user's name")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        term = search_term.strip()
        return (queryset.filter(user__username=term) if term else queryset), False

    @admin.display(description=gettext_lazy("when"))
    def when(self, entry: Any) -> Any:
        return datetimes.format_time_element(entry.action_time)

    @admin.display(description=gettext_lazy("what"))
    def what(self, entry: Any) -> Any:
        return entry.object_repr

    @admin.display(description=gettext_lazy("how"))
    def how(self, entry: Any) -> Any:
        return entry.get_change_message() or entry.get_action_flag_display()
