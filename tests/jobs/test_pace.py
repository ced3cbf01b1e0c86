"""The embedded worker keeps the pace that it promises."""

from flask import Flask

from tests.bench.jobs import measure


def test_the_embedded_worker_does_a_thousand_jobs_a_second(app: Flask) -> None:
    assert measure(3_000).a_second >= 1_000
