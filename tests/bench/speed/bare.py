"""The floor: bare Flask, one row by its key, a small template. What a page of any framework costs at least."""

import os

from flask import Flask, render_template
from jinja2 import DictLoader
from sqlalchemy import create_engine, text

app = Flask(__name__)
engine = create_engine(os.environ["DATABASE_URL"])
app.jinja_loader = DictLoader(
    {
        "page": "<!doctype html><title>{{ row.number }}</title><h1>{{ row.number }}</h1><p>{{ row.kind }} {{ row.opened_at }}</p>"
    }
)  # type: ignore[assignment]


@app.get("/<int:case_id>")
def bare(case_id: int) -> str:
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT number, kind, opened_at FROM cases WHERE id = :id"), {"id": case_id}
        ).one()
    return render_template("page", row=row)
