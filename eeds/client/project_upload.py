"""Storing the projects of a table with their attributes: all is checked before anything is sent."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tqdm import tqdm

from eeds.client.attributes import Attribute, attributes_of, make_keys, problems_of, sync_values, values_of
from eeds.client.columns import Problem, Row
from eeds.client.http import Http, batches
from eeds.client.project_columns import instant_or_none
from eeds.errors import EedsError

A_REQUEST = 1_000
# The period fields that projects/sync/ does not take.
OUTER_PERIODS = ("baseline_period_start", "reporting_period_end")


class ProjectUpload:
    """The upload of some rows.

    `check` looks at all of them, `send` stores them. Afterwards `projects` and `attributes` count what became of them,
    and `keys` are the attributes. `owner` is the id of their project owner.
    """

    def __init__(self, http: Http, rows: Sequence[Row], owner: int, *, with_attributes: bool = True) -> None:
        self.http = http
        self.rows = rows
        self.owner = owner
        self.keys: list[Attribute] = attributes_of(http, rows) if with_attributes else []
        self.projects: Counter[str] = Counter()
        self.attributes: Counter[str] = Counter()
        self.refused: list[Problem] = []

    def check(self) -> list[Problem]:
        """What is wrong with the values of attributes."""
        return list(problems_of(self.keys, self.rows))

    def send(self, *, hidden: bool | None = None) -> Sequence[Problem]:
        """Store all, and give what was refused; raises EedsError, before anything is stored, if the attributes cannot
        be made. `hidden` hides the progress bar; None: where there is no terminal."""
        make_keys(self.http, self.keys)
        with tqdm(total=len(self.rows), desc="uploading", unit=" projects", leave=False, disable=hidden) as bar:
            for batch in batches(self.rows, A_REQUEST):
                self.send_attributes(self.send_projects(batch))
                bar.update(len(batch))
        return self.refused

    def send_projects(self, rows: Sequence[Row]) -> list[Row]:
        """Store projects; gives the rows of those that are stored now."""
        stored = []
        for row, outcome in sync_projects(self.http, rows, self.owner):
            if isinstance(outcome, Problem):
                self.refused.append(outcome)
            else:
                self.projects[outcome] += 1
                stored.append(row)
        return stored

    def send_attributes(self, rows: Sequence[Row]) -> None:
        """Store the attributes of projects that are there."""
        for outcome in sync_values(self.http, values_of(self.keys, rows)):
            if isinstance(outcome, Problem):
                self.refused.append(outcome)
            else:
                self.attributes[outcome] += 1


def only_owner(http: Http) -> int:
    """The project owner that new projects get; raises EedsError if there is a choice."""
    owners = [owner["id"] for owner in http.get("project_owners/")]
    if len(owners) != 1:
        raise EedsError(f"Say whose projects these are, with --owner or owner=; you can see the owners {owners}.")
    return int(owners[0])


def sync_projects(http: Http, rows: Sequence[Row], owner: int) -> Iterator[tuple[Row, str | Problem]]:
    """Send projects; gives of each what became of it, in a word, or what is wrong with it."""
    sent = [{**row.values, "project_owner_id": owner} for row in rows]
    for row, outcome in zip(rows, http.sync("projects/sync/", sent), strict=True):
        status = outcome["status"]
        if status.startswith("error"):
            yield row, Problem(row.line, None, None, f"{status}: {outcome.get('message', '')}")
            continue
        changed = set_outer_periods(http, row, outcome)
        yield row, "updated" if changed and status != "created" else status.partition(" ")[0]


def set_outer_periods(http: Http, row: Row, project: Mapping[str, Any]) -> bool:
    """Give a project the ends of its periods that sync does not take, where the table has them; whether it changed."""
    wanted = {name: row.values[name] for name in OUTER_PERIODS if row.values[name] is not None}
    changes = {name: time for name, time in wanted.items() if time != instant_or_none(project[name] or "")}
    if changes:
        http.patch(f"projects/{project['id']}/", changes)
    return bool(changes)
