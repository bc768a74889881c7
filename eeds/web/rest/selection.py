"""Fields of a body that says which projects it is about: `projects` or `project_block`."""

from collections.abc import Mapping
from typing import Any

from eeds.projects.selection import ALL_PROJECTS, Selection, parse_selection, select_block
from eeds.web.rest.fields import Parsed


class SelectionOfProjects(Parsed):
    """`all`, ids and ranges of ids as 1+3-5, or a list of ids."""

    def __init__(self) -> None:
        forms = [{"type": "string", "examples": ["all", "1+3-5"]}, {"type": "array", "items": {"type": "integer"}}]
        super().__init__(metadata={"anyOf": forms, "description": "`all`, `1+3-5`, or a list of ids."})

    def parse(self, value: Any) -> Selection:
        """The projects that are meant."""
        return parse_selection(value)


def selection_in(data: Mapping[str, Any]) -> Selection:
    """The projects that a loaded body asks for; all if it names none."""
    if "project_block" in data:
        return select_block(data["project_block"])
    selection: Selection = data.get("projects", ALL_PROJECTS)
    return selection
