"""The doors of this room: signing in and out, Home, one's own account, people, teams, the record of rights."""

from flask import Blueprint
from flask_login import LoginManager

bp = Blueprint("accounts", __name__)
sign_ins = LoginManager()

from casedesk.accounts.routes import home, people, rights, signing, teams  # noqa: E402, F401 - they add routes to bp
