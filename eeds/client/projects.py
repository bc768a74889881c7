"""`client.projects`: buildings with a baseline and a reporting period."""

import csv
import io
from typing import Any

import pandas as pd
from tqdm import tqdm

from eeds.client.errors import Refused
from eeds.client.frames import arrow_body, flat, frame_of, instant, raise_refused
from eeds.client.http import Http
from eeds.client.progress import hides
from eeds.client.project_selection import One, id_of, query_of
from eeds.client.project_upload import send_projects
from eeds.errors import EedsError
from eeds.formats.media_types import ARROW, CSV
from eeds.formats.messages import about_table

TIMES = ("baseline_period_start", "baseline_period_end", "reporting_period_start", "reporting_period_end")
COLUMNS = {
    "id": "int64",
    "project_owner": "int64",
    "project_id": "object",
    **dict.fromkeys(TIMES, "time"),
    "zipcode": "object",
}
NOTHING_STORED = "Nothing of the frame was stored; correct them and upload it again."


class Projects:
    """The projects that a token may see."""

    def __init__(self, http: Http) -> None:
        self.http = http

    def list(self, *, attributes: bool = False, **filters: Any) -> pd.DataFrame:
        """Projects in order of their ids, those that the filters of the API choose (`zipcode="50321"`,
        `filter={"result_age": {">": 30}}`, `group="North"`). With
        `attributes` each attribute is a column, NaN or None where a project has none."""
        flag = {"with_attributes": "True"} if attributes else {}
        items = self.http.get("projects/", **flag, **query_of(filters))
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
        """Create or update projects, without their attributes: all of the frame, or none. Gives `project_id` and
        `status` (created, updated or unchanged) for each row; raises RowsRefused with those that have errors."""
        answer = send_frame(self.http, frame, owner=owner, attributes=False, rows=True)
        return frame_of(answer["rows"], dict.fromkeys(("project_id", "status"), "object")).set_axis(frame.index)


def upload_projects(
    http: Http, frame: pd.DataFrame, *, owner: int | None, attributes: bool, progress: bool | None
) -> dict[str, dict[str, int]]:
    """See Client.upload_projects."""
    with tqdm(total=len(frame), desc="uploading", unit=" projects", leave=False, disable=hides(progress)) as bar:
        answer = send_frame(http, frame, owner=owner, attributes=attributes)
        bar.update(len(frame))
    return {
        name: {outcome: count for outcome, count in answer[name].items() if count}
        for name in ("projects", "attributes")
    }


def send_frame(
    http: Http, frame: pd.DataFrame, *, owner: int | None, attributes: bool, rows: bool = False
) -> dict[str, Any]:
    """The answer to the upload of a frame; raises RowsRefused with all rows that have errors."""
    body = arrow_body(flat(frame, {}))
    try:
        return send_projects(http, body, ARROW, owner=owner, attributes=attributes, accept=CSV, rows=rows)
    except Refused as error:
        if isinstance(error.body, str):  # the refused rows
            refused = csv.DictReader(io.StringIO(error.body, newline=""))
            errors = {int(row["line"]) - 1: row["error"] for row in refused}
            raise_refused(frame, errors, {}, NOTHING_STORED)
        if error.status in (400, 413) and "detail" in error.body:
            raise EedsError(about_table("The frame", error.detail)) from error
        raise


def only_owner(http: Http) -> int:
    """The project owner that new projects get; raises EedsError if there is a choice."""
    owners = [owner["id"] for owner in http.get("project_owners/")]
    if len(owners) != 1:
        raise EedsError(f"Say whose project this is, with project_owner=; you can see the owners {owners}.")
    return int(owners[0])


def midnight_or(time: str) -> str:
    """A time as the API takes the fields of a project; of a day, its first second."""
    return time if ":" in time else f"{time}T00:00:00Z"
