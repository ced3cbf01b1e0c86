"""An upload: the file, what it holds, how its columns are meant."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired, MultipleFileField
from wtforms import TextAreaField
from wtforms.validators import Length

from casedesk.imports.faults import MappingFault
from casedesk.imports.kinds import KINDS
from casedesk.imports.mapping import Mapping, parse, shipped
from casedesk.imports.sentences import sentences
from casedesk.imports.wording import KIND_NAMES
from casedesk.store.uploads import safe_name
from casedesk.web.fields import ChoiceField
from casedesk.web.form import DeskForm


class UploadForm(DeskForm):
    kind = ChoiceField(_l("What the file holds"), choices=[(kind, KIND_NAMES[kind]) for kind in KINDS])
    example = ChoiceField(_l("Mapping"))
    toml = TextAreaField(_l("Or a mapping of your own"), [Length(max=100_000)])
    file = FileField(_l("File"), [FileRequired(_l("Choose the file to import."))])
    joined = MultipleFileField(_l("Files that the mapping joins"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.example.choices = [("", _("my own, below")), *((name, name) for name in shipped())]
        self.mapping: Mapping | None = None

    def validate(self, extra_validators: Any = None) -> bool:
        good = bool(super().validate(extra_validators))
        if self.example.errors:
            return False
        if not self.text:
            self.toml.errors = [*self.toml.errors, _("Choose an example, or write a mapping.")]
            return False
        try:
            self.mapping = parse(self.text)
        except MappingFault as fault:
            field = self.example if self.example.data else self.toml
            field.errors = [*field.errors, *sentences(fault)]
            return False
        if self.mapping.kind != self.kind.data:
            said = _("This mapping is for %(kind)s. Choose that above.", kind=KIND_NAMES[self.mapping.kind])
            self.kind.errors = [*self.kind.errors, said]
            return False
        return good

    @property
    def text(self) -> str:
        """The mapping: the example that was chosen, else what was written."""
        if self.example.data:
            return shipped()[self.example.data].read_text(encoding="utf-8")
        return (self.toml.data or "").strip()

    def joined_files(self) -> dict[str, bytes]:
        """The further files by their name."""
        return {safe_name(one.filename): one.read() for one in self.joined.data or () if one and one.filename}
