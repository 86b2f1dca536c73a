"""What Ivo, the integration admin, does: make a source, hand it over, see what came."""

import requests
from playwright.sync_api import expect

from tests import payloads


def test_makes_a_source_and_never_sees_its_secret_again(running, page, request):
    slug = f"made-{request.node.callspec.id}"
    page.goto(f"{running.url}/admin/webhooks/source/add/")
    page.fill("[name=slug]", slug)  # before the name, which fills an empty slug
    page.select_option("[name=provider]", "instaleap")
    page.fill("[name=name]", "InstaLeap Chile")
    page.fill("[name=new_secret]", f"  {payloads.SECRET} ")
    page.get_by_role("button", name="Save and continue editing").click()

    expect(page.get_by_text(f"{running.url}/webhooks/{slug}/")).to_be_visible()
    assert payloads.SECRET not in page.content()

    header, signature = payloads.SIGNATURES[payloads.SAMPLE]
    answer = requests.post(
        f"{running.url}/webhooks/{slug}/", payloads.body(payloads.SAMPLE), headers={header: signature}, timeout=30
    )
    assert answer.json()["status"] == "accepted"
    page.goto(f"{running.url}/admin/webhooks/event/{answer.json()['event']}/change/")
    expect(page.get_by_text("id, created_at and type; not the job")).to_be_visible()
    expect(page.locator("pre").last).to_contain_text('"declared_value": 403.967')
