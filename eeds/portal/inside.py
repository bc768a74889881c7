"""The API from within the process: what the portal uploads goes the way of every other client's files.

The principal goes beside the request, in its WSGI environment, where no client can put anything.
"""

from collections.abc import Mapping
from contextvars import Context
from io import BytesIO
from typing import IO, Any, cast

import requests
from flask import Flask
from requests.adapters import BaseAdapter
from werkzeug.test import EnvironBuilder, run_wsgi_app

from eeds.accounts.principal import Principal
from eeds.client import Client
from eeds.web.context import request_id
from eeds.web.rest.blueprint import PRINCIPAL

URL = "http://localhost"


class Inside(Client):
    """A client of the app itself, which speaks for a principal."""

    def __init__(self, app: Flask, principal: Principal) -> None:
        self.adapter = ToApp(app, principal)
        super().__init__(URL, "")

    def connections(self) -> requests.Session:
        """Nothing of this leaves the process."""
        session = super().connections()
        session.mount(URL, self.adapter)
        return session


class ToApp(BaseAdapter):
    """Gives a request to the app, and waits for the whole answer."""

    def __init__(self, app: Flask, principal: Principal) -> None:
        super().__init__()
        self.app = app
        self.principal = principal

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """The app's answer."""
        request.headers["X-Request-ID"] = request_id()
        body, length = opened(request.body), request.headers.pop("Content-Length", None)
        environ = EnvironBuilder(
            path=request.path_url,
            base_url=URL,
            method=request.method or "GET",
            headers=list(request.headers.items()),
            input_stream=body,
            content_length=int(length) if length else None,
            environ_overrides={PRINCIPAL: self.principal},
        ).get_environ()
        # in a context of its own: Flask would take the request that is being answered for the surroundings of this one
        content, status, headers = Context().run(run_wsgi_app, self.app.wsgi_app, environ, buffered=True)
        return answer(request, b"".join(content), int(status.split(" ", 1)[0]), dict(headers))

    def close(self) -> None:
        """Nothing is open."""


def opened(body: Any) -> IO[bytes]:
    """A body as a stream."""
    if hasattr(body, "read"):
        return cast(IO[bytes], body)
    return BytesIO(body.encode() if isinstance(body, str) else body or b"")


def answer(
    request: requests.PreparedRequest, content: bytes, status: int, headers: Mapping[str, str]
) -> requests.Response:
    """An answer as requests gives it."""
    response = requests.Response()
    response.status_code, response.request, response.url = status, request, str(request.url)
    response.headers.update(headers)
    response.raw = BytesIO(content)
    return response
