"""What the resources have in common: a subclass of Resource is one noun, and `crud` makes its views."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any, ClassVar

from flask import Response, request
from flask.views import MethodView
from marshmallow import Schema
from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.visibility import find_changeable, visible
from eeds.errors import NotFound
from eeds.formats.media_types import JSON
from eeds.web.context import may_read, principal, session
from eeds.web.negotiation import JSON_ONLY, Offers
from eeds.web.responses import answer, answer_list, no_content
from eeds.web.rest.blueprint import ID, Blueprint, Detail, format_parameters, format_responses, query_parameter
from eeds.web.rest.filters import Args, Filter, conditions
from eeds.web.rest.paging import PARAMETERS, link_next, page_of

BATCH = 1000
Item = dict[str, Any]


class Resource:
    """One noun of the API, for one request: what its caller may see and change.

    Subclasses name the model, the schema and the filters; they override what is special.
    """

    noun: ClassVar[str]  # as people say it, for the documentation
    model: ClassVar[Any]
    schema: ClassVar[type[Schema]]
    filters: ClassVar[Mapping[str, Filter]] = {}
    flags: ClassVar[Mapping[str, str]] = {}  # `?name=True` and what it does
    read_schemas: ClassVar[Sequence[type[Schema]]] = ()  # document what is read, where it is not what is written
    offers: ClassVar[Offers] = JSON_ONLY  # the formats that the list comes in

    def __init__(self, session: Session, principal: Principal) -> None:
        self.session = session
        self.principal = principal

    def columns(self) -> dict[str, ColumnElement[Any]]:
        """The keys of an answer, in order, and where they come from."""
        attributes = {name: field.attribute or name for name, field in self.schema._declared_fields.items()}
        return {
            name: getattr(self.model, attribute)
            for name, attribute in attributes.items()
            if hasattr(self.model, attribute)
        }

    def statement(self) -> Select[Any]:
        """The rows that the caller may see, in order."""
        columns = [column.label(name) for name, column in self.columns().items()]
        return select(*columns).where(visible(self.principal, self.model)).order_by(*self.order())

    def order(self) -> Sequence[ColumnElement[Any]]:
        """What the rows are sorted by."""
        return [self.model.id]

    def identified(self, id: int) -> ColumnElement[bool]:
        """The condition that one object meets."""
        return self.model.id == id

    def behind(self, id: int) -> ColumnElement[bool]:
        """The condition of coming after that object in the list."""
        condition: ColumnElement[bool] = self.model.id > id
        return condition

    def filtered(self, args: Args) -> Select[Any]:
        """The rows of `statement` that the query string selects."""
        return self.statement().where(*conditions(self.filters, args))

    def represent(self, rows: Iterable[Row[Any]], args: Args) -> Iterator[Item]:
        """The answer's objects for some rows of `statement`."""
        return (dict(row._mapping) for row in rows)

    def batches(self, args: Args) -> Iterator[Sequence[Row[Any]]]:
        """The rows selected, some at a time, read as they are consumed."""
        with self.session.execute(self.filtered(args), execution_options={"yield_per": BATCH}) as result:
            yield from result.partitions()

    def answer_all(self, args: Args) -> Response:
        """The answer with every object selected."""
        return answer_list(item for rows in self.batches(args) for item in self.represent(rows, args))

    def answer_one(self, id: int, args: Args) -> Response:
        """The answer with one object; raises NotFound if there is none, or the filters exclude it."""
        return answer(next(self.represent([self.row(self.filtered(args), id)], args)))

    def page(self, limit: int, after: int | None, args: Args) -> tuple[Sequence[Item], bool]:
        """At most `limit` objects of the list, those behind the object `after`, and whether there are more."""
        statement = self.filtered(args).limit(limit + 1)
        if after is not None:
            statement = statement.where(self.behind(after))
        rows = self.session.execute(statement).all()
        return [*self.represent(rows[:limit], args)], len(rows) > limit

    def require(self, id: int, args: Args) -> None:
        """Raises NotFound where `answer_one` does, without reading what belongs to the object."""
        self.row(self.filtered(args), id)

    def row(self, statement: Select[Any], id: int) -> Row[Any]:
        """The row of that object among those of the statement; raises NotFound."""
        row = self.session.execute(statement.where(self.identified(id))).one_or_none()
        if row is None:
            raise NotFound
        return row

    def stored(self, id: int, args: Args) -> Item:
        """One object as it was just stored, whatever the filters say."""
        return next(self.represent([self.row(self.statement(), id)], args))

    def create(self, data: Item) -> int:
        """Store a new object from checked input and return its id."""
        new = self.model(**data)
        self.session.add(new)
        self.session.flush()
        return int(new.id)

    def update(self, id: int, data: Item) -> int:
        """Change the given attributes; gives the id, as it is then. Raises NotFound or Forbidden."""
        stored = self.find(id)
        for name, value in data.items():
            setattr(stored, name, value)
        self.session.flush()
        return id

    def delete(self, id: int) -> None:
        """Delete the object and all below it; raises NotFound or Forbidden."""
        self.session.delete(self.find(id))
        self.session.flush()

    def find(self, id: int) -> Any:
        """The object to change; raises NotFound, or Forbidden for one that the caller may only see."""
        return find_changeable(self.session, self.principal, self.model, self.identified(id))


View = Callable[..., Response]


