"""Sign in and out, Home, people and teams."""

from flask import Blueprint
from flask_login import LoginManager

bp = Blueprint("accounts", __name__)
sign_ins = LoginManager()
