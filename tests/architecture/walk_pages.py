"""Opens every page that needs no number, as everybody who works here, and prints the heavy modules that this loaded.

Run by a test in a process of its own, on an empty desk: `python -m tests.architecture.walk_pages`.
"""

import sys

from casedesk.app import create_app
from casedesk.schema import prepare
from casedesk.store.db import db

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


def main() -> None:
    app = create_app()
    with app.app_context():
        from casedesk.app import project_path
        from tests.factories import a_person, sign_in

        prepare(db.engine, project_path("migrations"))
        for role in ("agent", "manager", "mediator", "administrator"):
            client = sign_in(app.test_client(), a_person(role))
            for rule in app.url_map.iter_rules():
                if "GET" in (rule.methods or ()) and not rule.arguments:
                    answer = client.get(rule.rule)
                    assert answer.status_code < 500, (role, rule.rule, answer.status_code)
                    print("page", role, rule.rule, answer.status_code)
    print("heavy", *sorted(name for name in HEAVY if name in sys.modules))


if __name__ == "__main__":
    main()
