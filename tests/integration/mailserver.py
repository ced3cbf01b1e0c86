"""Real mail servers on the loopback that take, refuse, dawdle or die, and remember what they were given."""

import asyncio
import email
import socket
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Post:
    """A handler that takes every mail; `refuse` answers RCPT, `answer` answers the mail itself."""

    def __init__(self, *, refuse: str = "", answer: str = "250 taken") -> None:
        self.refuse, self.answer = refuse, answer
        self.raw: list[bytes] = []

    async def handle_RCPT(  # noqa: N802 - the server's name for it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuse:
            return self.refuse
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.raw.append(cast(bytes, envelope.content))
        return self.answer

    @property
    def mails(self) -> list[EmailMessage]:
        return [cast(EmailMessage, email.message_from_bytes(raw, policy=default)) for raw in self.raw]


class Slow(Post):
    """Takes the mail and thinks about it for longer than anybody waits."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await super().handle_DATA(server, session, envelope)
        await asyncio.sleep(2)
        return self.answer


class Dying(Post):
    """Takes the first `times` mails whole and hangs up before it has answered."""

    def __init__(self, times: int = 1) -> None:
        super().__init__()
        self.times = times

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> Any:  # noqa: N802
        await super().handle_DATA(server, session, envelope)
        if len(self.raw) <= self.times:
            cast(asyncio.Transport, server.transport).abort()
        return self.answer


class MailServer(Controller):
    """The handler `post`, listening on a free port of the loopback."""

    def __init__(self, post: Post, **options: Any) -> None:
        self.post = post
        super().__init__(post, hostname="127.0.0.1", port=free_port(), **options)

    def __enter__(self) -> "MailServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
