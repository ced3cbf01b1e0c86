"""The channels by which one speaks with a customer. One search finds every member."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Channel:
    """`live`: the answer falls while one speaks. `carried`: the desk itself sends what goes out by it."""

    name: str
    live: bool
    carried: bool


CHANNELS: dict[str, Channel] = {
    channel.name: channel
    for channel in (
        Channel("mail", live=False, carried=True),
        Channel("phone", live=True, carried=False),
        Channel("chat", live=True, carried=False),
        Channel("letter", live=False, carried=False),
        Channel("portal", live=False, carried=False),
        Channel("meeting", live=True, carried=False),
    )
}
