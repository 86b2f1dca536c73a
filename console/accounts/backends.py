"""The backend for logins by password."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User


class PasswordBackend(ModelBackend):
    """Django's backend, whose get_user() loads the user's preferences with the same query."""

    def get_user(self, user_id: Any) -> User | None:
        user = User.objects.select_related("preferences").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
