"""What the store does by itself, in the worker."""

from datetime import timedelta

from casedesk.store import blobs, checkpoints, erasure
from casedesk.store.work import Timed

HANDLERS = {"checkpoint.make": checkpoints.make, "blob.delete": blobs.delete_bytes}

CALLS = {"erasure.list": erasure.LIST}

SCHEDULE = (Timed("checkpoint.make", timedelta(seconds=30)),)
