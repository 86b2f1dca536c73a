"""Two-factor authentication: a code of an authenticator app or one of eight recovery codes, stored by django-otp.

Users with a second factor are logged in only with the code; until then the session remembers for ten minutes whose
password was right.
"""

import time
from binascii import unhexlify
from typing import Any

import django_otp
from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

RECOVERY_CODES = 8
PENDING_KEY = "second_factor_pending"  # of the session: the user whose password was right
PENDING_SECONDS = 10 * 60  # seconds


def is_on(user: Any) -> bool:
    if not hasattr(user, "has_second_factor"):  # a page asks several times
        user.has_second_factor = TOTPDevice.objects.devices_for_user(user, confirmed=True).exists()
    return bool(user.has_second_factor)


def must_set_up(user: Any) -> bool:
    return settings.REQUIRE_SECOND_FACTOR and user.is_staff and not is_on(user)


def is_complete(user: Any) -> bool:
    """Return whether the login is complete; a password alone, as in Basic authentication, may not be enough."""
    return bool(getattr(user, "otp_device", None)) or not (is_on(user) or must_set_up(user))


def set_up(request: HttpRequest, key: str, code: str) -> list[str] | None:
    """Turn the second factor on, complete this login, and return the recovery codes; None where the code is wrong."""
    totp = TOTP(unhexlify(key))
    totp.time = time.time()
    if not (code.isdecimal() and totp.verify(int(code), tolerance=1)):
        return None
    user: Any = request.user
    with transaction.atomic():
        remove(user)
        device = TOTPDevice.objects.create(
            user=user,
            name="Authenticator",
            key=key,
            drift=totp.drift,
            last_t=totp.t(),  # a code works once, this one too
        )
        recovery = StaticDevice.objects.create(user=user, name="Recovery codes")
        codes = [StaticToken.random_token() for _ in range(RECOVERY_CODES)]
        StaticToken.objects.bulk_create(StaticToken(device=recovery, token=_fingerprint(code)) for code in codes)
    user.has_second_factor = True
    request.session.cycle_key()
    django_otp.login(request, device)
    return [_readable(code) for code in codes]


def add_recovery_code(user: Any) -> str:
    """Return another recovery code, which works once, of a user with a second factor."""
    code: str = StaticToken.random_token()
    StaticDevice.objects.get(user=user).token_set.create(token=_fingerprint(code))
    return _readable(code)


def remove(user: Any) -> None:
    for device in django_otp.devices_for_user(user, confirmed=None):
        device.delete()
    user.has_second_factor = False


def is_recovery(device: Any) -> bool:
    return isinstance(device, StaticDevice)


def recovery_codes_left(user: Any) -> int:
    count: int = StaticToken.objects.filter(device__user=user).count()
    return count


def begin_login(request: HttpRequest, user: User) -> None:
    """Remember that the user's password was right."""
    request.session.cycle_key()
    request.session[PENDING_KEY] = {
        "user": user.pk,
        "until": time.time() + PENDING_SECONDS,
        "hash": user.get_session_auth_hash(),  # invalid after a change of the password
    }


def pending_user(request: HttpRequest) -> User | None:
    """Return whose password was right a moment ago, or None."""
    pending = request.session.get(PENDING_KEY)
    if pending is None or pending["until"] < time.time():
        return None
    user = User.objects.filter(pk=pending["user"], is_active=True).first()
    return user if user and constant_time_compare(user.get_session_auth_hash(), pending["hash"]) else None


def cancel_pending_login(request: HttpRequest) -> None:
    request.session.pop(PENDING_KEY, None)


class CodeBackend(BaseBackend):
    """The backend of authenticate(request, username=..., token=...), after the password; django-axes counts failures.

    By its name Django masks `token` in the signal of a failed login.
    """

    def authenticate(  # type: ignore[override]
        self, request: HttpRequest | None, username: str, token: str
    ) -> User | None:
        user: Any = User.objects.get_by_natural_key(username)
        if len(token) == 6 and token.isdecimal():
            device = TOTPDevice.objects.devices_for_user(user, confirmed=True).first()
        else:
            device, token = StaticDevice.objects.filter(user=user).first(), _fingerprint(token)
        # This also delays the attempts after a wrong one, longer each time, whichever client makes them.
        user.otp_device = device and django_otp.verify_token(user, device.persistent_id, token)
        return user if user.otp_device else None


def _readable(code: str) -> str:
    return f"{code[:4]}-{code[4:]}"


def _fingerprint(code: str) -> str:
    """Return the hash that is stored of a recovery code, in the length of django-otp's column."""
    return salted_hmac("console.accounts.two_factor", code, algorithm="sha256").hexdigest()[:16]
