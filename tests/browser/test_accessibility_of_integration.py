"""Integration admins can use every page: axe-core finds nothing serious, in the light and in the dark."""

from tests.browser.walk import INTEGRATION, walk


def test_no_page_has_a_serious_fault(running, page, troubles):
    events = "/admin/webhooks/event"
    seeds = {name: f"{events}/{number}/change/" for name, number in troubles.items()}
    seeds |= {"nothing": f"{events}/?status=ignored", "webhooks_event_replay": f"{events}/1/replay/"}
    seeds |= {"webhooks_source_changelist": "/admin/webhooks/source/"}
    assert walk(page, running.url, seeds, lambda name: INTEGRATION.search(name)) == []
