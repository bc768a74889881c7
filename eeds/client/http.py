"""Speaking HTTP with a server's API: a token, second tries that do nothing twice, errors in words."""

import gzip
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import IO, Any, Self, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec
import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ReadTimeoutError
from urllib3.util.retry import Retry

from eeds.client.errors import ApiError, NoAnswer, kind_of
from eeds.formats.media_types import JSON

CONNECT_SECONDS, ANSWER_SECONDS = 5.0, 120.0
CONNECTION_TRIES, TRIES = 3, 6
PAUSE_SECONDS = 0.5  # before the third try; doubled for each one after it
TRY_AGAIN = frozenset({429, 502, 503})
SHOWN_CHARACTERS = 300
A_PAGE = 100
# What may be done twice, for it is the same as done once.
REPEATABLE = ("/sync/", "/sync2/", "consumption_records/upload/")
SENDS_JSON = {"Content-Type": JSON}
GZIP_LEVEL = 1  # readings shrink to an eighth at 250 MB/s; further levels cost more than they save
# "raise_on_status": the last answer is better than the news that tries have run out.
RETRIES = Retry(
    total=TRIES,
    connect=CONNECTION_TRIES,
    read=CONNECTION_TRIES,
    backoff_factor=PAUSE_SECONDS,
    allowed_methods=None,
    status_forcelist=TRY_AGAIN,
    raise_on_status=False,
)

T = TypeVar("T")
Body = bytes | IO[bytes]


class Http:
    """A server's API, spoken to with one token; `path` is always below /api/v1/.

    Every method raises EedsError, in words for the user: NoAnswer, or ApiError where the server answered. Whatever the
    request, it is sent again when the server is away for a moment, busy, or its answer gets lost: nothing is done twice
    by that. `timeout` is how many seconds an answer may take.
    """

    def __init__(self, url: str, token: str, *, timeout: float = ANSWER_SECONDS) -> None:
        self.url = url.rstrip("/")
        self.token = token
        self.timeout = timeout
        self.is_local = urlsplit(self.url).hostname in ("127.0.0.1", "localhost", "::1")
        self.session = self.connections()

    def connections(self) -> requests.Session:
        """Connections to the server, kept open from one request to the next."""
        session = requests.Session()
        # a proxy of the network does not know our own machine
        session.trust_env = not self.is_local
        session.auth = self.authorise  # not a header: requests would let a .netrc override that
        for scheme in ("http://", "https://"):
            session.mount(scheme, HTTPAdapter(max_retries=RETRIES))
        return session

    def authorise(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request with the token."""
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.session.close()

    def get(self, path: str, **params: str) -> Any:
        """The decoded answer to a GET."""
        return self.send("GET", path, params=params)

    def pages(self, path: str, **params: str) -> Iterator[list[dict[str, Any]]]:
        """A list in pages, each of which is asked for when the one before it is done with."""
        params |= {"limit": str(A_PAGE)}
        while params:
            answer = self.answer("GET", path, None, params, {})
            yield decoded(answer)
            behind = parse_qs(urlsplit(answer.links.get("next", {}).get("url", "")).query)
            params = {name: values[-1] for name, values in behind.items()}

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

    def send_table(
        self, path: str, table: bytes, media_type: str, params: Mapping[str, str], accept: str, encoding: str = ""
    ) -> Any:
        """POST a table, of that content `encoding`: the decoded answer, or the refused rows where `accept` is CSV and
        there are some. A plain table is packed where it goes over a network: on one machine that costs more than it
        saves."""
        if not encoding and not self.is_local:
            table, encoding = gzip.compress(table, GZIP_LEVEL), "gzip"
        headers = {"Content-Type": media_type, "Accept": accept} | ({"Content-Encoding": encoding} if encoding else {})
        return self.send("POST", path, table, params, headers)

    def send(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] = SENDS_JSON,
    ) -> Any:
        """Send a request and decode its answer; None for an empty one. A file as the body is sent as it is read, and
        for another try read again from where it stood."""
        return decoded(self.answer(method, path, body, params, headers))

    def read(self, path: str, kind: str, **params: str) -> bytes:
        """What a GET answers in that media type."""
        return self.answer("GET", path, None, params, {"Accept": kind}).content

    def answer(
        self, method: str, path: str, body: Body | None, params: Mapping[str, str] | None, headers: Mapping[str, str]
    ) -> requests.Response:
        """Send a request; raises NoAnswer, or the ApiError of its status."""
        # One key for all tries.
        key = {} if method != "POST" or path.endswith(REPEATABLE) else {"Idempotency-Key": str(uuid.uuid4())}
        try:
            response = self.session.request(
                method,
                f"{self.url}/api/v1/{path}",
                params=params,
                data=body,
                headers={**headers, **key},
                timeout=(CONNECT_SECONDS, self.timeout),
                allow_redirects=False,  # a POST would arrive as a GET
            )
        except requests.RequestException as error:
            raise NoAnswer(self.no_answer(error)) from error
        if response.status_code >= 300:
            raise self.error(method, path, response)
        return response

    def error(self, method: str, path: str, response: requests.Response) -> ApiError:
        """What to raise for an answer that is none."""
        body, status, request_id = decoded(response), response.status_code, response.headers.get("X-Request-ID", "")
        detail = in_words(body)
        return kind_of(status)(self.refusal(method, path, response, detail), status, body, detail, request_id)

    def no_answer(self, error: requests.RequestException) -> str:
        """Why there is no answer at all, and what to do."""
        # what has been tried often enough is a ConnectionError, whatever the reason
        reason = getattr(error.args[0], "reason", None) if error.args else None
        if isinstance(error, requests.Timeout) or isinstance(reason, ReadTimeoutError):
            return f"{self.url} did not answer in time; try again."
        if isinstance(error, requests.ConnectionError):
            return f"Nothing answers at {self.url}. Is the server running (eeds up), and is --url or EEDS_URL right?"
        return f"Cannot talk to {self.url}: {error}"

    def refusal(self, method: str, path: str, response: requests.Response, detail: str) -> str:
        """What a status means to the user."""
        status = response.status_code
        if status == 401:
            return (
                f"{self.url} does not accept the token. Give a valid one with --token or EEDS_TOKEN, or to Client(); "
                "make one with: eeds token create --user NAME"
            )
        if status == 403:
            return f"The token may not {method} {path}: it lacks the scope, or its user is no admin."
        if status >= 500:
            name = response.headers.get("X-Request-ID")
            where = f"its log says why, under {name}" if name else "its log says why"
            return f"The server failed at {method} {path} (HTTP {status}), and {where}: {detail}"
        if 300 <= status < 400:
            return f"{self.url} redirects to {response.headers.get('Location')}; use that as --url."
        return f"{method} {path} was refused (HTTP {status}): {detail}"


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
    return "; ".join(f"{field}: {said}" for field, said in reasons(answer))


def reasons(answer: Mapping[str, Any], within: str = "") -> Iterator[tuple[str, str]]:
    """Each field that was refused, as attribute_values.area, and why."""
    for field, said in answer.items():
        if isinstance(said, Mapping):
            yield from reasons(said, f"{within}{field}.")
        else:
            yield f"{within}{field}", said if isinstance(said, str) else " ".join(map(str, said))


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most `size`, made as they are consumed."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
