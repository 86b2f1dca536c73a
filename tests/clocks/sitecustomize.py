"""Lets Python sleep under libfaketime, whose clock_nanosleep() fails where the monotonic clock is not moved."""

import select
import time


def _sleep(seconds: float) -> None:
    select.select([], [], [], seconds)


time.sleep = _sleep
