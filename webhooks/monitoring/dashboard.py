"""The integration admin's cards on the first page: alerts, traffic and processing, and the health of each source."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, Subquery
from django.http import HttpRequest

from console.dashboard import DashboardCard, dashboard_cards
from console.formatting.numbers import BoundedCount
from webhooks.models import Event, Source
from webhooks.monitoring import alerts, backlog, traffic
from webhooks.monitoring.alerts import Alert
from webhooks.monitoring.backlog import Backlog

DAY, WEEK = 24, 168  # hours


@dataclass
class SourceHealth:
    """A source's row in the card of the sources."""

    source: Source
    last_event_at: datetime | None
    alerts: list[Alert]
    hours: list[traffic.Hour]
    waiting: BoundedCount
    dead: BoundedCount

    @property
    def accepted(self) -> int:
        return sum(hour.accepted for hour in self.hours)

    @property
    def refused(self) -> int:
        return sum(hour.refused for hour in self.hours)

    @property
    def is_all_counted(self) -> bool:
        return all(hour.is_counted for hour in self.hours)


@dataclass
class Health:
    """The data that several cards of one page show, each loaded once."""

    hours: int

    @classmethod
    def of(cls, request: HttpRequest) -> "Health":
        """Return the request's, created at the first call."""
        health: Health | None = request.__dict__.get("webhooks_health")
        if health is None:
            health = cls(WEEK if request.GET.get("hours") == str(WEEK) else DAY)
            request.__dict__["webhooks_health"] = health
        return health

    @cached_property
    def sources(self) -> list[Any]:
        """Return all sources, with the time of the last event as `last_event_at`."""
        last = Event.objects.latest_of("source", OuterRef("pk")).values("received_at")[:1]
        return list(Source.objects.annotate(last_event_at=Subquery(last)))

    @cached_property
    def backlog(self) -> Backlog:
        return Backlog.now()

    @cached_property
    def alerts(self) -> list[Alert]:
        return alerts.find_alerts(self.backlog, self.sources)

    @cached_property
    def by_hour(self) -> dict[int | None, list[traffic.Hour]]:
        return traffic.by_hour(self.hours, [source.pk for source in self.sources])


class IntegrationCard(DashboardCard):
    permission = "webhooks.view_source"
    is_wide = True


@dashboard_cards.register
class AttentionCard(IntegrationCard):
    """Alerts."""

    id = "attention"
    position = 10
    template = "admin/webhooks/attention.html"

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        health = Health.of(request)
        return {"alerts": health.alerts, "workers": health.backlog.workers}


@dashboard_cards.register
class ProcessingCard(IntegrationCard):
    """Traffic and processing, by hour."""

    id = "processing"
    position = 40
    template = "admin/webhooks/processing.html"

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        health = Health.of(request)
        hours = health.by_hour[None]
        return {
            "hours": hours,
            "first": hours[0],
            "middle": hours[len(hours) // 2],
            "is_week": health.hours == WEEK,
            "accepted": sum(hour.accepted for hour in hours),
            "refused": sum(hour.refused for hour in hours),
            "is_all_counted": all(hour.is_counted for hour in hours),
            "now": next((hour for hour in reversed(hours) if hour.p95_delay is not None), None),
            "workers": health.backlog.workers,
            "oldest_waiting": health.backlog.oldest_waiting,
            "stuck": [
                (status, Event.Status(status).label, BoundedCount(health.backlog.count(status)))
                for status in backlog.STUCK
            ],
        }


@dashboard_cards.register
class SourcesCard(IntegrationCard):
    """Traffic and state of each source."""

    id = "sources"
    position = 50
    template = "admin/webhooks/sources.html"

    def get_context(self, request: HttpRequest) -> dict[str, Any]:
        health = Health.of(request)
        rows = [
            SourceHealth(
                source=source,
                last_event_at=source.last_event_at,
                alerts=[alert for alert in health.alerts if alert.source_id == source.pk],
                hours=health.by_hour[source.pk],
                waiting=BoundedCount(health.backlog.count(*Event.WAITING, source=source.pk)),
                dead=BoundedCount(health.backlog.count(Event.Status.DEAD, source=source.pk)),
            )
            for source in health.sources
        ]
        return {"rows": rows, "is_week": health.hours == WEEK, "since": health.by_hour[None][0].start}
