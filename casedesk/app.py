"""Plugs the rooms together and decides nothing. One search finds every member of every registry."""

from pathlib import Path

from flask import Flask
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from casedesk.accounts import guard, nav, ties
from casedesk.accounts import sentences as accounts_sentences
from casedesk.accounts.routes import bp as accounts
from casedesk.accounts.routes import sign_ins
from casedesk.cases import sentences as cases_sentences
from casedesk.cases.panels import PANELS as CASES_PANELS
from casedesk.cases.queries import figured, waiting
from casedesk.cases.queries.resting import Resting
from casedesk.cases.routes import bp as cases
from casedesk.cases.rule_panels import PANELS as RULE_PANELS
from casedesk.channels import filling
from casedesk.channels import sentences as channels_sentences
from casedesk.config import Settings
from casedesk.customers import finders, leaving
from casedesk.customers import sentences as customers_sentences
from casedesk.customers.routes import bp as customers
from casedesk.deadlines import sentences as deadlines_sentences
from casedesk.documents import sentences as documents_sentences
from casedesk.documents.panels import PANELS as DOCUMENTS_PANELS
from casedesk.documents.routes import bp as documents
from casedesk.imports import sentences as imports_sentences
from casedesk.imports.forgetting import forget_person
from casedesk.imports.routes import bp as imports
from casedesk.ledger import queries as ledger_queries
from casedesk.ledger import sentences as ledger_sentences
from casedesk.ledger.panels import PANELS as LEDGER_PANELS
from casedesk.ledger.routes import bp as ledger
from casedesk.mediation import offer_key
from casedesk.mediation import sentences as mediation_sentences
from casedesk.mediation.panels import PANELS as MEDIATION_PANELS
from casedesk.mediation.queries import panel as mediation_panel
from casedesk.mediation.routes import bp as mediation
from casedesk.mediation.sealed import sentences as sealed_sentences
from casedesk.mediation.sealed.panels import PANELS as SEALED_PANELS
from casedesk.mediation.sealed.routes import bp as sealed
from casedesk.portal import secret as portal_secret
from casedesk.portal import sentences as portal_sentences
from casedesk.portal.panels import PANELS as PORTAL_PANELS
from casedesk.portal.routes import bp as portal
from casedesk.portal.routes import desk as portal_desk
from casedesk.refunds import sentences as refunds_sentences
from casedesk.refunds.panels import PANELS as REFUNDS_PANELS
from casedesk.refunds.routes import bp as refunds
from casedesk.reports import report_sentences, signal_sentences
from casedesk.reports.behind import ReportFigures
from casedesk.reports.report_routes import bp as reports
from casedesk.reports.signal_panels import PANELS as SIGNALS_PANELS
from casedesk.reports.signal_routes import bp as signals
from casedesk.rulebook import beside as rulebook_beside
from casedesk.rulebook import sentences as rulebook_sentences
from casedesk.rulebook.routes import bp as rulebook
from casedesk.store import blobstores, keyring
from casedesk.store.db import db, tune
from casedesk.web import addresses, assets, errors, headers, kept, locale, slots, templating

BLUEPRINTS = (
    accounts,
    rulebook,
    customers,
    ledger,
    cases,
    refunds,
    documents,
    mediation,
    sealed,
    portal,
    portal_desk,
    imports,
    signals,
    reports,
)

SENTENCES = (
    accounts_sentences.ERRORS,
    customers_sentences.ERRORS,
    cases_sentences.ERRORS,
    deadlines_sentences.ERRORS,
    channels_sentences.ERRORS,
    ledger_sentences.ERRORS,
    refunds_sentences.ERRORS,
    rulebook_sentences.ERRORS,
    documents_sentences.ERRORS,
    mediation_sentences.ERRORS,
    sealed_sentences.ERRORS,
    portal_sentences.ERRORS,
    imports_sentences.ERRORS,
    report_sentences.ERRORS,
    signal_sentences.ERRORS,
)

PANELS: tuple[dict[str, list[slots.Panel]], ...] = (
    CASES_PANELS,
    RULE_PANELS,
    LEDGER_PANELS,
    REFUNDS_PANELS,
    DOCUMENTS_PANELS,
    MEDIATION_PANELS,
    SEALED_PANELS,
    PORTAL_PANELS,
    SIGNALS_PANELS,
)

FINDERS = (ledger_queries.found_by_reference,)

ROOT = Path(__file__).parent


def project_path(name: str) -> Path:
    """templates/, static/ and migrations/: beside the package in a checkout, inside it in a wheel."""
    inside = ROOT / f"_{name}"
    return inside if inside.exists() else ROOT.parent / name


def create_app(settings: Settings | None = None) -> Flask:
    """The web application for `settings` (from the environment by default). Raises SettingsError."""
    settings = settings or Settings.from_environment()
    app = Flask(
        "casedesk",
        root_path=str(ROOT),
        template_folder=str(project_path("templates")),
        static_folder=str(project_path("static")),
        static_url_path="/static",
    )
    app.config.update(flask_config(settings))
    templating.init_app(app)
    behind_proxies(app, settings.trusted_proxies)
    app.extensions["settings"] = settings
    app.extensions["blobs"] = blobstores.from_settings(settings)
    keyring.install(keyring.AuditKey.from_text(settings.audit_key))
    offer_key.install(settings.secret_key)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    db.init_app(app)
    with app.app_context():
        tune(db.engine)
    locale.init_app(app, settings.time_zone)
    addresses.init_app(app)
    guard.init_app(app, sign_ins)  # before CSRF: who is signed out is told so, and keeps what was typed
    CSRFProtect(app)
    errors.init_app(app, SENTENCES)
    assets.init_app(app)
    headers.init_app(app, secure=settings.secure_cookies)
    slots.init_app(app, PANELS)
    kept.init_app(app)
    nav.init_app(app, waiting.counts)
    finders.install(FINDERS)
    leaving.install((forget_person,))
    ties.install((mediation_panel.tie,))
    filling.install(portal_secret.fill)
    rulebook_beside.install(Resting())
    figured.install(ReportFigures())
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    guard.check_all_declared(app)
    return app


def behind_proxies(app: Flask, hops: int) -> None:
    """Take origin, scheme and host from what the last `hops` proxies wrote; with 0 from nobody, for anyone can write it."""
    if hops:
        proxied = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)
        app.wsgi_app = proxied  # type: ignore[method-assign]


def flask_config(settings: Settings) -> dict[str, object]:
    options: dict[str, object] = {"pool_pre_ping": True}
    if not settings.is_sqlite:
        # Pages read a few rows by index: compiling a statement to machine code for them takes seconds and saves nothing.
        options |= {"connect_args": {"options": "-c jit=off"}}
        options |= {"pool_size": settings.web_threads, "max_overflow": 2, "isolation_level": "READ COMMITTED"}
    return {
        "SECRET_KEY": settings.secret_key,
        "SQLALCHEMY_DATABASE_URI": settings.database_url,
        "SQLALCHEMY_ENGINE_OPTIONS": options,
        "MAX_CONTENT_LENGTH": settings.max_upload_mb * 2**20,
        "MAX_FORM_MEMORY_SIZE": 2 * 2**20,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "WTF_CSRF_TIME_LIMIT": 12 * 3600,
        "TEMPLATES_AUTO_RELOAD": False,
    }
