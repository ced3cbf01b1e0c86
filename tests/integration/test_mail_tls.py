"""Mails over TLS, from the first byte and by STARTTLS, to a server whose certificate is checked."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from casedesk.channels.smtp import Server, deliver
from casedesk.store.work import NotDone
from tests.integration.mailserver import MailServer, Post

Key = ec.EllipticCurvePrivateKey


@pytest.fixture
def authority(tmp_path: Path) -> tuple[Path, Key, x509.Certificate]:
    """A certificate authority of this test's own, as a file that SSL_CERT_FILE can name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    made = (
        _builder(name, name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "authority.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return file, key, made


def _builder(subject: x509.Name, issuer: x509.Name, key: Key) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
    )


def certified(authority: tuple[Path, Key, x509.Certificate], folder: Path, host: str) -> ssl.SSLContext:
    """The server's side: a certificate of the authority for `host`."""
    _file, issuer_key, issuer = authority
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        _builder(name, issuer.subject, key)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(host))]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False
        )
        .sign(issuer_key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / f"server-{host}.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


def a_mail() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"] = "desk@cimes.example", "zoe@courrier.example"
    mail["Subject"], mail["Message-ID"] = "Bonjour", "<1@cimes.example>"
    mail.set_content("Votre dossier avance.")
    return mail


WAYS = ("smtps", "starttls")


class _Tls(MailServer):
    """From the first byte; the controller's own first knock knows the certificate no more than anybody else."""

    def _trigger_server(self) -> None:
        unchecked = ssl._create_unverified_context()
        import socket

        with (
            socket.create_connection((self.hostname, self.port), 5) as plain,
            unchecked.wrap_socket(plain) as tls,
        ):
            tls.recv(100)


def listening(way: str, context: ssl.SSLContext, **options: Any) -> MailServer:
    if way == "smtps":
        return _Tls(Post(), ssl_context=context, **options)
    return MailServer(Post(), tls_context=context, require_starttls=True, **options)


def server_of(way: str, server: MailServer) -> Server:
    scheme = "smtps" if way == "smtps" else "smtp"
    return Server.from_url(f"{scheme}://127.0.0.1:{server.port}")


@pytest.fixture
def trusted(authority: tuple[Path, Key, x509.Certificate], monkeypatch: pytest.MonkeyPatch) -> None:
    """As an operator does it: SSL_CERT_FILE names the authority."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority[0]))


@pytest.mark.parametrize("way", WAYS)
def test_a_mail_goes_encrypted_to_a_server_whose_certificate_holds(
    way: str, authority: Any, trusted: None, tmp_path: Path
) -> None:
    with listening(way, certified(authority, tmp_path, "127.0.0.1")) as server:
        deliver(server_of(way, server), a_mail())
        assert [mail["Subject"] for mail in server.post.mails] == ["Bonjour"]


@pytest.mark.parametrize("way", WAYS)
def test_a_certificate_of_an_unknown_authority_gets_no_mail(way: str, authority: Any, tmp_path: Path) -> None:
    with listening(way, certified(authority, tmp_path, "127.0.0.1")) as server:
        with pytest.raises(NotDone, match="certificate verify failed"):
            deliver(server_of(way, server), a_mail())
        assert server.post.raw == []


@pytest.mark.parametrize("way", WAYS)
def test_a_certificate_of_another_host_gets_no_mail(
    way: str, authority: Any, trusted: None, tmp_path: Path
) -> None:
    with listening(way, certified(authority, tmp_path, "127.0.0.2")) as server:
        with pytest.raises(NotDone, match=r"IP address mismatch|certificate is not valid"):
            deliver(server_of(way, server), a_mail())
        assert server.post.raw == []


@pytest.mark.parametrize("way", WAYS)
def test_the_password_is_said_only_once_the_line_is_encrypted(
    way: str, authority: Any, trusted: None, tmp_path: Path
) -> None:
    heard: list[tuple[bytes, bool]] = []

    def known(_server: Any, session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        heard.append((data.password, session.ssl is not None or way == "smtps"))
        return AuthResult(success=data.password == b"pass word")

    context = certified(authority, tmp_path, "127.0.0.1")
    options = {"authenticator": known, "auth_required": True}
    if way == "smtps":
        options["auth_require_tls"] = False  # it is encrypted already; the server does not see that by itself
    with listening(way, context, **options) as server:
        deliver(replace(server_of(way, server), user="desk", password="pass word"), a_mail())
        assert heard == [(b"pass word", True)]
        assert len(server.post.raw) == 1


def test_a_password_goes_to_no_distant_server_without_encryption() -> None:
    with MailServer(Post()) as server:
        away = Server("127.0.0.1.nip.example", server.port, tls=False, user="desk", password="secret")
        with pytest.raises(NotDone):
            deliver(away, a_mail(), timeout_s=3)
        assert server.post.raw == []
