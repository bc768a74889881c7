"""Files that a server sends: a file is there whole or not at all."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import requests
from tqdm import tqdm

from eeds.client import Client, NoAnswer
from eeds.client.http import ANSWER_SECONDS, CONNECT_SECONDS
from eeds.errors import EedsError
from eeds.exports.kinds import CSV, FORMATS

PIECE_BYTES = 256 * 1024
PART = ".part"  # behind the name of a file that is not whole


def require_directory(output: Path | None) -> None:
    """Raises UsageError for a file in a directory that is not there."""
    if output is not None and not output.absolute().parent.is_dir():
        raise click.UsageError(f"There is no directory {output.parent}; make it, or give another --output.")


def format_of(output: Path | None) -> str:
    """The format that the suffix of a file names, CSV for any other."""
    suffix = output.suffix.removeprefix(".").lower() if output else CSV
    return suffix if suffix in FORMATS else CSV


def save(response: requests.Response, target: Path, size: int | None) -> Path:
    """Write an answer of that many bytes (None: not known) into a file; where it is. Raises EedsError if it cannot."""
    try:
        write_whole(response, target, size)
    except requests.RequestException:  # which is an OSError, too
        raise
    except OSError as error:
        raise EedsError(f"{target} cannot be written: {error.strerror or error}") from error
    return target


@contextmanager
def answer_to(client: Client, path: str) -> Iterator[requests.Response]:
    """The answer to a GET, to be read as it comes; raises ApiError, or NoAnswer also for one that breaks off."""
    timeout = CONNECT_SECONDS, ANSWER_SECONDS
    try:
        with client.session.get(f"{client.url}/api/v1/{path}", stream=True, timeout=timeout) as response:
            if response.status_code >= 300:
                raise client.error("GET", path, response)
            yield response
    except requests.exceptions.ChunkedEncodingError as error:
        raise NoAnswer(f"The download from {client.url} broke off; try again.") from error
    except requests.RequestException as error:
        raise NoAnswer(client.no_answer(error)) from error


def write_whole(response: requests.Response, target: Path, size: int | None) -> None:
    """Write what comes, with a progress bar, and leave nothing if not all of it does."""
    part = target.with_name(target.name + PART)
    try:
        with (
            part.open("wb") as file,
            tqdm(total=size, desc="downloading", unit="B", unit_scale=True, leave=False, disable=None) as bar,
        ):
            for piece in response.iter_content(PIECE_BYTES):
                file.write(piece)
                bar.update(len(piece))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def name_in(response: requests.Response) -> str:
    """What the server calls the file."""
    name = re.search(r'filename="([\w.-]+)"', response.headers["Content-Disposition"])
    assert name, "the server names its files"
    return name[1]
