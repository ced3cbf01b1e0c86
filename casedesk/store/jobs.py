"""What the store does by itself, in the worker."""

from datetime import timedelta

from casedesk.store import blobs, checkpoints, erasure, tokens
from casedesk.store.work import Timed

HANDLERS = {
    "checkpoint.make": checkpoints.make,
    "blob.delete": blobs.delete_bytes,
    "tokens.forget": tokens.forget,
}

CALLS = {"erasure.list": erasure.LIST}

SCHEDULE = (Timed("checkpoint.make", timedelta(seconds=30)), Timed("tokens.forget", timedelta(days=1)))
