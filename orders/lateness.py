"""When a job is over and when it is late: the one rule of lists, pages, exports and the API."""

from datetime import datetime, timedelta

# The statuses in which a job is over; in any other, known or not, it is under way.
FINAL_STATUSES = ["CANCELLED", "FINISHED", "REFUSED"]
LATE_FROM = timedelta(minutes=1)  # after the end of the slot


def late_by(status: str, slot_to: datetime | None, finished_at: datetime | None, now: datetime) -> timedelta | None:
    """Return how long after its slot a job ended, or is still under way; None if it is on time or has no slot.

    A finished job is judged by `finished_at`. A cancelled or refused one is never late.
    """
    end = now if status not in FINAL_STATUSES else finished_at if status == "FINISHED" else None
    return end - slot_to if slot_to and end and end - slot_to >= LATE_FROM else None
