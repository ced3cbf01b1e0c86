"""What the accountant types."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from casedesk.web.form import DeskForm


class ConfirmForm(DeskForm):
    """A refund that was paid by hand, with the bank's reference."""

    reference = StringField(
        _l("Reference of the payment"),
        [
            DataRequired(_l("Type the bank's reference of the payment, so that it can be found again.")),
            Length(max=80, message=_l("The reference is too long: %(max)d characters at most.")),
        ],
    )
