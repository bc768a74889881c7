"""Which column of a table is which field: people's own names are understood, and what is missing is said."""

from collections.abc import Sequence

from eeds.errors import MalformedBody
from eeds.formats.text_table import find_column, no_column
from eeds.records.fields import Field
from eeds.records.record_type import RecordType


class TableColumns:
    """The columns of one table of records; case and blanks around their names do not matter.

    `places` has the position of the column of each field, `fields` says how its cells are read, and `ignored` names
    the columns that nothing is made of. Raises MalformedBody if a column is missing, or is there twice.
    """

    def __init__(self, record_type: RecordType, header: Sequence[str]) -> None:
        self.record_type = record_type
        self.header = [name.strip() for name in header]
        self.names = [name.lower() for name in self.header]
        self.places: dict[str, int] = {}
        self.fields: dict[str, Field] = {}
        absent = self.absent_alternatives()
        for name, field in record_type.fields.items():
            if name in absent:
                continue
            place = find_column(self.header, field.column_names or (name,), is_optional=field.is_optional)
            if place is not None:
                self.places[name] = place
            self.fields[name] = field.in_table("" if place is None else self.names[place])
        for name, place in list(self.places.items()):
            column_name, demanded = record_type.fields[name].demands
            if self.names[place] == column_name and demanded not in self.places:
                raise no_column(self.header, record_type.fields[demanded].column_names or (demanded,))
        used = set(self.places.values())
        self.ignored = [name for place, name in enumerate(self.header) if name and place not in used]

    def absent_alternatives(self) -> set[str]:
        """The fields that the table lacks of those of which a record has exactly one."""
        one_of = self.record_type.one_of
        present = {name for name in one_of if name in self.names}
        if one_of and len(present) != 1:
            what = f"one column of {self.record_type.noun}, {' or '.join(one_of)}"
            raise MalformedBody(f"The table must have {what}; it has {len(present)}.")
        return set(one_of) - present

    def column_of(self, field: str) -> str:
        """What the table calls the column of a field."""
        return self.header[self.places[field]] if field in self.places else field

    def advice_on(self, field: str, message: str) -> str:
        """What to do about a message on a field; empty if nothing is to be said."""
        return next((advice for part, advice in self.fields[field].advice.items() if part in message), "")
