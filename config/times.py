from django.utils import timezone


def day_and_time(time) -> str:
    """24 Nov 19:44, in the current time zone."""
    return f"{timezone.localtime(time):%-d %b %H:%M}" if time else "–"
