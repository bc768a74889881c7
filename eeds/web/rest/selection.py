"""Fields of a body that says which projects it is about, by `projects`, `project_names`, `project_block`, `group` or
`filter`, or which runs."""

from collections.abc import Callable, Mapping
from typing import Any

from marshmallow import ValidationError, fields
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.errors import Invalid, texts_in
from eeds.projects.selection import (
    ALL_PROJECTS,
    WHICH,
    Selection,
    parse_selection,
    select_block,
    select_filter,
    select_group,
    select_names,
    with_named,
)
from eeds.runs.changes import ChosenRuns, parse_chosen_runs
from eeds.web.context import principal, session
from eeds.web.rest.fields import Char, Parsed

NAMES = ("projects", "project_names", "project_block", "group", "filter")
FILTER = {"climate_zone": {"in": ["5A", "6A"]}, "run_status": "SUCCESS"}


class SelectionOfProjects(Parsed):
    """`all`, ids and ranges of ids as 1+3-5, or a list of ids and names."""

    def __init__(self, **options: Any) -> None:
        items = {"type": ["integer", "string"]}
        forms = [{"type": "string", "examples": ["all", "1+3-5"]}, {"type": "array", "items": items}]
        text = "`all`, `1+3-5`, or a list of ids and of project_ids that are no numbers."
        super().__init__(metadata={"anyOf": forms, "description": text}, **options)

    def parse(self, value: Any) -> Selection:
        """The projects that are meant."""
        return parse_selection(value)


class SelectionByMeaning(Parsed):
    """Projects that are selected by what is stored; `select` raises Invalid."""

    def __init__(self, select: Callable[[Session, Principal, Any], Selection], **metadata: Any) -> None:
        super().__init__(load_only=True, metadata=metadata)
        self.select = select

    def parse(self, value: Any) -> Selection:
        """The projects that are meant."""
        try:
            return self.select(session(), principal(), value)
        except Invalid as error:
            raise ValueError(*texts_in(error.messages)) from error


def selection_by_group() -> SelectionByMeaning:
    """The projects of a group."""
    forms = [{"type": "integer"}, {"type": "string", "examples": ["North"]}]
    return SelectionByMeaning(select_group, anyOf=forms, description="The id or the name of a group.")


def selection_by_filter() -> SelectionByMeaning:
    """The projects that meet a filter."""
    forms = [{"type": "object", "examples": [FILTER]}, {"type": "string"}]
    return SelectionByMeaning(select_filter, anyOf=forms, description="A filter, see `groups`, or its JSON as a text.")


def selection_by_names() -> fields.List[Any]:
    """Projects by their names alone."""
    return fields.List(
        Char(), load_only=True, metadata={"description": "project_ids of projects, also those that are numbers."}
    )


class RunsById(Parsed):
    """Ids of runs and ranges of them as 7-9+11, or a list of ids."""

    def __init__(self) -> None:
        forms = [{"type": "string", "examples": ["7-9+11"]}, {"type": "array", "items": {"type": "integer"}}]
        super().__init__(metadata={"anyOf": forms, "description": "`7-9+11`, or a list of ids of runs."})

    def parse(self, value: Any) -> ChosenRuns:
        """The runs that are meant."""
        return parse_chosen_runs(value)


def require_one_selection(data: Mapping[str, Any]) -> None:
    """Raises ValidationError unless a loaded body says in one way which projects it is about."""
    if sum(name in data for name in NAMES) != 1:
        raise ValidationError(WHICH)


def require_at_most_one_selection(data: Mapping[str, Any]) -> None:
    """Raises ValidationError for several, which would have to agree."""
    if any(name in data for name in NAMES):
        require_one_selection(data)


def selection_in(data: Mapping[str, Any]) -> Selection:
    """The projects that a loaded body asks for; all if it names none. Raises Invalid for a name that none has, or
    several."""
    if "project_block" in data:
        return select_block(data["project_block"])
    if "project_names" in data:
        return with_named(session(), principal(), select_names(data["project_names"]))
    chosen: Selection = next((data[name] for name in NAMES if name in data), ALL_PROJECTS)
    return with_named(session(), principal(), chosen)
