"""Sending Green Button files (NAESB REQ.21, ESPI) into a project, and telling in words what became of them."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eeds.client.errors import ApiError
from eeds.client.http import Http
from eeds.errors import EedsError

PATH = "greenbutton/"
# The server looks into the body: XML, packed or not, or a zip of files.
SENDS_FILE = {"Content-Type": "application/atom+xml"}
OUTCOMES = ("created", "updated", "unchanged", "duplicates")

Report = Mapping[str, Any]  # what the API answers


class FileRefused(EedsError):
    """Nothing of a file was stored, for what is in it; others may be good."""


def send_green_button(http: Http, path: Path, project: str, *, dry_run: bool, partial: bool) -> Report:
    """Load a file, or check it; the good readings of it where `partial`, else all or none.

    Raises FileRefused with why nothing of it was stored, and EedsError for what is not the file's fault: no answer, no
    such project.
    """
    params = {"project_id": project, "mode": "partial" if partial else "all", "dry_run": str(dry_run).lower()}
    try:
        with path.open("rb") as body:
            report: Report = http.send("POST", PATH, body, params, SENDS_FILE)
    except ApiError as error:
        raise refusal_of(error) from error
    except OSError as error:
        raise EedsError(f"{path} cannot be read: {error.strerror}") from error
    return report


def refusal_of(error: ApiError) -> EedsError:
    """What to raise for an answer that is none."""
    body: Any = error.body
    if error.status == 413:
        return FileRefused(error.detail)
    if error.status != 400 or not isinstance(body, Mapping):
        return error
    if "project_id" in body:
        return EedsError(f"{' '.join(body['project_id'])} Make it first, or name another.")
    if "message" in body:
        return FileRefused("\n  ".join([body["message"], *refusals(body), *skipped(body)]))
    return FileRefused(error.detail)


def refusals(report: Report) -> Iterator[str]:
    """What was wrong with readings, as far as the answer lists them."""
    for error in report.get("errors", ()):
        value = "" if error["value"] is None else f", {error['value']!r}"
        yield f"{place(error)}, {error['field']}{value}: {error['message']}"


def skipped(report: Report) -> Iterator[str]:
    """What of a file is nothing that can be stored, and why."""
    for entry in report.get("skipped", ()):
        yield f"{place(entry)}: skipped {entry['what']}: {entry['reason']}"


def place(found: Mapping[str, Any]) -> str:
    """Where something stands: in a zip, also in which file."""
    file = f"{found['file']}, " if found.get("file") else ""
    return f"{file}line {found['line']}"


def name_of(trace: Mapping[str, Any]) -> str:
    """What to call a trace."""
    return f"{trace['interpretation']} of {trace['label']}, {trace['unit']}"
