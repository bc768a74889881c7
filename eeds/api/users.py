"""/api/v1/users/: who may come in; for admins, who disable users and reset their passwords."""

from typing import Any

from marshmallow import fields
from sqlalchemy import ColumnElement

from eeds.accounts.operations import disable_user, enable_user, set_password
from eeds.db.tables import User
from eeds.errors import EedsError, Forbidden, Invalid
from eeds.web.rest import filters
from eeds.web.rest.blueprint import Blueprint
from eeds.web.rest.fields import Flag
from eeds.web.rest.resource import Item, Resource, crud
from eeds.web.rest.schemas import ApiSchema


class UserSchema(ApiSchema):
    """A person or program that may come in."""

    EXAMPLE = {"disabled": False}

    id = fields.Integer(dump_only=True)
    name = fields.String(dump_only=True)
    is_admin = fields.Boolean(dump_only=True)
    disabled = Flag(metadata={"description": "Kept out: no login, and its tokens are refused."})
    disabled_since = fields.DateTime(dump_only=True, allow_none=True)
    password = fields.String(load_only=True, metadata={"description": "Another one, which ends all its logins."})
    added = fields.DateTime(dump_only=True)


class Users(Resource):
    """All users for an admin, everybody else's own."""

    noun = "user"
    model = User
    schema = UserSchema
    filters = {"name": filters.text(User.name)}

    def columns(self) -> dict[str, ColumnElement[Any]]:
        """Whether and since when they are disabled, at their places among the keys."""
        known = {**super().columns(), "disabled": User.disabled.is_not(None), "disabled_since": User.disabled}
        return {name: known[name] for name in self.schema._declared_fields if name in known}  # type: ignore[misc]

    def update(self, id: int, data: Item) -> int:
        """Disable or enable a user, or give it another password; raises Forbidden for who is no admin, Conflict for
        who would keep out themselves, and Invalid for a bad password."""
        user = self.find(id)
        if not self.principal.is_admin:
            raise Forbidden
        if "password" in data:
            try:
                set_password(self.session, user.name, data["password"])
            except EedsError as error:
                raise Invalid({"password": [str(error)]}) from error
        if data.get("disabled"):
            disable_user(self.session, user.name, by=self.principal)
        elif "disabled" in data:
            enable_user(self.session, user.name)
        self.session.flush()
        return id


blueprint = Blueprint("users", "Who may come in: disabled, enabled and given another password by admins.")
crud(blueprint, Users, verbs="list get patch")
