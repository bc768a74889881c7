"""/portal/tokens/: the tokens with which programs act for the user."""

from datetime import UTC, date, datetime, time, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from eeds.accounts import operations
from eeds.accounts.operations import DEFAULT_LIFETIME
from eeds.accounts.principal import SCOPES
from eeds.db.tables import User
from eeds.errors import EedsError
from eeds.portal.blueprint import blueprint
from eeds.web.context import principal, session, settings
from eeds.web.rest.blueprint import ID


@blueprint.get("/tokens/")
def tokens() -> ResponseReturnValue:
    """The user's own tokens, and a form to create one."""
    return page()


@blueprint.post("/tokens/")
def add_token() -> ResponseReturnValue:
    """Create a token and show it, this once."""
    scopes = [scope for scope in SCOPES if scope in request.form.getlist("scope")]
    try:
        expires = end_of_day(request.form.get("expires", ""))
    except EedsError as error:
        return page(error=str(error)), 400
    user = session().get_one(User, principal().user_id)
    name = request.form.get("name", "").strip()
    try:
        made = operations.create_token(session(), settings().secret_key, user, scopes, expires, name)
    except EedsError as error:
        return page(error=str(error)), 400
    return page(made=made), 201


@blueprint.post(f"/tokens/{ID}/revoke/")
def revoke_token(id: int) -> ResponseReturnValue:
    """Make one of the user's own tokens worthless."""
    operations.revoke_token(session(), id, principal().user_id)
    flash("The token is revoked.", "done")
    return redirect(url_for("portal.tokens"), 303)


def page(**outcome: str) -> str:
    """The page: the tokens, newest first, the form, and the new token (`made`) or why there is none (`error`)."""
    now = datetime.now(UTC)
    own = [token for token, _ in reversed(operations.list_tokens(session(), principal().user_id))]
    default_end = (now + DEFAULT_LIFETIME).date()
    return render_template("portal/tokens.html", tokens=own, scopes=SCOPES, now=now, default_end=default_end, **outcome)


def end_of_day(text: str) -> datetime:
    """The end of a day in UTC that is given as 2027-01-31; raises EedsError."""
    try:
        day = date.fromisoformat(text)
        end = datetime.combine(day, time(), UTC) + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise EedsError("Say until which day the token is valid, as 2027-01-31.") from error
    if end <= datetime.now(UTC):
        raise EedsError("The day until which the token is valid is over.")
    return end
