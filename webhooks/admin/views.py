"""The base class of the views that an admin class of this app adds to Django's own."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.urls import URLPattern, path
from unfold.views import UnfoldModelAdminViewMixin


class ModelAdminView(UnfoldModelAdminViewMixin):
    """A view of a model admin, for users who may view the model and have the permissions in `permission_required`."""

    model_admin: "ModelAdmin[Any]"
    route: str  # below the model's own URL
    name: str  # of the URL, in the namespace "admin"
    permission_required: tuple[str, ...] = ()

    @classmethod
    def as_url(cls, model_admin: "ModelAdmin[Any]") -> URLPattern:
        """Return the URL pattern for the admin class's get_urls()."""
        view = model_admin.admin_site.admin_view(cls.as_view(model_admin=model_admin))
        url: URLPattern = path(cls.route, view, name=cls.name)
        return url

    @property
    def title(self) -> str:
        """The title of the page; a view without a page has none."""
        return ""

    def has_permission(self) -> bool:
        return self.model_admin.has_view_permission(self.request) and super().has_permission()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(opts=self.model_admin.opts, **kwargs)
        return context
