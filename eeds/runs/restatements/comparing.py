"""The comparison of two results of a project: read from the database, then computed without it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from eeds.db.engine import PsycopgConnection, psycopg_connection
from eeds.db.tables import ProjectResult
from eeds.errors import EedsError
from eeds.meter.provenance import versions
from eeds.meter.types import MeterResult, NotModelled
from eeds.runs.restatements.pairs import savings_of_result
from eeds.runs.restatements.steps import LIBRARY, UNEXPLAINED, Key, Movement, Savings, Stage, movements, stages
from eeds.runs.restatements.stored_input import MeterInput, StoredInput, combined, stored_input
from eeds.runs.results.savings import METHODS

Compute = Callable[[MeterInput], MeterResult]
NOT_PROVEN = (
    "What result {} was computed from could not be put together again exactly: some of it was changed before changes"
    " were kept. What does not follow from what is known is not explained."
)

DELETED = "Result {} has been deleted since."


@dataclass(frozen=True)
class Side:
    """One of the two results: its savings, what it was computed from, and whether by what computes now."""

    id: int
    savings: Savings
    input: StoredInput
    same_library: bool

    @property
    def is_known(self) -> bool:
        """What is stored is what would be computed."""
        return self.same_library and self.input.is_proven

    @property
    def rest(self) -> str:
        """The cause of what lies between what is stored and what computes from the same now: the library, if the input
        is known to be the same, and the library not."""
        return LIBRARY if self.input.is_proven and not self.same_library else UNEXPLAINED


@dataclass(frozen=True)
class Comparison:
    """Of two results; `inputs` are those of the stages, or why one has none."""

    before: Side
    after: Side
    inputs: Sequence[MeterInput | str]

    def movements(self, compute: Compute) -> tuple[Mapping[Key, Movement], Sequence[str]]:
        """What moved from one to the other, and what is to be known of it. Nothing is computed that is stored, or
        twice."""
        known = {side.input.sha256: Stage(side.savings) for side in (self.before, self.after) if side.is_known}
        found: list[Stage] = []
        for input in self.inputs:
            if isinstance(input, str):  # nothing is known of the step: its part is that of the next one too
                found.append(Stage(found[-1].savings if found else self.before.savings, input))
                continue
            if input.sha256 not in known:
                known[input.sha256] = stage_of(input, compute)
            found.append(known[input.sha256])
        rests = self.before.rest, self.after.rest
        moved = movements(self.before.savings, self.after.savings, found, rests=rests)
        return moved, self.notes(found)

    def notes(self, found: Sequence[Stage]) -> Sequence[str]:
        """What is to be known of the figures."""
        sides = (self.before, self.after)
        unproven = [NOT_PROVEN.format(side.id) for side in sides if not side.input.is_proven]
        return [*unproven, *sorted({stage.note for stage in found if stage.note})]


def read_comparison(session: Session, before_id: int, after_id: int) -> Comparison:
    """Read what two results of a project were computed from. Raises EedsError where one does not say it."""
    before, after = side_of(session, before_id), side_of(session, after_id)
    connection = psycopg_connection(session)
    inputs = [input_of(connection, [after.input if later else before.input for later in taken]) for taken in stages()]
    return Comparison(before, after, inputs)


def side_of(session: Session, result_id: int) -> Side:
    """A result."""
    result = session.get(ProjectResult, result_id)
    if result is None:
        raise EedsError(DELETED.format(result_id))
    input = stored_input(session, result)
    same_library = (result.provenance or {})["versions"] == versions()
    return Side(result.id, savings_of_result(session, result_id), input, same_library)


def input_of(connection: PsycopgConnection, parts: Sequence[StoredInput]) -> MeterInput | str:
    """What a stage is computed from, or why it cannot be."""
    try:
        return combined(connection, *parts)
    except EedsError as error:
        return str(error)


def stage_of(input: MeterInput, compute: Compute) -> Stage:
    """The savings that an input gives."""
    try:
        result = compute(input)
    except NotModelled as error:
        return Stage({}, str(error))
    sums = result.savings_aggregations
    found = {(each.trace_interpretation, name): getattr(each, name) for each in sums for name in METHODS}
    return Stage({key: savings.value for key, savings in found.items() if savings is not None})
