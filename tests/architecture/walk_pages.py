"""Opens every page that needs no number, as everybody who works here, and prints the heavy modules that this loaded.

Also looks at the first rows of a workbook before its import. Run by a test in a process of its own, on an empty desk:
`python -m tests.architecture.walk_pages WORKBOOK`.
"""

import sys
from pathlib import Path

from flask.testing import FlaskClient

from casedesk.app import create_app
from casedesk.schema import prepare
from casedesk.store.db import db
from tests.conftest import Browser

HEAVY = (
    "weasyprint",
    "numpy",
    "scipy",
    "statsmodels",
    "pandas",
    "boto3",
    "openpyxl",
    "rq",
    "casedesk.worker",
)

MAPPING = """
kind = "customers"
source = "old-desk"
[fields]
reference = "id"
name = "name"
"""


def main() -> None:
    app = create_app()
    app.test_client_class = Browser  # else every request would be of the person who came first
    with app.app_context():
        from casedesk.app import project_path
        from tests.factories import a_person, an_entity, sign_in

        prepare(db.engine, project_path("migrations"))
        for role in ("agent", "manager", "mediator", "administrator"):
            client = sign_in(app.test_client(), a_person(role))
            for rule in app.url_map.iter_rules():
                if "GET" in (rule.methods or ()) and not rule.arguments:
                    answer = client.get(rule.rule)
                    assert answer.status_code < 500, (role, rule.rule, answer.status_code)
                    print("page", role, rule.rule, answer.status_code)
            if role == "manager":
                an_entity()
                preview(client, Path(sys.argv[1]))
    print("heavy", *sorted(name for name in HEAVY if name in sys.modules))


def preview(client: FlaskClient, workbook: Path) -> None:
    """Upload a workbook and see what its first rows become."""
    from tests.factories import send

    fields = {"kind": "customers", "example": "", "toml": MAPPING, "file": workbook.open("rb")}
    answer = send(client, "/imports/new", fields, content_type="multipart/form-data")
    assert "Zoé Lefèvre" in answer.text, answer.text
    print("page manager preview of a workbook", answer.status_code)


if __name__ == "__main__":
    main()
