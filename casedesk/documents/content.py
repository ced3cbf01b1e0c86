"""What a letter says, as plain words: kept with the letter, so that it can be rendered again and is still the same."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class CalcRow:
    """One line of how the amount came about; `total` for the last."""

    label: str
    figure: str
    total: bool = False


@dataclass(frozen=True)
class Part:
    """A heading with its paragraphs, and the rows of a calculation where it has one."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    rows: tuple[CalcRow, ...] = ()


@dataclass(frozen=True)
class LetterContent:
    """A decision letter in the customer's language. `gist` is the sentence that stands in bold."""

    locale: str
    brand: str
    sender: tuple[str, ...]
    recipient: tuple[str, ...]
    dated: str
    reference: str
    subject: str
    salutation: str
    opening: str
    gist: str
    parts: tuple[Part, ...]
    signed: str
    signed_as: str
    company: str
    record: str
    digest: str
    page_word: str
    page_of: str

    def to_plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "LetterContent":
        values = dict(plain)
        values["sender"] = tuple(values["sender"])
        values["recipient"] = tuple(values["recipient"])
        values["parts"] = tuple(
            Part(
                part["heading"],
                tuple(part["paragraphs"]),
                tuple(CalcRow(row["label"], row["figure"], row["total"]) for row in part["rows"]),
            )
            for part in values["parts"]
        )
        return cls(**values)

    @property
    def text(self) -> str:
        """The letter as plain text: what the record keeps of it."""
        blocks = [self.subject, self.salutation, f"{self.opening} {self.gist}".strip()]
        for part in self.parts:
            rows = [f"{row.label}: {row.figure}" for row in part.rows]
            blocks.append("\n".join(line for line in (part.heading, *rows, *part.paragraphs) if line))
        blocks += ["\n".join((self.signed, self.signed_as))]
        return "\n\n".join(block for block in blocks if block)
