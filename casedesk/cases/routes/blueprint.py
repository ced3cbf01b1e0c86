"""The blueprint that every door of the room hangs on."""

from flask import Blueprint

bp = Blueprint("cases", __name__)
