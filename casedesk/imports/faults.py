"""What can be wrong with a row, a file or a mapping: a code and its parameters; `sentences.py` says it."""


class RowFault(Exception):
    """One row cannot be taken; the sentence of `code` says what to change. `at` is the field of the mapping."""

    def __init__(self, code: str, at: str = "", **params: object) -> None:
        super().__init__(f"{code} {params}" if params else code)
        self.code = code
        self.at = at
        self.params = params


class FileFault(RowFault):
    """The whole file cannot be read: no row is taken."""


class MappingFault(Exception):
    """The mapping cannot be used; `faults` are (code, params), all that were found."""

    def __init__(self, faults: list[tuple[str, dict[str, object]]]) -> None:
        super().__init__("; ".join(f"{code} {params}" for code, params in faults))
        self.faults = faults
