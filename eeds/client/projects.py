"""`client.projects`: buildings with a baseline and a reporting period."""

from typing import Any

import pandas as pd

from eeds.client.columns import Problem
from eeds.client.frames import frame_of, in_words, instant, raise_refused, rows_of
from eeds.client.http import Http, batches
from eeds.client.progress import hides
from eeds.client.project_columns import PROJECTS
from eeds.client.project_selection import One, id_of
from eeds.client.project_upload import A_REQUEST, ProjectUpload, only_owner, sync_projects

TIMES = ("baseline_period_start", "baseline_period_end", "reporting_period_start", "reporting_period_end")
COLUMNS = {
    "id": "int64",
    "project_owner": "int64",
    "project_id": "object",
    **dict.fromkeys(TIMES, "time"),
    "zipcode": "object",
}
NOTHING_STORED = "Nothing of the frame was stored; correct them and upload it again."
OTHERS_STORED = "The others were stored; correct these and upload them again."


class Projects:
    """The projects that a token may see."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def list(self, *, attributes: bool = False, **filters: Any) -> pd.DataFrame:
        """Projects in order of their ids, those that the filters of the API choose (`zipcode="50321"`). With
        `attributes` each attribute is a column, NaN or None where a project has none."""
        flag = {"with_attributes": "True"} if attributes else {}
        items = self.http.get("projects/", **flag, **{name: str(value) for name, value in filters.items()})
        frame = frame_of(items, COLUMNS)
        if attributes:
            names = {key["id"]: key["name"] for key in self.http.get("project_attribute_keys/")}
            values = [{names[each["key"]]: each["value"] for each in item["attributes"]} for item in items]
            further = pd.DataFrame(values, index=frame.index)
            frame = frame.join(further[sorted(further.columns)])
        return frame

    def get(self, project: One) -> "pd.Series[Any]":
        """A project by its id or name; raises Missing."""
        return frame_of([self.http.get(f"projects/{id_of(self.http, project)}/")], COLUMNS).iloc[0]

    def create(
        self,
        project_id: str,
        *,
        zipcode: str | None = None,
        baseline_period_start: Any = None,
        baseline_period_end: Any = None,
        reporting_period_start: Any = None,
        reporting_period_end: Any = None,
        project_owner: int | None = None,
    ) -> "pd.Series[Any]":
        """Make a project. The ends of the periods are times or texts, `project_owner` is needed if you can see several.
        Raises Refused if there is a project of that name."""
        ends = baseline_period_start, baseline_period_end, reporting_period_start, reporting_period_end
        body = {
            "project_id": project_id,
            "zipcode": zipcode,
            "project_owner": only_owner(self.http) if project_owner is None else project_owner,
            **{name: None if end is None else midnight_or(instant(end)) for name, end in zip(TIMES, ends, strict=True)},
        }
        return frame_of([self.http.post("projects/", body)], COLUMNS).iloc[0]

    def sync(self, frame: pd.DataFrame, *, owner: int | None = None) -> pd.DataFrame:
        """Create or update projects, without their attributes. Gives for each row of the frame `project_id`, `status`
        (created, updated, unchanged or error) and of an error the `message`; raises RowsRefused, before anything is
        stored, if a value cannot be read."""
        rows, problems = rows_of(frame, PROJECTS)
        raise_refused(frame, in_words(problems), {}, NOTHING_STORED)
        project_owner = only_owner(self.http) if owner is None else owner
        outcomes = [
            outcome_of(row.values["project_id"], outcome)
            for batch in batches(rows, A_REQUEST)
            for row, outcome in sync_projects(self.http, batch, project_owner)
        ]
        return frame_of(outcomes, dict.fromkeys(("project_id", "status", "message"), "object")).set_axis(frame.index)


def upload_projects(
    http: Http, frame: pd.DataFrame, *, owner: int | None, attributes: bool, progress: bool | None
) -> dict[str, dict[str, int]]:
    """See Client.upload_projects."""
    rows, problems = rows_of(frame, PROJECTS)
    upload = ProjectUpload(http, rows, only_owner(http) if owner is None else owner, with_attributes=attributes)
    raise_refused(frame, in_words([*problems, *upload.check()]), {}, NOTHING_STORED)
    raise_refused(frame, in_words(upload.send(hidden=hides(progress))), dict(upload.projects), OTHERS_STORED)
    return {"projects": dict(upload.projects), "attributes": dict(upload.attributes)}


def midnight_or(time: str) -> str:
    """A time as the API takes the fields of a project; of a day, its first second."""
    return time if ":" in time else f"{time}T00:00:00Z"


def outcome_of(project_id: str, outcome: str | Problem) -> dict[str, Any]:
    """What became of a project, as a row of a frame."""
    failed = isinstance(outcome, Problem)
    return {
        "project_id": project_id,
        "status": "error" if failed else outcome,
        "message": outcome.reason if isinstance(outcome, Problem) else None,
    }
