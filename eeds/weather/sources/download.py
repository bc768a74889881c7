"""Downloading a file over HTTP, with retries, and limits of size and time."""

import hashlib
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import IO
from urllib.parse import urlsplit

import requests

from eeds import __version__
from eeds.errors import NotFound
from eeds.weather.sources import BadFile, SourceDown

CONNECT_SECONDS, ANSWER_SECONDS = 10, 60
DOWNLOAD_SECONDS = 600  # for a whole file; 14 MB by then even at 25 kB/s
MAX_BYTES = 64 * 2**20
CHUNK = 256 * 1024
IN_MEMORY = 2**20
TRIES = 3
PAUSE_SECONDS = 2.0  # before the second try; doubled for the third
LONGEST_PAUSE = 30.0
RETRIED = frozenset({429, 500, 502, 503, 504})
NOT_THERE = frozenset({404, 410})
LOOPBACK = ("127.0.0.1", "localhost", "::1")


class TemporaryFailure(Exception):
    """An attempt failed in a way that the next one may not; the text goes between a URL and `three times`."""

    def __init__(self, text: str, pause: float = 0.0) -> None:
        super().__init__(text)
        self.pause = pause  # seconds that the server asks for


@dataclass(frozen=True)
class Download:
    """A file as it was sent, at its beginning; the caller closes it."""

    file: IO[bytes]
    etag: str | None
    sha256: str


@dataclass
class Downloads:
    """What the downloads of a process share."""

    max_bytes: int = MAX_BYTES
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, url: str, etag: str | None = None) -> Download | None:
        """The file at a URL; None if it still has that ETag. Raises NotFound, SourceDown and BadFile."""
        for attempt in range(TRIES):
            try:
                return self.attempt(url, etag)
            except TemporaryFailure as error:
                last = error
            if attempt < TRIES - 1:
                time.sleep(max(PAUSE_SECONDS * 2**attempt, min(last.pause, LONGEST_PAUSE)))
        raise SourceDown(f"{url} {last} three times; try again later.")

    def attempt(self, url: str, etag: str | None) -> Download | None:
        """One try; raises TemporaryFailure if another may help."""
        headers = {"User-Agent": f"eeds/{__version__}", **({"If-None-Match": etag} if etag else {})}
        # a proxy of the network does not know our own machine
        self.session.trust_env = urlsplit(url).hostname not in LOOPBACK
        try:
            with self.session.get(
                url, headers=headers, stream=True, timeout=(CONNECT_SECONDS, ANSWER_SECONDS)
            ) as response:
                return self.save(response) if has_content(url, response) else None
        except (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError) as error:
            raise TemporaryFailure("broke off its answer") from error
        except (requests.ConnectionError, requests.Timeout) as error:
            raise TemporaryFailure(f"did not answer ({type(error).__name__})") from error
        except requests.RequestException as error:
            raise SourceDown(f"{url} cannot be read: {error}") from error

    def save(self, response: requests.Response) -> Download:
        """The body in a file."""
        digest = hashlib.sha256()
        file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 - the caller's to close
        with ExitStack() as on_error:
            on_error.callback(file.close)
            for chunk in self.chunks(response):
                digest.update(chunk)
                file.write(chunk)
            on_error.pop_all()
        file.seek(0)
        return Download(file, response.headers.get("ETag"), digest.hexdigest())

    def chunks(self, response: requests.Response) -> Iterator[bytes]:
        """The body in pieces, as long as it is neither too large nor too slow."""
        deadline, size = time.monotonic() + DOWNLOAD_SECONDS, 0
        for chunk in response.iter_content(CHUNK):
            size += len(chunk)
            if size > self.max_bytes:
                raise BadFile(f"{response.url} is larger than {self.max_bytes / 2**20:g} MB.")
            if time.monotonic() > deadline:
                raise TemporaryFailure(f"took longer than {DOWNLOAD_SECONDS} s")
            yield chunk


def has_content(url: str, response: requests.Response) -> bool:
    """Whether the file comes with the answer; raises what any status but 200 and 304 means."""
    status = response.status_code
    if status in NOT_THERE:
        raise NotFound(f"{url} answered {status}.")
    if status in RETRIED:
        raise TemporaryFailure(f"answered {status}", retry_seconds(response.headers.get("Retry-After", "")))
    if status not in (200, 304):
        raise SourceDown(f"{url} answered {status}; see whether it is the right address, and try again later.")
    return status == 200


def retry_seconds(retry_after: str) -> float:
    """How long a server asks to wait; dates are taken for no answer."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 0.0
