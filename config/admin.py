"""What our admin pages share."""

from django.conf import settings
from django.core.paginator import Paginator
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views.decorators.csp import csp_override
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

_console_csp = csp_override(settings.CONSOLE_CSP)


class ConsoleSite(UnfoldAdminSite):
    """The admin, allowed to load what its own pages need."""

    def admin_view(self, view, cacheable=False):
        return _console_csp(super().admin_view(view, cacheable))

    @method_decorator(_console_csp)
    def login(self, request, extra_context=None):
        return super().login(request, extra_context)


class BoundedPaginator(Paginator):
    """Counts no further than MOST rows: a list of millions is searched and filtered, not leafed through."""

    MOST = 10_000

    @cached_property
    def count(self):
        return self.object_list.order_by()[: self.MOST].count()


class ReadOnlyAdmin(ModelAdmin):
    """For what providers tell: looked at, never changed by hand."""

    paginator = BoundedPaginator
    show_full_result_count = False
    list_per_page = 50
    actions = None
    list_fullwidth = True

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
