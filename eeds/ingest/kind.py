"""What a kind of bulk-loaded record is, and how its rows come out of a JSON body.

A body is decoded straight into typed structs, at several million records a second. One that does not fit is read again
field by field: that finds what is wrong and where, and takes what is unusual but right, as numbers sent as text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from eeds.auth import Principal
from eeds.ingest.columns import Column, read_fields
from eeds.ingest.report import Counts, MalformedBody, Refusal, Refused
from eeds.messages import not_an_object
from eeds.values import parse_json


@dataclass(frozen=True)
class Kind:
    """A kind of record. `check` says what is wrong with a well typed row, as (field, message); None: nothing."""

    name: str
    row: type[msgspec.Struct]
    columns: Mapping[str, Column]
    check: Callable[[Any], tuple[str, str] | None]
    store: Callable[[Session, Principal, Sequence[Any]], Counts]

    @cached_property
    def decoder(self) -> msgspec.json.Decoder[Any]:
        """From JSON into rows."""
        return msgspec.json.Decoder(list[self.row])  # type: ignore[name-defined]

    def rows(self, body: bytes) -> Sequence[Any]:
        """The checked rows of a JSON list, or of one object; raises MalformedBody, or Refused with every bad record."""
        try:
            decoded: Sequence[Any] = self.decoder.decode(body)
        except msgspec.DecodeError:
            return self.rows_of(items_of(body))
        check = self.check
        if any(check(row) for row in decoded):
            return self.rows_of(items_of(body))
        return decoded

    def rows_of(self, items: Sequence[Any]) -> Sequence[Any]:
        """The same for items decoded elsewhere, field by field."""
        rows: list[Any] = []
        refusals: list[Refusal] = []
        for index, item in enumerate(items):
            values, wrong = read_fields(self.columns, index, item)
            if not wrong:
                rows.append(self.row(**values))
                wrong = self.checked(index, item, rows[-1])
            refusals += wrong
        if refusals:
            raise Refused(refusals, len(items))
        return rows

    def checked(self, index: int, item: Mapping[str, Any], row: Any) -> list[Refusal]:
        """What `check` finds, as a refusal."""
        found = self.check(row)
        return [Refusal(index, found[0], item.get(found[0]), found[1])] if found else []


def items_of(body: bytes) -> Sequence[Any]:
    """The records of a JSON body, undecoded values and all; raises MalformedBody, or Refused for what is no record."""
    try:
        decoded = parse_json(body) if body.strip() else {}
    except ValueError as error:
        raise MalformedBody(f"JSON parse error - {error}") from error
    if isinstance(decoded, list):
        return decoded
    if isinstance(decoded, Mapping):
        return [decoded]
    raise Refused([Refusal(0, None, decoded, not_an_object(decoded))], 1)
