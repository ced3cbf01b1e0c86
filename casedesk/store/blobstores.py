"""The two places where bytes may lie. Both are written before the row that names them."""

import os
import secrets
from pathlib import Path
from typing import Any, Protocol

from casedesk.config import Settings
from casedesk.kernel.errors import NotFound, Unavailable


class BlobStore(Protocol):
    """Bytes by the hex digest of their content. `delete` of what is not there is no error."""

    def write(self, digest: str, data: bytes) -> None: ...

    def read(self, digest: str) -> bytes: ...

    def delete(self, digest: str) -> None: ...


def from_settings(settings: Settings) -> BlobStore:
    """The store that BLOB_STORE names."""
    if settings.blob_store == "s3":
        return S3Store(settings.s3_bucket, settings.s3_endpoint)
    return DiskStore(settings.data_dir / "blobs")


class DiskStore:
    """Files under `root`, two letters of the digest a directory; a file is there whole or not at all."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, digest: str, data: bytes) -> None:
        path = self._path(digest)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
        try:
            with part.open("wb") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        _sync_directory(path.parent)

    def read(self, digest: str) -> bytes:
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            raise NotFound("blob.gone", digest=digest[:12]) from None

    def delete(self, digest: str) -> None:
        self._path(digest).unlink(missing_ok=True)

    def _path(self, digest: str) -> Path:
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise NotFound("blob.gone", digest=digest[:12])
        return self.root / digest[:2] / digest


class S3Store:
    """Objects of a bucket; credentials come from the environment as boto3 reads it."""

    def __init__(self, bucket: str, endpoint: str = "") -> None:
        self.bucket, self.endpoint = bucket, endpoint
        self._client: Any = None

    def write(self, digest: str, data: bytes) -> None:
        self._call("put_object", digest, Body=data)

    def read(self, digest: str) -> bytes:
        body: bytes = self._call("get_object", digest)["Body"].read()
        return body

    def delete(self, digest: str) -> None:
        self._call("delete_object", digest)

    def _call(self, verb: str, digest: str, **more: Any) -> Any:
        import boto3  # slow to import, and only where S3 is used
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError

        if self._client is None:
            limits = Config(connect_timeout=5, read_timeout=30, retries={"max_attempts": 3})
            self._client = boto3.client("s3", endpoint_url=self.endpoint or None, config=limits)
        try:
            return getattr(self._client, verb)(Bucket=self.bucket, Key=f"blobs/{digest}", **more)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                raise NotFound("blob.gone", digest=digest[:12]) from error
            raise Unavailable("blob.store", detail=error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise Unavailable("blob.store", detail=type(error).__name__) from error


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
