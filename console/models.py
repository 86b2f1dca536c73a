"""The console's own tables: users' preferences and saved views of lists."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Preferences(models.Model):
    """A user's language and time zone; the browser's, where one is empty."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True)
    language = models.CharField(max_length=10, blank=True)
    time_zone = models.CharField(max_length=50, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return self.user.get_username()


class SavedView(models.Model):
    """Filters, search and order of a list under a name: for its owner, or shared with all users of the list."""

    objects: models.Manager["SavedView"]

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    model = models.CharField(max_length=100, help_text="Whose list, as in orders.job.")
    name = models.CharField(_("name"), max_length=60)
    query = models.TextField(help_text="As it stands in the list's address.")
    is_shared = models.BooleanField(_("shared with everybody"), default=False)

    class Meta:
        ordering = ["name", "id"]
        default_permissions = ("share",)
        constraints = [models.UniqueConstraint(fields=["user", "model", "name"], name="one_view_per_name")]
        indexes = [models.Index(fields=["model"], condition=models.Q(is_shared=True), name="shared_views")]

    def __str__(self) -> str:
        return self.name
