"""An agent in Mexico City, whose browser says so, and who then prefers something else."""

import pytest
from playwright.sync_api import expect

NEW_USER = """
from django.contrib.auth.models import User
User.objects.create_superuser("lupita", password="pw of this one")
"""
IN_WORDS = """iso => new Date(iso).toLocaleTimeString("en-GB", {hour: "2-digit", minute: "2-digit"})"""


@pytest.mark.clock
def test_a_page_speaks_as_its_reader_and_goes_by_their_clock(running, page):
    running.manage("shell", "-v0", "-c", NEW_USER)
    context = page.context.browser.new_context(
        locale="es-MX", timezone_id="America/Mexico_City", viewport={"width": 1440, "height": 900}
    )
    mexican = context.new_page()
    errors = []
    mexican.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)

    mexican.goto(f"{running.url}/admin/")
    mexican.get_by_label("Nombre de usuario").fill("lupita")
    mexican.get_by_label("Contraseña").first.fill("pw of this one")
    mexican.get_by_role("button", name="Iniciar sesión").click()
    expect(mexican.locator("html")).to_have_attribute("lang", "es")
    expect(mexican.locator("#nav-sidebar")).to_contain_text("Mexico City (UTC−06:00)")

    latest = context.request.get(f"{running.url}/api/jobs/").json()["results"][0]
    mexican.get_by_role("link", name="Pedidos").first.click()
    row = mexican.locator("#result_list tbody tr", has_text=latest["client_reference"])
    expect(row).to_contain_text(mexican.evaluate(IN_WORDS, latest["last_event_at"]))

    mexican.locator("#nav-sidebar").get_by_text("lupita").click()
    mexican.get_by_role("link", name="Idioma y zona horaria").click()
    mexican.get_by_label("Idioma").select_option("pt-br")
    mexican.get_by_label("Zona horaria").select_option(label="Sao Paulo (UTC−03:00)")
    mexican.get_by_role("button", name="Guardar").click()
    expect(mexican.get_by_text("O seu idioma e o seu fuso horário foram salvos.")).to_be_visible()
    expect(mexican.locator("#nav-sidebar")).to_contain_text("Sao Paulo (UTC−03:00)")
    expect(mexican.get_by_role("link", name="Conversas")).to_be_visible()
    context.close()
    assert errors == []
