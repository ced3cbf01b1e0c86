"""What a person reads where a row, a file or a mapping cannot be taken: what is wrong and what to change."""

from flask_babel import lazy_gettext as _l

from casedesk.imports.faults import MappingFault, RowFault

FAULTS = {
    # files
    "import.file_empty": _l("The file is empty. Choose a file with a head line and rows."),
    "import.file_damaged": _l("The file cannot be read to its end. Save or export it again."),
    "import.file_too_large": _l(
        "Unpacked, the file is larger than %(limit)s MB. Split it and import the parts."
    ),
    "import.file_missing": _l("The file “%(file)s”, which the mapping joins, is not there. Add it."),
    "import.encoding_unknown": _l(
        "There is no encoding “%(encoding)s”. Write one like utf-8 or cp1252 in the mapping, or leave it out."
    ),
    "import.encoding_wrong": _l(
        "The file is not in %(encoding)s (byte %(byte)s does not fit). Correct the encoding in the mapping, or leave it out."
    ),
    "import.separator": _l(
        "The separator “%(separator)s” is not one character. Write one like ; in the mapping, or leave it out."
    ),
    "import.json_broken": _l(
        "The file is not JSON: %(reason)s. Write one object a line, or one list of objects."
    ),
    "import.excel_damaged": _l(
        "The file looks like Excel but cannot be opened. Save it again as .xlsx or as CSV."
    ),
    "import.no_sheet": _l("There is no sheet “%(sheet)s”. The file has: %(sheets)s."),
    "import.no_column": _l(
        "The mapping reads columns that the file does not have: %(missing)s. The file has: %(there)s."
    ),
    "import.no_column_in": _l(
        "The joined file “%(file)s” has no column %(missing)s. Correct the join in the mapping."
    ),
    "import.no_entity": _l(
        "The desk has no such legal entity, and the mapping does not describe it. Add to [entity]: %(names)s."
    ),
    # mappings
    "import.toml": _l("The mapping is not TOML: %(reason)s."),
    "import.kind": _l("“%(text)s” is no kind of import. Write kind = one of: %(choices)s."),
    "import.other_kind": _l(
        "This mapping is for %(kind)s, not for %(wanted)s. Choose the other kind or another mapping."
    ),
    "import.source": _l('Name the source, so that its references are known again: source = "old-desk".'),
    "import.field": _l("%(kind)s have no field “%(name)s”. They have: %(known)s."),
    "import.field_missing": _l("The mapping does not say where “%(name)s” comes from. Add it to [fields]."),
    "import.field_rule": _l("Field “%(name)s” needs exactly one of: %(sources)s."),
    "import.date_pattern": _l(
        "“%(text)s” of field “%(name)s” is no date format. Write one like DD-MM-YYYY hh:mm."
    ),
    "import.unit": _l("The unit “%(text)s” of field “%(name)s” is neither major (12.50) nor minor (1250)."),
    "import.decimal": _l("The decimal mark “%(text)s” of field “%(name)s” is neither . nor a comma."),
    "import.join": _l('Join “%(name)s” needs a file and on = { our_column = "their_column" }.'),
    "import.match": _l("[match] lacks: %(names)s."),
    "import.table": _l("“%(name)s” of the mapping is not written as a table. Look at one of the examples."),
    "import.type": _l(
        "“%(name)s” of the mapping is of the wrong type. Text stands in quotes, true and false do not."
    ),
    "import.unknown_name": _l("The mapping knows no “%(name)s”. Known here: %(known)s."),
    # cells
    "import.row_broken": _l("This row cannot be read: %(reason)s. Correct quotes and line ends."),
    "import.no_object": _l("This line is JSON but no object. Write one { } with names and values."),
    "import.cells": _l(
        "This row has %(cells)s cells, the head has %(columns)s. A separator inside a text needs quotes around the text."
    ),
    "import.cell_too_long": _l("A cell is longer than %(limit)s characters. Shorten it."),
    "import.missing": _l("%(at)s is empty. Fill column %(column)s."),
    "import.not_in_table": _l(
        "%(at)s: the mapping does not say what “%(text)s” of column %(column)s is. Add it to the table, or add otherwise."
    ),
    "import.fact": _l("“%(text)s” cannot be read as the fact “%(fact)s”."),
    "import.stated": _l("%(name)s cannot be read. %(expected)s"),
    "import.choice": _l("%(at)s: “%(text)s” is not one of: %(choices)s."),
    "import.flag": _l("%(at)s: “%(text)s” is neither yes nor no."),
    "import.whole": _l("%(at)s: “%(text)s” is no whole number."),
    "import.date_form": _l("%(at)s: “%(text)s” is not written as %(form)s."),
    "import.date_not_real": _l("%(at)s: “%(text)s” is a date or hour that does not exist."),
    "import.date_year": _l("%(at)s: the year of “%(text)s” is out of range, %(first)s to %(last)s."),
    "import.hour_not_real": _l("%(at)s: “%(text)s” does not exist in %(zone)s, the clocks go forward then."),
    "import.amount": _l(
        '%(at)s: “%(text)s” is no amount. Write it like 12.50, or set decimal = "," in the mapping.'
    ),
    "import.finer": _l(
        "%(at)s: %(amount)s %(currency)s is finer than the currency has coins. Correct the price or the quantity."
    ),
    "import.negative": _l(
        "%(at)s: %(amount)s is below zero. Correct the sign, or add negate = true to the mapping."
    ),
    "import.too_large": _l("%(at)s: %(amount)s is more than the ledger can hold. Check the figure."),
    "import.no_currency": _l('%(at)s: the amount has no currency. Name it in the mapping: currency = "EUR".'),
    "import.currency": _l("“%(text)s” is no currency. Write its three letters, like EUR."),
    "import.zone": _l("“%(text)s” is no time zone. Write one like Europe/Paris."),
    "import.locale": _l("“%(text)s” is no language. Write two letters, like fr."),
    "import.country": _l(
        "“%(text)s” is no country. Write its two letters, like FR, or give the mapping a table."
    ),
    "import.held_back": _l(
        "Held back with row %(row)s, which belongs to the same thing. Correct that row; leave this one."
    ),
    # what a row points at
    "import.reference_taken": _l(
        "The reference “%(reference)s” is in use for something that did not come from this source. Give this row another one."
    ),
    "import.no_customer": _l(
        "No customer “%(reference)s” is known. Import the customers first, or correct the reference."
    ),
    "import.no_subscription": _l(
        "No subscription “%(reference)s” is known. Import the subscriptions first, or correct the reference."
    ),
    "import.no_charge": _l(
        "No charge “%(reference)s” is known. Import the charges first, or correct the reference."
    ),
    "import.no_case": _l("No case “%(reference)s” is known. Import the cases first, or correct the number."),
    "import.no_plan": _l(
        "No plan “%(plan)s” is known. Add it, or describe new plans in [plan] of the mapping."
    ),
    "import.no_terms": _l(
        "No terms “%(terms)s” are known. Add them, or describe them in [terms] of the mapping with code and valid_from."
    ),
    "import.not_theirs": _l("“%(reference)s” belongs to another customer. Correct the reference."),
    "import.cause": _l(
        "The cause “%(cause)s” is not in the list. Map it to one that is, or describe it in [causes] of the mapping."
    ),
    "import.ends_before": _l(
        "It ends on %(ends)s, before or when it starts (%(starts)s). Correct one of the dates."
    ),
    "import.in_future": _l("%(at)s lies in the future. Correct the date."),
    "import.exposure_twice": _l(
        "The week of %(week)s stands in the file twice for this source and product. Keep one of the rows."
    ),
    "import.waiting_approval": _l(
        "A case cannot come waiting for approval: the proposal is not in the file. Import it as open."
    ),
    "import.closed_needs_outcome": _l("A closed case needs an outcome. Fill it, or map a value for it."),
    "import.refund_too_much": _l(
        "More was refunded than is left of charge “%(charge)s”. Check the amount and the charge."
    ),
    "import.refused": _l("The desk refused this row: %(reason)s."),
    "import.unexpected": _l(
        "This row could not be stored (%(kind)s). Check its values; the desk's log has more."
    ),
}


def sentence(fault: RowFault) -> str:
    """What a person reads of `fault`, in the language of the reader."""
    return _said(fault.code, {"at": fault.at} | fault.params)


def sentences(fault: MappingFault) -> list[str]:
    return [_said(code, {"at": ""} | params) for code, params in fault.faults]


def _said(code: str, params: dict[str, object]) -> str:
    return str(FAULTS[code]) % params


ERRORS = {
    "import.started": _l("This import was started already. See below how far it is."),
    "import.gone": _l("The file of this import is no longer kept. Upload it again."),
}
