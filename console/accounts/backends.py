from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend


class PasswordBackend(ModelBackend):
    """Django's own, and a page's user comes with what they chose of language and time zone, in the same query."""

    def get_user(self, user_id):
        user = get_user_model().objects.select_related("preferences").filter(pk=user_id).first()
        return user if user and self.user_can_authenticate(user) else None
