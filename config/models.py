from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Preferences(models.Model):
    """What a user chose of language and time zone; what is empty, the browser says."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True)
    language = models.CharField(max_length=10, blank=True)
    time_zone = models.CharField(max_length=50, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = _("preferences")

    def __str__(self):
        return self.user.get_username()
