"""Links from pages to filtered lists use the parameters of the lists' filters."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests import payloads
from webhooks.models import Event, Rejection

SEARCH = {"q"}
SPANS = re.compile(r"\w+__(gte|lte|lt)")  # an hour of the overview: lookups of a column, which Django's lists accept


@pytest.fixture
def links(client, ivo, source_of, post):
    """Links to filtered lists on the pages of an overview, of sources, of an event and of a rejection."""
    client.force_login(ivo)
    sources = [source_of("instaleap"), source_of("instaleap", slug="dynamic", auth_mode="dynamic_token")]
    post(payloads.sample(id="dead"), to=sources[0])
    Event.objects.update(status=Event.Status.DEAD)
    post(payloads.sample(id="waits"), to=sources[0])
    post(payloads.sample(id="refused"), to=sources[0], secret="another")
    pages = ["/admin/", f"/admin/webhooks/event/{Event.objects.latest('id').pk}/change/"]
    pages += [f"/admin/webhooks/rejection/{Rejection.objects.latest('id').pk}/change/"]
    for source in sources:
        pages.append(f"/admin/webhooks/source/{source.pk}/change/")
    found = set()
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 200
        found |= {unescape(link) for link in re.findall(r'href="(/admin/\w+/\w+/\?[^"]+)"', answer.text)}
    return found


def test_each_parameter_is_one_of_a_filter(client, links):
    assert {urlsplit(link).path for link in links} >= {
        "/admin/webhooks/event/",
        "/admin/webhooks/rejection/",
        "/admin/webhooks/accesstoken/",
    }
    for link in links:
        listed = client.get(link)
        assert listed.status_code == 200, link
        names = {name for name, _value in parse_qsl(urlsplit(link).query) if not SPANS.fullmatch(name)} - SEARCH
        filters = listed.context["cl"].filter_specs
        assert names == {name for filter in filters for name in filter.used_parameters}, link
