"""Writes small case and exposure files, as an organisation would export them."""

import csv
import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path

CASES = [
    "external_id",
    "opened_at",
    "cause",
    "traffic_source",
    "product",
    "amount_minor",
    "currency",
    "purchased_at",
]
EXPOSURE = ["period", "traffic_source", "product", "active_subscriptions", "purchases"]
START = datetime(2023, 1, 2, 12, tzinfo=UTC)


def write(path: Path, header: list[str], rows: list[list[object]]) -> Path:
    """`path` with these rows; gzipped by its ending."""
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(header)
        writer.writerows(rows)
    return path


def a_case(
    opened: str, cause: str = "price", source: str = "email", *, amount: int = 1000, currency: str = "EUR"
):
    """A row of a case file."""
    return ["C", opened, cause, source, "plan", amount, currency, ""]


def a_year(folder: Path, *, weeks: int = 60, rise: int = 0, source: str = "email") -> tuple[Path, Path]:
    """Three causes at three sources, four to eight cases a week each; `rise` more a week of one, in the last two."""
    causes, sources = ("price", "renewal", "fraud"), ("email", "organic", "ads")
    cases, exposure = [], []
    for week in range(weeks):
        monday = START + timedelta(weeks=week)
        for s, name in enumerate(sources):
            exposure.append([monday.date().isoformat(), name, "plan", 1000, ""])
            for c, cause in enumerate(causes):
                count = 4 + (week + c + 2 * s) % 5
                if (cause, name) == ("price", source) and week >= weeks - 2:
                    count += rise
                for number in range(count):
                    opened = monday + timedelta(days=number % 7, minutes=17 * number + week)
                    cases.append(a_case(opened.strftime("%Y-%m-%dT%H:%M:%SZ"), cause, name))
    ending = START + timedelta(weeks=weeks)
    cases.append(a_case(ending.strftime("%Y-%m-%dT%H:%M:%SZ"), "renewal", "ads"))
    return write(folder / "cases.csv", CASES, cases), write(folder / "exposure.csv", EXPOSURE, exposure)
