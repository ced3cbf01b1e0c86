"""Hand a mail to the mail server, and say exactly how far it got.

NotDone: surely not taken, try again. Refused: never will be. Anything else that is raised: nobody knows, for
the mail had left and no answer came.
"""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from casedesk.channels.mail import needs_utf8
from casedesk.store.work import NotDone, Refused

TIMEOUT_S = 15.0


@dataclass(frozen=True)
class Server:
    """Where mails are handed over. `tls`: encrypted from the first byte; else STARTTLS where it is offered."""

    host: str
    port: int
    tls: bool
    user: str = ""
    password: str = ""

    @classmethod
    def from_url(cls, url: str) -> "Server":
        """``smtp://user:password@host:587`` or ``smtps://host:465``."""
        parts = urlsplit(url)
        tls = parts.scheme == "smtps"
        return cls(
            host=parts.hostname or "localhost",
            port=parts.port or (465 if tls else 587),
            tls=tls,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


def deliver(server: Server, message: EmailMessage, *, timeout_s: float = TIMEOUT_S) -> None:
    """The server has taken `message`. Raises NotDone, Refused, or what left it uncertain."""
    try:
        connection = _connected(server, timeout_s)
    except (OSError, smtplib.SMTPException) as error:
        raise NotDone(f"mail server {server.host}:{server.port}: {error}") from error
    try:
        _announce(connection, message)
        code, said = _hand_over(connection, message)
        _check(code, said)
    finally:
        _leave(connection)


def _connected(server: Server, timeout_s: float) -> smtplib.SMTP:
    secure = ssl.create_default_context()
    if server.tls:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=timeout_s, context=secure
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=timeout_s)
    try:
        connection.ehlo_or_helo_if_needed()
        encrypted = server.tls
        if not encrypted and connection.has_extn("starttls"):
            connection.starttls(context=secure)
            connection.ehlo()
            encrypted = True
        if server.user:
            if not encrypted and not _is_here(server.host):
                raise smtplib.SMTPException("offers no encryption, so the password is not sent")
            connection.login(server.user, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _announce(connection: smtplib.SMTP, message: EmailMessage) -> None:
    """Sender and recipient are accepted; nothing has been handed over so far."""
    sender, recipient = (message[name].addresses[0] for name in ("From", "To"))
    options = []
    if needs_utf8(sender, recipient):
        if not connection.has_extn("smtputf8"):
            raise Refused(f"the mail server cannot write to {recipient.addr_spec}")
        options.append("SMTPUTF8")
    try:
        _check(*connection.mail(sender.addr_spec, options))
        _check(*connection.rcpt(recipient.addr_spec))
    except (OSError, smtplib.SMTPException) as error:
        raise NotDone(str(error)) from error


def _hand_over(connection: smtplib.SMTP, message: EmailMessage) -> tuple[int, bytes]:
    try:
        return connection.data(message.as_bytes())
    except smtplib.SMTPDataError as error:  # DATA itself was not accepted: the mail is still here
        return error.smtp_code, _bytes(error.smtp_error)


def _check(code: int, said: bytes) -> None:
    text = f"{code} {said.decode('utf-8', 'replace')}"
    if 400 <= code < 500 or code < 0:
        raise NotDone(text)
    if code >= 500:
        raise Refused(text)


def _leave(connection: smtplib.SMTP) -> None:
    """Say goodbye; whether the server still answers changes nothing any more."""
    try:
        connection.quit()
    except (OSError, smtplib.SMTPException):
        connection.close()


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
