"""/portal/users/: who may log in, for admins; and /portal/password/ for everybody's own password."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Row, func, select

from eeds.accounts.users import checked_password, create_user, set_password, user_with
from eeds.db.tables import Project, ProjectOwner, Token, User
from eeds.errors import EedsError, NotFound
from eeds.portal import cookie
from eeds.portal.blueprint import blueprint
from eeds.portal.login import require_patience
from eeds.web.context import principal, session

MAX_NAME = 255


@blueprint.get("/users/")
def users() -> ResponseReturnValue:
    """All users, and a form for another."""
    require_admin()
    return render_template("portal/users.html", users=all_users())


@blueprint.post("/users/")
def add_user() -> ResponseReturnValue:
    """Make a user with its project owner."""
    require_admin()
    name = request.form.get("name", "").strip()
    try:
        check_name(name)
        password = checked_password(request.form.get("password", ""))
    except EedsError as error:
        return render_template("portal/users.html", users=all_users(), error=str(error), name=name), 400
    create_user(session(), name, password, is_admin="admin" in request.form)
    flash(f"{name} can log in now.", "done")
    return redirect(url_for("portal.users"), 303)


@blueprint.get("/password/")
def password() -> ResponseReturnValue:
    """A form for the own password."""
    return render_template("portal/password.html")


@blueprint.post("/password/")
def change_password() -> ResponseReturnValue:
    """Change it; other browsers are logged out."""
    name = session().scalars(select(User.name).where(User.id == principal().user_id)).one()
    require_patience(name)
    user = user_with(session(), name, request.form.get("old", ""))
    try:
        if user is None:
            raise EedsError("The old password is wrong.")
        set_password(user, request.form.get("new", ""))
    except EedsError as error:
        return render_template("portal/password.html", error=str(error)), 400
    cookie.log_in(user)
    flash("Your password is changed.", "done")
    return redirect(url_for("portal.password"), 303)


def require_admin() -> None:
    """Raises NotFound for everybody else."""
    if not principal().is_admin:
        raise NotFound


def check_name(name: str) -> None:
    """Raises EedsError if nobody can be called that, or somebody is."""
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise EedsError(f"A name has 1 to {MAX_NAME} characters that can be seen.")
    if session().scalar(select(User.id).where(User.name == name)):
        raise EedsError(f"There is a user {name} already.")


def all_users() -> Sequence[Row[Any]]:
    """Each with its project owner, and how many projects and valid tokens it has."""
    owned = select(func.count()).select_from(Project).where(Project.project_owner_id == ProjectOwner.id)
    valid = (
        select(func.count())
        .select_from(Token)
        .where(
            Token.user_id == User.id, Token.revoked.is_(None), Token.expires.is_(None) | (Token.expires > func.now())
        )
    )
    columns = (
        User,
        ProjectOwner.id.label("owner"),
        owned.correlate(ProjectOwner).scalar_subquery().label("projects"),
        valid.correlate(User).scalar_subquery().label("tokens"),
    )
    return (
        session().execute(select(*columns).join(ProjectOwner, ProjectOwner.user_id == User.id).order_by(User.id)).all()
    )
