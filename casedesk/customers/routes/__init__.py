"""The doors of this room: find, add, see and change customers; see contracts and record disclosures."""

from flask import Blueprint

bp = Blueprint("customers", __name__)

from casedesk.customers.routes import changing, contracts, erasing, offering, seeing, selling, stating  # noqa: E402, F401 - they add routes to bp
