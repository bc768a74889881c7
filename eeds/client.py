"""The HTTP client of the command line and the demo: a token, second tries where they are harmless, errors in words."""

import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import msgspec
import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from eeds.errors import EedsError
from eeds.media_types import CSV, JSON

CONNECT_SECONDS, ANSWER_SECONDS = 5, 120
CONNECTION_TRIES, TRIES = 3, 6
PAUSE_SECONDS = 0.5  # before the third try; doubled for each one after it
TOO_MANY_REQUESTS = 429
TRY_AGAIN = frozenset({TOO_MANY_REQUESTS, 502, 503})
SHOWN_CHARACTERS = 300
SENDS_JSON = {"Content-Type": JSON}
GZIP_LEVEL = 1  # readings shrink to an eighth at 250 MB/s; further levels cost more than they save
# "raise_on_status": the last answer is better than the news that tries have run out.
TRYING: dict[str, Any] = {
    "total": TRIES,
    "connect": CONNECTION_TRIES,
    "backoff_factor": PAUSE_SECONDS,
    "raise_on_status": False,
}

T = TypeVar("T")


class RefusedUnread(Retry):
    """Second tries for what must not be done twice: only when the server says that it has done nothing."""

    RETRY_AFTER_STATUS_CODES = frozenset({TOO_MANY_REQUESTS})


class ApiError(EedsError):
    """The server refused a request: `status` is HTTP's, `body` what it answered, decoded if it is JSON."""

    def __init__(self, message: str, status: int, body: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = body


class Client:
    """A server's API, spoken to with one token; `path` is always below /api/v1/.

    Every method raises EedsError, in words for the user: ApiError where the server answered. Reading and syncing are
    tried again when the server is away for a moment; other requests only when it certainly has not begun on them.
    """

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self.is_local = urlsplit(self.url).hostname in ("127.0.0.1", "localhost", "::1")
        self.once = self.session(
            RefusedUnread(allowed_methods=None, status_forcelist=[TOO_MANY_REQUESTS], read=0, **TRYING)
        )
        self.again = self.session(Retry(allowed_methods=None, status_forcelist=TRY_AGAIN, **TRYING))

    def session(self, retries: Retry) -> requests.Session:
        """Connections that try again as `retries` says."""
        session = requests.Session()
        # a proxy of the network does not know our own machine
        session.trust_env = not self.is_local
        session.auth = self.authorise  # not a header: requests would let a .netrc override that
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=retries))
        return session

    def authorise(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request with the token."""
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.once.close()
        self.again.close()

    def get(self, path: str, **params: str) -> Any:
        """The decoded answer to a GET."""
        return self.send("GET", path, params=params)

    def post(self, path: str, body: Any) -> Any:
        """The decoded answer to a POST of `body` as JSON."""
        return self.send("POST", path, msgspec.json.encode(body))

    def patch(self, path: str, body: Any) -> Any:
        """The decoded answer to a PATCH."""
        return self.send("PATCH", path, msgspec.json.encode(body))

    def delete(self, path: str) -> None:
        """Delete an object."""
        self.send("DELETE", path)

    def sync(self, path: str, items: Sequence[Any]) -> list[dict[str, Any]]:
        """POST to a `sync/`: what became of each item, in order, refused ones among them (status `error - ...`)."""
        try:
            answer = self.post(path, items)
        except ApiError as error:
            if not isinstance(error.body, list):
                raise
            answer = error.body
        outcomes: list[dict[str, Any]] = answer
        return outcomes

    def load(self, path: str, rows: bytes, *, dry_run: bool) -> dict[str, Any]:
        """POST rows as CSV to a `sync2/`, which stores the good ones of them unless it is a `dry_run`: how many were
        created, updated, unchanged, duplicates and refused."""
        counts: dict[str, Any] = self.send_csv(path, rows, JSON, dry_run=dry_run)
        return counts

    def refused_rows(self, path: str, rows: bytes) -> str:
        """The rows that `load` would refuse, as CSV: the `line` of each and its `error`; "" if there are none."""
        answer = self.send_csv(path, rows, CSV, dry_run=True)
        return answer if isinstance(answer, str) else ""

    def send_csv(self, path: str, rows: bytes, accept: str, *, dry_run: bool) -> Any:
        """POST rows as CSV, packed where they go over a network: on one machine that costs more than it saves."""
        headers = {"Content-Type": CSV, "Accept": accept}
        if not self.is_local:
            rows, headers["Content-Encoding"] = gzip.compress(rows, GZIP_LEVEL), "gzip"
        return self.send("POST", path, rows, {"mode": "partial", "dry_run": str(dry_run).lower()}, headers)

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] = SENDS_JSON,
    ) -> Any:
        """Send a request and decode its answer; None for an empty one."""
        session = self.again if is_repeatable(method, path) else self.once
        try:
            response = session.request(
                method,
                f"{self.url}/api/v1/{path}",
                params=params,
                data=body,
                headers=headers,
                timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                allow_redirects=False,  # a POST would arrive as a GET
            )
        except requests.RequestException as error:
            raise EedsError(self.no_answer(error)) from error
        answer = decoded(response)
        if response.status_code >= 300:
            raise ApiError(self.refusal(method, path, response, answer), response.status_code, answer)
        return answer

    def no_answer(self, error: requests.RequestException) -> str:
        """Why there is no answer at all, and what to do."""
        if isinstance(error, requests.Timeout):
            return f"{self.url} did not answer in time; try again."
        if isinstance(error, requests.ConnectionError):
            return f"Nothing answers at {self.url}. Is the server running (eeds up), and is --url or EEDS_URL right?"
        return f"Cannot talk to {self.url}: {error}"

    def refusal(self, method: str, path: str, response: requests.Response, answer: Any) -> str:
        """What a status means to the user."""
        status = response.status_code
        if status == 401:
            return (
                f"{self.url} does not accept the token. Give a valid one with --token or EEDS_TOKEN; "
                "make one with: eeds token create --user NAME"
            )
        if status == 403:
            return f"The token may not {method} {path}: it lacks the scope, or its user is no admin."
        if status >= 500:
            return f"The server failed at {method} {path} (HTTP {status}), and its log says why: {in_words(answer)}"
        if 300 <= status < 400:
            return f"{self.url} redirects to {response.headers.get('Location')}; use that as --url."
        return f"{method} {path} was refused (HTTP {status}): {in_words(answer)}"


def is_repeatable(method: str, path: str) -> bool:
    """Whether doing a request twice is the same as doing it once."""
    return method != "POST" or path.endswith(("/sync/", "/sync2/"))


def decoded(response: requests.Response) -> Any:
    """The JSON of an answer, its text if it is something else (a proxy's page), None if it is empty."""
    if not response.content:
        return None
    try:
        return msgspec.json.decode(response.content)
    except msgspec.DecodeError:
        return response.text


def in_words(answer: Any) -> str:
    """The message in an error's body, in whichever shape the API gave it."""
    if not isinstance(answer, Mapping):
        return str(answer or "no reason given.")[:SHOWN_CHARACTERS]
    for key in ("detail", "message"):
        if key in answer:
            return str(answer[key])
    return "; ".join(f"{field}: {' '.join(map(str, said))}" for field, said in answer.items())


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most `size`, made as they are consumed."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
