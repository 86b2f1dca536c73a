"""An authenticator app, whose owner waits for the next code after using one: here no time passes."""

import time
from base64 import b32decode

from django_otp.oath import TOTP


class Phone:
    def __init__(self, key: str):
        """Take the key as the page shows it."""
        self.totp = TOTP(b32decode(key.replace(" ", "")))
        self.step = 0

    def code(self) -> str:
        self.step = max(self.step + 1, int(time.time()) // 30)
        return self._at(self.step)

    def wrong_code(self) -> str:
        now = int(time.time()) // 30
        right = {self._at(step) for step in range(now - 3, now + 6)}
        return next(code for code in map("{:06}".format, range(10)) if code not in right)

    def _at(self, step):
        self.totp.time = step * 30
        return f"{self.totp.token():06}"