def crud(blueprint: Blueprint, resource: type[Resource], *, verbs: str = "list create get put patch delete") -> None:
    """Give the blueprint the views of the resource: `/` and `/ID/`, with those of the verbs that it has."""
    makers = {
        "": {"list": ("get", list_view), "create": ("post", create_view)},
        f"{ID}/": {
            "get": ("get", detail_view),
            "put": ("put", update_view),
            "patch": ("patch", update_view),
            "delete": ("delete", delete_view),
        },
    }
    for path, offered in makers.items():
        methods = {
            method: make(blueprint, resource, method)
            for verb, (method, make) in offered.items()
            if verb in verbs.split()
        }
        if methods:
            name = f"{resource.noun} {'detail' if path else 'list'}".title().replace(" ", "")
            view = type(name, (MethodView,), methods)
            offers = JSON_ONLY if path else resource.offers
            blueprint.route(f"/{path}", endpoint=name, offers=offers, parameters=[] if path else None)(view)


def list_view(blueprint: Blueprint, resource: type[Resource], method: str) -> View:
    """GET of the collection."""

    @blueprint.response(200)
    @blueprint.doc(responses=read_responses(resource, many=True))
    @blueprint.doc(
        parameters=[*query_parameters(resource), *PARAMETERS, *format_parameters(resource.offers)],
        responses=format_responses(resource.offers),
        summary=f"List {resource.noun}s",
    )
    def view(self: MethodView) -> Response:
        readable = resource(session(), principal())
        limit, after = page_of(request.args)
        if not limit:
            return readable.answer_all(request.args)
        items, has_more = readable.page(limit, after, request.args)
        response = answer(items)
        if has_more:
            link_next(response, request, items)
        return response

    return view


def read_responses(resource: type[Resource], *, many: bool) -> dict[int, Any]:
    """The OpenAPI answer to reading: flags may give it another form."""
    forms = [schema(many=many) for schema in resource.read_schemas or (resource.schema,)]
    # 200 as a number, under which flask-smorest keeps the answer
    return {200: {"content": {JSON: {"schema": forms[0] if len(forms) == 1 else {"anyOf": forms}}}}}


def create_view(blueprint: Blueprint, resource: type[Resource], method: str) -> View:
    """POST to the collection."""

    @blueprint.arguments(resource.schema)
    @blueprint.response(201, resource.schema)
    @blueprint.doc(parameters=flag_parameters(resource), summary=f"Create a {resource.noun}")
    def view(self: MethodView, data: Item) -> Response:
        writable = resource(session(), principal())
        return answer(writable.stored(writable.create(data), request.args), 201)

    return view


def detail_view(blueprint: Blueprint, resource: type[Resource], method: str) -> View:
    """GET of one object."""

    @blueprint.response(200)
    @blueprint.doc(responses=read_responses(resource, many=False))
    @blueprint.alt_response(404, schema=Detail)
    @blueprint.doc(parameters=query_parameters(resource), summary=f"Get a {resource.noun}")
    def view(self: MethodView, id: int) -> Response:
        return resource(session(), principal()).answer_one(id, request.args)

    return view


def update_view(blueprint: Blueprint, resource: type[Resource], method: str) -> View:
    """PUT needs the required fields, PATCH none; both keep what is left out."""
    word = "Replace" if method == "put" else "Change"

    @blueprint.arguments(resource.schema(partial=method == "patch" or None))
    @blueprint.response(200, resource.schema)
    @blueprint.alt_response(404, schema=Detail)
    @blueprint.doc(parameters=query_parameters(resource), summary=f"{word} a {resource.noun}")
    def view(self: MethodView, data: Item, id: int) -> Response:
        writable = resource(session(), principal())
        stored = writable.stored(writable.update(id, data), request.args)
        return answer(stored if may_read() else sent_part(resource, stored, data))

    return not_found_first(resource, view)


def sent_part(resource: type[Resource], stored: Item, data: Item) -> Item:
    """Of a stored object the id and what the caller has sent, for whoever may write but not read."""
    fields = resource.schema._declared_fields
    sent = {name for name, field in fields.items() if (field.attribute or name) in data}
    return {name: value for name, value in stored.items() if name == "id" or name in sent}


def not_found_first(resource: type[Resource], view: View) -> View:
    """The view, which answers 404 for an object that is not there before anything is said of the body."""

    @wraps(view)
    def checked(self: MethodView, id: int) -> Response:
        resource(session(), principal()).require(id, request.args)
        return view(self, id=id)

    return checked


def delete_view(blueprint: Blueprint, resource: type[Resource], method: str) -> View:
    """DELETE of one object."""

    @blueprint.response(204)
    @blueprint.alt_response(404, schema=Detail)
    @blueprint.doc(
        parameters=query_parameters(resource), summary=f"Delete a {resource.noun} and all that belongs to it"
    )
    def view(self: MethodView, id: int) -> Response:
        writable = resource(session(), principal())
        writable.require(id, request.args)
        writable.delete(id)
        return no_content()

    return view


def query_parameters(resource: type[Resource]) -> list[dict[str, Any]]:
    """The OpenAPI parameters of the resource's filters and flags."""
    return [filter.document(name) for name, filter in resource.filters.items()] + flag_parameters(resource)


def flag_parameters(resource: type[Resource]) -> list[dict[str, Any]]:
    """The OpenAPI parameters of the flags, which say what an answer has."""
    flag = {"type": "string", "enum": ["True"]}
    return [query_parameter(name, text, flag) for name, text in resource.flags.items()]
