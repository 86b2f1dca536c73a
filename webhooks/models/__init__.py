from webhooks.models.access_token import AccessToken
from webhooks.models.event import Event, PurgedSubject
from webhooks.models.rejection import RefusalCount, Rejection
from webhooks.models.secret import Secret
from webhooks.models.source import Source
from webhooks.models.token_endpoint import TokenEndpoint
from webhooks.models.traffic import HourOfTraffic
from webhooks.models.worker import Worker

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
