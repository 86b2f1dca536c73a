from django.db import models


class TypicalEvent(models.Model):
    event_id = models.CharField(max_length=200, unique=True)
    type = models.CharField(max_length=100, db_index=True)
    client_id = models.CharField(max_length=200)
    job_id = models.CharField(max_length=200, db_index=True)
    created_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    payload = models.JSONField()
    processed = models.BooleanField(default=False)

    def __str__(self):
        return self.event_id
