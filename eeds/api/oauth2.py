"""/oauth2/token/: client credentials (RFC 6749, 4.4) for a bearer token of the user that the client acts for."""

import hmac
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, InsecureTransportError, grants
from authlib.oauth2.rfc6749.authenticate_client import authenticate_client_secret_basic
from flask import Blueprint, Flask, Response, current_app, request
from sqlalchemy import select

from eeds.accounts.principal import SCOPES
from eeds.accounts.tokens import digest, new_token, store_token
from eeds.db.tables import OAuthClient, User
from eeds.formats.json_array import encode
from eeds.web.context import session, settings
from eeds.web.responses import answer

EXTENSION = "eeds.oauth2"
# What anybody may send.
MAX_FORM_BYTES = 64 * 1024

NO_TLS = (
    "Credentials are taken over https alone. Where a proxy in front of this server does TLS, let it set "
    "X-Forwarded-Proto, and set EEDS_TRUSTED_PROXIES to the number of proxies."
)

blueprint = Blueprint("oauth2", __name__, url_prefix="/oauth2")


class Client(ClientMixin):
    """A stored client with the methods that authlib requires."""

    def __init__(self, stored: OAuthClient) -> None:
        self.stored = stored

    def check_client_secret(self, client_secret: str) -> bool:
        """Whether the client knows its secret."""
        return hmac.compare_digest(self.stored.digest, digest(settings().secret_key, client_secret))

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """The secret comes in the Authorization header or in the form."""
        return method in ClientCredentials.TOKEN_ENDPOINT_AUTH_METHODS

    def check_grant_type(self, grant_type: str) -> bool:
        """A client is a program: it has credentials and nothing else."""
        return bool(grant_type == ClientCredentials.GRANT_TYPE)

    def get_allowed_scope(self, scope: str | None) -> str:
        """Those of the scopes asked for that the client has."""
        return " ".join(word for word in (scope or "").split() if word in self.stored.scopes)


class ClientCredentials(grants.ClientCredentialsGrant):
    """The one grant there is."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")


def query_client(client_id: str) -> Client:
    """The client of that id; for one that is unknown, or whose user is disabled, a client that has no secret, so that
    all are refused alike."""
    known = OAuthClient.client_id == client_id.replace("\0", ""), User.disabled.is_(None)
    stored = session().scalar(select(OAuthClient).join(User, User.id == OAuthClient.user_id).where(*known))
    return Client(stored or OAuthClient(digest=b"", scopes=[]))


def client_by_basic(query_client: Callable[[str], Client], request: Any) -> Client | None:
    """The client of a good Authorization header; None for any other, also one that is not UTF-8 in base64."""
    try:
        client: Client | None = authenticate_client_secret_basic(query_client, request)
    except ValueError:
        return None
    return client


def save_token(token: dict[str, Any], request: Any) -> None:
    """Store the token; a client that asks for no scope gets all it has."""
    client: OAuthClient = request.client.stored
    scopes = token["scope"].split() if "scope" in token else client.scopes
    expires = datetime.now(UTC) + timedelta(seconds=token["expires_in"])
    user = session().get_one(User, client.user_id)
    store_token(session(), settings().secret_key, user, token["access_token"], scopes, expires, client.id)
    token["scope"] = " ".join(scopes)


@blueprint.post("/token/")
def token() -> Response:
    """A token for good credentials, else the error that the RFC has for it."""
    request.max_content_length = MAX_FORM_BYTES
    try:
        response: Response = current_app.extensions[EXTENSION].create_token_response()
    except InsecureTransportError:
        return answer({"error": "invalid_request", "error_description": NO_TLS}, 400)
    if response.status_code == 401:
        response.set_data(encode({"error": "invalid_client"}))  # the original's words, and no more
    return response


def register(app: Flask) -> None:
    """Give the app the endpoint."""
    app.config["OAUTH2_SCOPES_SUPPORTED"] = list(SCOPES)
    app.config["OAUTH2_ACCESS_TOKEN_GENERATOR"] = lambda **_: new_token()
    server = AuthorizationServer(app, query_client, save_token)
    server.register_grant(ClientCredentials)
    server.register_client_auth_method("client_secret_basic", client_by_basic)
    app.extensions[EXTENSION] = server
    app.register_blueprint(blueprint)
