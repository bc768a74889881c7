"""What one value of a field must be, as SQL or of a value at hand."""

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, String

from eeds.db.array_parameters import among

ORDERS: Mapping[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True)
class Criterion:
    """Is there (`present`), is one of some (`in`), is smaller or larger, or `contains` a text in any capitals."""

    operator: str
    operand: Any = None

    def sql(self, column: Any) -> ColumnElement[bool]:
        """The condition on a column; it may be NULL where the column is."""
        match self.operator:
            case "present":
                condition = column.is_not(None)
            case "in":
                condition = among(column, self.operand)
            case "contains":
                condition = column.icontains(self.operand, autoescape=True)
            case order:
                # by code point, as everywhere else, whatever the language of the database
                key = column.collate("C") if isinstance(column.type, String) else column
                condition = ORDERS[order](key, self.operand)
        return condition  # type: ignore[no-any-return]

    def holds(self, value: Any) -> bool:
        """Whether a value meets it."""
        match self.operator:
            case "present":
                return True
            case "in":
                return value in self.operand
            case "contains":
                return self.operand.lower() in value.lower()
            case order:
                return bool(ORDERS[order](value, self.operand))


PRESENT = Criterion("present")
