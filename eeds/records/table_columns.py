"""Which column of a table is which field: people's own names are understood, and what is missing is said."""

from collections.abc import Sequence

from eeds.errors import MalformedBody
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
            if name not in absent:
                self.find(name, field)
        for name, place in list(self.places.items()):
            column_name, demanded = record_type.fields[name].demands
            if self.names[place] == column_name and demanded not in self.places:
                raise self.no_column(demanded)
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

    def find(self, name: str, field: Field) -> None:
        """Note the column of a field, the first by preference."""
        column = next((each for each in field.column_names or (name,) if each in self.names), "")
        count = self.names.count(column) if column else 0
        if count > 1:
            raise MalformedBody(f"The table has {count} columns {column}; leave the one that is meant.")
        if count:
            self.places[name] = self.names.index(column)
        elif not field.is_optional:
            raise self.no_column(name)
        self.fields[name] = field.in_table(column)

    def no_column(self, field: str) -> MalformedBody:
        """The error for a column that is missing."""
        names = self.record_type.fields[field].column_names or (field,)
        return MalformedBody(
            f"The table has no column {' or '.join(names)}; it has: {', '.join(self.header) or 'nothing'}."
        )

    def column_of(self, field: str) -> str:
        """What the table calls the column of a field."""
        return self.header[self.places[field]] if field in self.places else field

    def advice_on(self, field: str, message: str) -> str:
        """What to do about a message on a field; empty if nothing is to be said."""
        return next((advice for part, advice in self.fields[field].advice.items() if part in message), "")

    def meanings(self) -> list[str]:
        """The field that each column becomes; empty for one that is ignored."""
        fields = {place: field for field, place in self.places.items()}
        return [fields.get(place, "") for place in range(len(self.header))]
