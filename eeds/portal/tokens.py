"""/portal/tokens/: the tokens by which programs speak for the user."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select, update

from eeds.accounts.users import DEFAULT_LIFETIME, SCOPES, create_token
from eeds.db.tables import Token, User
from eeds.errors import EedsError, NotFound
from eeds.portal.blueprint import blueprint
from eeds.web.context import principal, session, settings
from eeds.web.rest.blueprint import ID


@blueprint.get("/tokens/")
def tokens() -> ResponseReturnValue:
    """The user's own tokens, and a form for another."""
    return render_template("portal/tokens.html", **shown())


@blueprint.post("/tokens/")
def add_token() -> ResponseReturnValue:
    """Make a token and show it, this once."""
    scopes = [scope for scope in SCOPES if scope in request.form.getlist("scope")]
    try:
        expires = last_moment(request.form.get("expires", ""))
    except EedsError as error:
        return render_template("portal/tokens.html", **shown(), error=str(error)), 400
    user = session().get_one(User, principal().user_id)
    made = create_token(session(), settings().secret_key, user, scopes, expires)
    return render_template("portal/tokens.html", **shown(), made=made), 201


@blueprint.post(f"/tokens/{ID}/revoke/")
def revoke_token(id: int) -> ResponseReturnValue:
    """Make one of the user's own tokens worthless."""
    own = update(Token).where(Token.id == id, Token.user_id == principal().user_id, Token.revoked.is_(None))
    if not session().execute(own.values(revoked=func.now()).returning(Token.id)).all():
        raise NotFound
    flash("The token is revoked.", "done")
    return redirect(url_for("portal.tokens"), 303)


def shown() -> dict[str, object]:
    """What the page shows in any case."""
    now = datetime.now(UTC)
    return {"tokens": own_tokens(), "scopes": SCOPES, "now": now, "default_end": (now + DEFAULT_LIFETIME).date()}


def own_tokens() -> Sequence[Token]:
    """The newest first."""
    return session().scalars(select(Token).where(Token.user_id == principal().user_id).order_by(Token.id.desc())).all()


def last_moment(text: str) -> datetime:
    """The end of a day in UTC that is given as 2027-01-31; raises EedsError."""
    try:
        day = date.fromisoformat(text)
        end = datetime.combine(day, time(), UTC) + timedelta(days=1)
    except (ValueError, OverflowError) as error:
        raise EedsError("Say until which day the token is valid, as 2027-01-31.") from error
    if end <= datetime.now(UTC):
        raise EedsError("The day until which the token is valid is over.")
    return end
