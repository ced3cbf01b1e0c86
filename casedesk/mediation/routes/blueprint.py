"""The blueprint that the files of this folder add to."""

from flask import Blueprint

bp = Blueprint("mediation", __name__)
