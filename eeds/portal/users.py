"""/portal/users/: who may log in, for admins; and /portal/password/ for everybody's own password."""

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie_session
from flask.typing import ResponseReturnValue

from eeds.accounts import attempts, operations
from eeds.errors import EedsError, NotFound
from eeds.portal import cookie
from eeds.portal.blueprint import blueprint
from eeds.portal.login import count_attempt
from eeds.web.context import principal, session


@blueprint.get("/users/")
def users() -> ResponseReturnValue:
    """All users, and a form to add one."""
    require_admin()
    return render_template("portal/users.html", users=operations.list_users(session()))


@blueprint.post("/users/")
def add_user() -> ResponseReturnValue:
    """Create a user with its project owner."""
    require_admin()
    form = request.form
    try:
        user = operations.create_user(
            session(), form.get("name", ""), form.get("password", ""), is_admin="admin" in form
        )
    except EedsError as error:
        rows = operations.list_users(session())
        return render_template("portal/users.html", users=rows, error=str(error), name=form.get("name", "")), 400
    flash(f"{user.name} can log in now.", "done")
    return redirect(url_for("portal.users"), 303)


@blueprint.get("/password/")
def password() -> ResponseReturnValue:
    """A form for the caller's own password."""
    return render_template("portal/password.html")


@blueprint.post("/password/")
def change_password() -> ResponseReturnValue:
    """Change it; other browsers are logged out."""
    source = count_attempt(cookie_session["name"])
    try:
        user = operations.change_password(
            session(), principal(), request.form.get("old", ""), request.form.get("new", "")
        )
    except EedsError as error:
        return render_template("portal/password.html", error=str(error)), 400
    attempts.succeeded(session(), source)
    cookie.log_in(user)
    flash("Your password is changed.", "done")
    return redirect(url_for("portal.password"), 303)


def require_admin() -> None:
    """Raises NotFound for everybody else: these pages are not there for them."""
    if not principal().is_admin:
        raise NotFound
