"""Templates say and escape what Jinja's own environment would."""

import pytest
from flask import Flask
from markupsafe import Markup

from casedesk.web import locale, templating


@pytest.fixture
def desk() -> Flask:
    app = Flask(__name__)
    templating.init_app(app)
    locale.init_app(app, "Europe/Paris")
    return app


def rendered(desk: Flask, source: str, language: str = "en", **context: object) -> str:
    with desk.test_request_context(headers={"Accept-Language": language}):
        template = desk.jinja_env.from_string(source)
        try:
            return template.render(context)
        finally:
            locale.forget()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("a & b", "a &amp; b"),
        ("<b>\"'", "&lt;b&gt;&#34;&#39;"),
        ("plain", "plain"),
        (Markup("<b>kept</b>"), "<b>kept</b>"),
        (7, "7"),
        (True, "True"),
        (None, "None"),
        (1.5, "1.5"),
        (["<"], "[&#39;&lt;&#39;]"),
    ],
)
def test_a_piece_of_a_page_is_escaped_once(desk: Flask, value: object, written: str) -> None:
    assert rendered(desk, "{{ v }}", v=value) == written
    assert (
        rendered(desk, "{% macro m(x) %}<i>{{ x }}</i>{% endmacro %}{{ m(v) }}", v=value)
        == f"<i>{written}</i>"
    )
    assert rendered(desk, "{% set kept %}{{ v }}{% endset %}{{ kept }}", v=value) == written


def test_words_come_from_the_catalogue_of_the_reader(desk: Flask) -> None:
    assert rendered(desk, '{{ _("Queue") }}') == "Queue"
    assert rendered(desk, '{{ _("Queue") }}', "fr") == locale.translations("fr").gettext("Queue") != "Queue"


def test_what_is_filled_into_words_is_escaped_and_the_words_are_not(desk: Flask) -> None:
    assert rendered(desk, '{{ _("<b>%(name)s</b>", name=v) }}', v="<i>") == "<b>&lt;i&gt;</b>"
    assert rendered(desk, '{{ _("100 %% of it") }}') == "100 % of it"


def test_words_that_are_not_written_out_are_still_looked_up(desk: Flask) -> None:
    assert rendered(desk, "{{ _(v) }}", "fr", v="Queue") == locale.translations("fr").gettext("Queue")
