"""Secrets at rest: Fernet (AES-128-CBC with HMAC-SHA256), keys from ENCRYPTION_KEYS, the first of them encrypts."""

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class UndecryptableError(Exception):
    """None of ENCRYPTION_KEYS decrypts this; the key that it was encrypted with is missing."""


def encrypt(text: str) -> bytes:
    return _fernet().encrypt(text.encode())


def decrypt(token: bytes) -> str:
    """Raise UndecryptableError where no key fits."""
    try:
        return _fernet().decrypt(bytes(token)).decode()
    except InvalidToken:
        raise UndecryptableError from None


def rotate(token: bytes) -> bytes:
    """Encrypt again with the first key; raise UndecryptableError where no key decrypts it."""
    try:
        return _fernet().rotate(token)
    except InvalidToken:
        raise UndecryptableError from None


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])
