from webhooks.models.inbox import Event, PurgedSubject, Worker
from webhooks.models.rejection import RefusalCount, Rejection
from webhooks.models.source import AccessToken, Secret, Source
from webhooks.models.token_endpoint import TokenEndpoint
from webhooks.models.traffic import HourOfTraffic

__all__ = [
    "AccessToken",
    "Event",
    "HourOfTraffic",
    "PurgedSubject",
    "RefusalCount",
    "Rejection",
    "Secret",
    "Source",
    "TokenEndpoint",
    "Worker",
]
