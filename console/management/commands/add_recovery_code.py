"""The command add_recovery_code; codes of django-otp's own addstatictoken are stored unhashed and refused here."""

from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from console.accounts import two_factor


class Command(BaseCommand):
    help = "Print another recovery code of a user who has a second factor and has lost the phone; it works once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, username: str, **options: Any) -> str:
        users = get_user_model()
        try:
            user = users.objects.get_by_natural_key(username)
        except users.DoesNotExist:
            raise CommandError(f"There is no user {username}.") from None
        if not two_factor.is_on(user):
            raise CommandError(f"{username} has no second factor: the password alone logs in.")
        return two_factor.add_recovery_code(user)
