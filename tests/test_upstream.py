"""Uses of other projects' private parts, each with a digest of the source that it was written against.

Read from Django 6.1.3, Django REST framework 3.18.3 and django-unfold 0.110.0. A test fails when an update changes one
of them: read the new source, adapt the use, then replace the digest.

Django:
- BaseDatabaseWrapper._prepare_cursor and health_check_done (read by close_if_health_check_failed): webhooks
  (receiving/inbox.py) inserts an event with a cursor of its own class, without the SELECT 1 that Django sends before.
- HttpRequest._body (read by body): webhooks (receiving/inbound.py) puts a chunked body there, which Django would take
  for none.
- WSGIRequest._set_content_type_params (of HttpRequest): the request class of wsgi.py also accepts a Content-Type that
  Django cannot read.
- ModelAdmin._get_obj_does_not_exist_redirect: the read-only pages answer for a row that does not exist as Django does.
- ChangeList._get_default_ordering: the lists' order where neither the address nor the admin class names one.

Django REST framework:
- Request._request: authentication reads the HttpRequest, whose body the framework has not parsed.

django-unfold: templates/unfold/helpers/{header,shortcuts,command}.html have the names of Unfold's own templates, which
they replace. header.html is a changed copy; shortcuts.html keeps the frame and shows other keys; command.html is empty,
as the search box is in the header. templates/unfold/layouts/skeleton.html extends Unfold's and loads our modules in its
block blockbots, after Alpine.js, which console.js relies on.
"""

import ast
import hashlib
import inspect
from pathlib import Path

import pytest
import unfold
from django.contrib.admin.options import ModelAdmin
from django.contrib.admin.views.main import ChangeList
from django.core.handlers.wsgi import WSGIRequest
from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest
from rest_framework.request import Request

from tests.running import ROOT

PRIVATE = {
    "_prepare_cursor": (BaseDatabaseWrapper._prepare_cursor, "92079d0eed95d59d"),
    "health_check_done": (BaseDatabaseWrapper.close_if_health_check_failed, "f72eb45356f4a910"),
    "_body": (HttpRequest.body.fget, "5cb82d5b2b786daa"),
    "_set_content_type_params": (WSGIRequest._set_content_type_params, "e22945ec8be2f44e"),
    "_get_obj_does_not_exist_redirect": (ModelAdmin._get_obj_does_not_exist_redirect, "bd84a7a376b21f00"),
    "_get_default_ordering": (ChangeList._get_default_ordering, "b1505ca138ab4901"),
    "_request": (Request.__init__, "b1a5b4832249bb31"),
}
TEMPLATES = {
    "header.html": "40708fcc53f5cb02",
    "shortcuts.html": "5521f8ee1660f082",
    "command.html": "e10d80a03e4657fa",
}
DOCUMENTED = {"_meta", "_default_manager", "_state"}


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@pytest.mark.parametrize("name", PRIVATE)
def test_private_api_is_as_it_was_read(name):
    function, expected = PRIVATE[name]
    source = inspect.getsource(function)
    assert name in source
    assert digest(source) == expected


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_replaced_template_is_as_it_was_read(name):
    original = Path(unfold.__file__).parent / "templates" / "unfold" / "helpers" / name
    assert digest(original.read_text()) == TEMPLATES[name]


def test_each_replaced_template_is_listed():
    ours = {str(path.relative_to(ROOT / "templates")) for path in (ROOT / "templates" / "unfold").rglob("*.html")}
    assert ours == {f"unfold/helpers/{name}" for name in TEMPLATES} | {"unfold/layouts/skeleton.html"}


def test_alpine_is_deferred_before_the_block_that_loads_our_modules():
    original = (Path(unfold.__file__).parent / "templates" / "unfold" / "layouts" / "skeleton.html").read_text()
    assert original.count("{% block blockbots %}") == 1
    assert "alpine/alpine.js' %}\" defer></script>" in original.partition("{% block blockbots %}")[0]
    ours = (ROOT / "templates" / "unfold" / "layouts" / "skeleton.html").read_text()
    assert ours.startswith('{% extends "unfold/layouts/skeleton.html" %}')


def test_each_use_of_private_api_is_listed():
    defined, used = set(), set()
    modules = [path for app in ROOT.glob("*/apps.py") for path in app.parent.rglob("*.py")]
    for node in (node for path in modules for node in ast.walk(ast.parse(path.read_text()))):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.Name(id=name, ctx=ast.Store()):
                defined.add(name)
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                defined.add(name)
            case ast.Attribute(attr=name) if name.startswith("_") and not name.startswith("__"):
                used.add(name)
    assert "_meta" in used
    assert used - defined - DOCUMENTED <= PRIVATE.keys()
