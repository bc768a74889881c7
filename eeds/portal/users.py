"""/portal/users/: who may log in, for admins; and /portal/password/ for everybody's own password."""

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie_session
from flask.typing import ResponseReturnValue

from eeds.accounts import attempts, operations
from eeds.accounts.visibility import find
from eeds.db.tables import User
from eeds.errors import Conflict, EedsError, NotFound
from eeds.portal import cookie
from eeds.portal.blueprint import blueprint
from eeds.portal.login import count_attempt
from eeds.web.context import principal, session
from eeds.web.rest.blueprint import ID


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


@blueprint.get(f"/users/{ID}/")
def user(id: int) -> ResponseReturnValue:
    """What an admin may do with a user."""
    return user_page(stored_user(id))


@blueprint.post(f"/users/{ID}/password/")
def reset_password(id: int) -> ResponseReturnValue:
    """Give somebody who has forgotten it another password; their browsers are logged out."""
    user = stored_user(id)
    try:
        operations.set_password(session(), user.name, request.form.get("password", ""))
    except EedsError as error:
        return user_page(user, error=str(error)), 400
    flash(f"{user.name} has a new password.", "done")
    return redirect(url_for("portal.users"), 303)


@blueprint.post(f"/users/{ID}/<any(disable, enable):action>/")
def change_user(id: int, action: str) -> ResponseReturnValue:
    """Keep a user out, or let it in again."""
    user = stored_user(id)
    try:
        if action == "disable":
            operations.disable_user(session(), user.name, by=principal())
        else:
            operations.enable_user(session(), user.name)
    except Conflict as error:
        return user_page(user, error=str(error)), 409
    flash(f"{user.name} is {action}d.", "done")
    return redirect(url_for("portal.users"), 303)


def stored_user(id: int) -> User:
    """The user of that id; raises NotFound, also for who is no admin."""
    require_admin()
    return find(session(), principal(), User, id)


def user_page(user: User, error: str = "") -> str:
    """The page of a user."""
    return render_template("portal/user.html", user=user, is_own=user.id == principal().user_id, error=error)


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
