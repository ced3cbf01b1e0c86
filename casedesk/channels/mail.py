"""Build the bytes of a mail. Pure: what is not in the `Outgoing` cannot get into the mail."""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from hashlib import sha256

from casedesk.channels.rules import Outgoing, address, one_line


def built(mail: Outgoing, pdf: bytes | None) -> EmailMessage:
    """The mail as a MIME message, with its PDF attached. Raises ValueError for an address that is none."""
    recipient, sender = address(mail.recipient), address(mail.sender)
    message = EmailMessage(policy=SMTPUTF8 if needs_utf8(recipient, sender) else SMTP)
    message["From"] = sender
    message["To"] = recipient
    message["Subject"] = one_line(mail.title)
    message["Date"] = mail.written_at
    message["Message-ID"] = mail.message_id
    if mail.in_reply_to:
        message["In-Reply-To"] = one_line(mail.in_reply_to)
        message["References"] = one_line(mail.in_reply_to)
    message.set_content(mail.text + "\n", cte="quoted-printable")
    if pdf is not None:
        message.add_attachment(
            pdf,
            maintype="application",
            subtype="pdf",
            filename=one_line(mail.attachment_name) or "letter.pdf",
        )
        message.set_boundary("=" + sha256(mail.message_id.encode()).hexdigest()[:40])
    return message


def needs_utf8(*addresses: Address) -> bool:
    """Is there a name before the @ that only servers with SMTPUTF8 carry?"""
    return not all(one.username.isascii() for one in addresses)
