"""The second factor: a code from the user's phone, or one of eight recovery codes; django-otp keeps both.

A login is complete with the code, for who has a second factor; until then nobody is logged in, but the session
remembers for ten minutes whose password was right.
"""

import time
from binascii import unhexlify

import django_otp
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import BaseBackend
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

RECOVERY_CODES = 8
PENDING_KEY = "second_factor_pending"  # in the session: whose password was right
PENDING_SECONDS = 10 * 60  # seconds


def is_on(user) -> bool:
    if not hasattr(user, "has_second_factor"):  # a page asks several times
        user.has_second_factor = TOTPDevice.objects.devices_for_user(user, confirmed=True).exists()
    return user.has_second_factor


def must_set_up(user) -> bool:
    return settings.REQUIRE_SECOND_FACTOR and user.is_staff and not is_on(user)


def is_complete(user) -> bool:
    """Return whether all that this user's login needs has been given; a password alone, as in Basic, may not do."""
    return bool(getattr(user, "otp_device", None)) or not (is_on(user) or must_set_up(user))


def set_up(request, key: str, code: str) -> list[str] | None:
    """Turn the second factor on, complete this login, and return the recovery codes; None where the code is wrong."""
    totp = TOTP(unhexlify(key))
    totp.time = time.time()
    if not (code.isdecimal() and totp.verify(int(code), tolerance=1)):
        return None
    user = request.user
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


def add_recovery_code(user) -> str:
    """Return another recovery code that works once, for who has a second factor."""
    code = StaticToken.random_token()
    StaticDevice.objects.get(user=user).token_set.create(token=_fingerprint(code))
    return _readable(code)


def remove(user) -> None:
    for device in django_otp.devices_for_user(user, confirmed=None):
        device.delete()
    user.has_second_factor = False


def is_recovery(device) -> bool:
    return isinstance(device, StaticDevice)


def recovery_codes_left(user) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def begin_login(request, user) -> None:
    """Remember that the user's password was right."""
    request.session.cycle_key()
    request.session[PENDING_KEY] = {
        "user": user.pk,
        "until": time.time() + PENDING_SECONDS,
        "hash": user.get_session_auth_hash(),  # of no use once the password is another
    }


def pending_user(request):
    """Return whose password was right a moment ago, or None."""
    pending = request.session.get(PENDING_KEY)
    if pending is None or pending["until"] < time.time():
        return None
    user = get_user_model().objects.filter(pk=pending["user"], is_active=True).first()
    return user if user and constant_time_compare(user.get_session_auth_hash(), pending["hash"]) else None


def cancel_pending_login(request) -> None:
    request.session.pop(PENDING_KEY, None)


class CodeBackend(BaseBackend):
    """authenticate(request, username=..., token=...), for whose password was right; django-axes counts what fails.

    Named so, `token` is masked in what Django tells of a failed login.
    """

    def authenticate(self, request, username, token):
        user = get_user_model().objects.get_by_natural_key(username)
        if len(token) == 6 and token.isdecimal():
            device = TOTPDevice.objects.devices_for_user(user, confirmed=True).first()
        else:
            device, token = StaticDevice.objects.filter(user=user).first(), _fingerprint(token)
        # Which also makes it wait after a wrong one, longer each time, from wherever it comes.
        user.otp_device = device and django_otp.verify_token(user, device.persistent_id, token)
        return user if user.otp_device else None


def _readable(code):
    return f"{code[:4]}-{code[4:]}"


def _fingerprint(code: str) -> str:
    """Return what is stored of a recovery code, as long as django-otp has room for."""
    return salted_hmac("console.accounts.two_factor", code, algorithm="sha256").hexdigest()[:16]
