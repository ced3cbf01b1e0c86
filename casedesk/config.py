"""Settings: read once from the environment, validated at the start, frozen."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DEMO_SECRET = "demo-secret-change-me"  # noqa: S105 - refused in production


class SettingsError(Exception):
    """The environment cannot start a desk; the message lists each thing to change."""


@dataclass(frozen=True)
class Settings:
    """Everything that may differ between installations. Names in the environment are given per field."""

    database_url: str = field(metadata={"env": "DATABASE_URL"})
    redis_url: str = field(metadata={"env": "REDIS_URL"})
    secret_key: str = field(metadata={"env": "SECRET_KEY"}, repr=False)
    audit_key: str = field(metadata={"env": "AUDIT_KEY"}, repr=False)
    data_dir: Path = field(metadata={"env": "CASEDESK_DATA"})
    production: bool = field(metadata={"env": "CASEDESK_PRODUCTION"})
    secure_cookies: bool = field(metadata={"env": "CASEDESK_SECURE_COOKIES"})
    port: int = field(metadata={"env": "PORT"})
    web_workers: int = field(metadata={"env": "WEB_WORKERS"})
    web_threads: int = field(metadata={"env": "WEB_THREADS"})
    base_url: str = field(metadata={"env": "BASE_URL"})
    trusted_proxies: int = field(metadata={"env": "TRUSTED_PROXIES"})
    time_zone: str = field(metadata={"env": "CASEDESK_TIME_ZONE"})
    smtp_url: str = field(metadata={"env": "SMTP_URL"}, repr=False)
    mail_from: str = field(metadata={"env": "MAIL_FROM"})
    blob_store: str = field(metadata={"env": "BLOB_STORE"})
    s3_endpoint: str = field(metadata={"env": "S3_ENDPOINT"})
    s3_bucket: str = field(metadata={"env": "S3_BUCKET"})
    max_upload_mb: int = field(metadata={"env": "MAX_UPLOAD_MB"})

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Settings from `environ` (the process's own by default). Raises SettingsError naming every fault."""
        env = os.environ if environ is None else environ
        faults: list[str] = []
        data_dir = Path(env.get("CASEDESK_DATA", "var")).resolve()
        settings = cls(
            database_url=_database_url(env.get("DATABASE_URL", ""), data_dir, faults),
            redis_url=_one_of_schemes(env, "REDIS_URL", ("redis://", "rediss://", "unix://"), faults),
            secret_key=env.get("SECRET_KEY", DEMO_SECRET),
            audit_key=env.get("AUDIT_KEY", DEMO_SECRET),
            data_dir=data_dir,
            production=_flag(env, "CASEDESK_PRODUCTION", False, faults),
            secure_cookies=_flag(
                env, "CASEDESK_SECURE_COOKIES", env.get("BASE_URL", "").startswith("https:"), faults
            ),
            port=_whole(env, "PORT", 8000, 1, 65535, faults),
            web_workers=_whole(env, "WEB_WORKERS", 1, 1, 64, faults),
            web_threads=_whole(env, "WEB_THREADS", 8, 1, 64, faults),
            base_url=env.get("BASE_URL", "").rstrip("/"),
            trusted_proxies=_whole(env, "TRUSTED_PROXIES", 0, 0, 10, faults),
            time_zone=_zone(env.get("CASEDESK_TIME_ZONE", "Europe/Paris"), faults),
            smtp_url=_one_of_schemes(env, "SMTP_URL", ("smtp://", "smtps://"), faults),
            mail_from=env.get("MAIL_FROM", "desk@localhost.example"),
            blob_store=env.get("BLOB_STORE", "disk"),
            s3_endpoint=env.get("S3_ENDPOINT", ""),
            s3_bucket=env.get("S3_BUCKET", ""),
            max_upload_mb=_whole(env, "MAX_UPLOAD_MB", 25, 1, 1024, faults),
        )
        faults += settings._faults()
        if faults:
            raise SettingsError("casedesk cannot start:\n" + "\n".join(f"- {fault}" for fault in faults))
        return settings

    def _faults(self) -> list[str]:
        faults = []
        if self.production:
            for name, value in (("SECRET_KEY", self.secret_key), ("AUDIT_KEY", self.audit_key)):
                if value == DEMO_SECRET or len(value) < 32:
                    faults.append(
                        f"{name}: production needs a secret of its own, 32 characters or more; "
                        f'for example the output of: python -c "import secrets; print(secrets.token_hex(32))"'
                    )
            if self.secret_key == self.audit_key:
                faults.append("AUDIT_KEY: must differ from SECRET_KEY, so that losing one does not lose both")
        if self.blob_store not in ("disk", "s3"):
            faults.append(f"BLOB_STORE: {self.blob_store!r} is neither 'disk' nor 's3'")
        if self.blob_store == "s3" and not self.s3_bucket:
            faults.append("S3_BUCKET: BLOB_STORE=s3 needs the name of a bucket")
        return faults

    def described(self) -> list[tuple[str, str]]:
        """Name in the environment and value, secrets left out, for `doctor`."""
        return [
            (one.metadata["env"], str(getattr(self, one.name)) if one.repr else "(set)")
            for one in fields(self)
        ]


def new_secret() -> str:
    """A fresh secret for SECRET_KEY or AUDIT_KEY."""
    return secrets.token_hex(32)


def _database_url(text: str, data_dir: Path, faults: list[str]) -> str:
    if not text:
        return f"sqlite:///{data_dir / 'casedesk.sqlite3'}"
    if text.startswith("postgres://"):
        text = "postgresql://" + text.removeprefix("postgres://")
    if text.startswith("postgresql://"):
        return "postgresql+psycopg://" + text.removeprefix("postgresql://")
    if not text.startswith(("sqlite:///", "postgresql+psycopg://")):
        faults.append("DATABASE_URL: must start with sqlite:/// or postgresql://")
    return text


def _one_of_schemes(env: Mapping[str, str], name: str, schemes: tuple[str, ...], faults: list[str]) -> str:
    text = env.get(name, "")
    if text and not text.startswith(schemes):
        faults.append(f"{name}: must start with {' or '.join(schemes)}")
    return text


def _flag(env: Mapping[str, str], name: str, default: bool, faults: list[str]) -> bool:
    text = env.get(name, "").strip().lower()
    if text in ("1", "true", "yes", "on"):
        return True
    if text in ("0", "false", "no", "off"):
        return False
    if text:
        faults.append(f"{name}: {text!r} is neither 1 nor 0")
    return default


def _whole(env: Mapping[str, str], name: str, default: int, low: int, high: int, faults: list[str]) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not text.isdecimal() or not low <= int(text) <= high:
        faults.append(f"{name}: {text!r} is not a whole number from {low} to {high}")
        return default
    return int(text)


def _zone(text: str, faults: list[str]) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        faults.append(f"CASEDESK_TIME_ZONE: {text!r} is no time zone, for example Europe/Paris")
    return text
