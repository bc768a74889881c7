"""/api/v1/tokens/: the caller's tokens, without what is secret of them. New ones are made by people, in the portal or
by `eeds token create`: a token that is stolen makes no others."""

from flask import Response, request
from flask.views import MethodView
from marshmallow import fields

from eeds.accounts.operations import revoke_token
from eeds.accounts.visibility import find
from eeds.db.tables import Token
from eeds.errors import Conflict, NotFound
from eeds.web.context import principal, session
from eeds.web.responses import answer
from eeds.web.rest.blueprint import ID, Blueprint, Detail
from eeds.web.rest.fields import Char
from eeds.web.rest.resource import Resource, crud
from eeds.web.rest.schemas import ApiSchema


class TokenSchema(ApiSchema):
    """A token, of which nobody can read more than how it begins."""

    EXAMPLE = {"name": "nightly upload"}

    id = fields.Integer(dump_only=True)
    user = fields.Integer(dump_only=True, attribute="user_id")
    name = Char(allow_none=True, metadata={"description": "What it is for."})
    prefix = fields.String(dump_only=True, metadata={"description": "How it begins."})
    scopes = fields.List(fields.String(), dump_only=True)
    expires = fields.DateTime(dump_only=True, allow_none=True)
    revoked = fields.DateTime(dump_only=True, allow_none=True)
    last_used = fields.DateTime(dump_only=True, allow_none=True, metadata={"description": "To the minute."})
    added = fields.DateTime(dump_only=True)


class Tokens(Resource):
    """The tokens of the caller, for an admin those of all users."""

    noun = "token"
    model = Token
    schema = TokenSchema


blueprint = Blueprint(
    "tokens", "Your tokens: what each is for, until when it is valid, when it was used; revoking them."
)
crud(blueprint, Tokens, verbs="list get patch")


@blueprint.route(f"/{ID}/revoke/", endpoint="TokenRevocation", parameters=[])
class TokenRevocation(MethodView):
    """The end of a token."""

    @blueprint.response(200, TokenSchema)
    @blueprint.alt_response(404, schema=Detail)
    @blueprint.alt_response(409, schema=Detail, description="It is revoked already.")
    @blueprint.doc(summary="Make a token worthless")
    def post(self, id: int) -> Response:
        """It stays in the list, with when it was revoked."""
        token = find(session(), principal(), Token, id)
        try:
            revoke_token(session(), token.id)
        except NotFound as error:
            raise Conflict(f"Token {id} is revoked already.") from error
        return answer(Tokens(session(), principal()).stored(id, request.args))
