"""What a kind of bulk-loaded record is: its fields, how each is read, what else must hold, and where it goes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import msgspec
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.db.binary_copy import Columns
from eeds.records.batch import Segment
from eeds.records.fields import Column, read_fields
from eeds.records.refusals import Counts, Refusal


class Sink(Protocol):
    """Where the records of one load go, in the session's transaction."""

    def add(self, segment: Segment) -> Sequence[Refusal]:
        """Take the good records of a segment; the refusals of those that the database knows to be bad."""

    def check(self, segment: Segment) -> Sequence[Refusal]:
        """Those refusals alone: what has been taken will not be stored anyway."""

    def finish(self) -> Counts:
        """Store what was taken."""


@dataclass(frozen=True)
class Decoding:
    """How JSON is decoded into whole columns: by rows of a type that costs little, of which `columns` makes columns.
    It returns None, or raises msgspec.DecodeError, if some row is not as usual, or not right."""

    row: type[msgspec.Struct]
    columns: Callable[[Sequence[Any]], Columns | None]


@dataclass(frozen=True)
class Kind:
    """A kind of record. `check` says what is wrong with a well typed row, as (field, message), or None; `all_right`
    says whether it would find nothing in whole columns, which are not read as such where it is None; `sink` takes a
    session, the asker, and whether to hurry; JSON is decoded into rows unless `decoding` knows better."""

    name: str
    row: type[msgspec.Struct]
    columns: Mapping[str, Column]
    check: Callable[[Any], tuple[str, str] | None]
    all_right: Callable[[Columns], bool] | None
    sink: Callable[[Session, Principal, bool], Sink]
    decoding: Decoding | None = None

    @cached_property
    def decoder(self) -> msgspec.json.Decoder[Any]:
        """From a JSON list into rows."""
        return msgspec.json.Decoder(list[self.decoded])  # type: ignore[name-defined]

    @cached_property
    def line_decoder(self) -> msgspec.json.Decoder[Any]:
        """From lines of JSON into rows."""
        return msgspec.json.Decoder(self.decoded)

    @property
    def decoded(self) -> type[msgspec.Struct]:
        """What JSON is decoded into."""
        return self.decoding.row if self.decoding else self.row

    def typed(self, rows: Sequence[Any], first: int) -> Segment | None:
        """Decoded rows, the first of them in that place. Returns None, or raises msgspec.DecodeError, if one is not
        right."""
        places = range(first, first + len(rows))
        if self.decoding:
            columns = self.decoding.columns(rows)
            return None if columns is None else Segment(len(rows), places, columns=columns)
        check = self.check
        return None if any(check(row) for row in rows) else Segment(len(rows), places, rows)

    def untyped(self, items: Iterable[Any], first: int) -> Segment:
        """Items read field by field, which finds what is wrong with them, and takes what is unusual but right."""
        rows: list[Any] = []
        places: list[int] = []
        refusals: list[Refusal] = []
        sent = 0
        for index, item in enumerate(items, first):
            sent += 1
            values, wrong = read_fields(self.columns, index, item)
            if not wrong:
                row = self.row(**values)
                wrong = self.checked(index, item, row)
                if not wrong:
                    rows.append(row)
                    places.append(index)
            refusals += wrong
        return Segment(sent, places, rows, refusals=refusals)

    def checked(self, index: int, item: Mapping[str, Any], row: Any) -> list[Refusal]:
        """What `check` finds, as a refusal."""
        found = self.check(row)
        return [Refusal(index, found[0], item.get(found[0]), found[1], item)] if found else []
