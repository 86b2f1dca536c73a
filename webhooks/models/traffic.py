"""What came in an hour that is over, counted once."""

from django.db import models

from webhooks.models.source import Source


class HourOfTraffic(models.Model):
    """How many events came within an hour, and how long they took to be processed (webhooks/monitoring/traffic.py)."""

    source = models.ForeignKey(
        Source, models.CASCADE, null=True, db_index=False, related_name="+", help_text="None: all together."
    )
    hour = models.DateTimeField(help_text="Its beginning.")
    accepted = models.PositiveIntegerField()
    median_delay = models.FloatField(null=True, help_text="Seconds from received to processed.")
    p95_delay = models.FloatField(null=True, help_text="Seconds that 95 of 100 took at most.")
    waiting = models.PositiveIntegerField(help_text="Events that were not processed yet when it was counted.")
    first_event = models.BigIntegerField(null=True)
    last_event = models.BigIntegerField(null=True)

    class Meta:
        verbose_name_plural = "hours of traffic"
        constraints = [
            models.UniqueConstraint(fields=["hour", "source"], nulls_distinct=False, name="one_row_per_hour_and_source")
        ]

    def __str__(self):
        return f"{self.accepted} events from {self.hour}"
