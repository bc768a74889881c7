"""`sync/`: a list of objects, each created, updated or left as it is, in a number of statements that does not depend on
their number. Each has an outcome of its own; the good ones of the batch are stored even if others are refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple

from flask import Response, request
from flask.views import MethodView
from marshmallow import Schema, ValidationError, fields
from sqlalchemy.orm import Session

from eeds.accounts.principal import Principal
from eeds.accounts.project_names import SEVERAL, projects_named
from eeds.accounts.visibility import changeable, visible
from eeds.db.keyed_rows import Key, KeyedRow, insert_rows, key_of, rows_by_key, update_rows
from eeds.formats.messages import REQUIRED
from eeds.web.context import principal, session
from eeds.web.requests import read_list
from eeds.web.responses import answer
from eeds.web.rest.blueprint import AnyKeys, Blueprint, batch_refused, json_content
from eeds.web.rest.fields import Char, breaks_integrity
from eeds.web.rest.resource import Item, Resource

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged - same record"
SEVERAL_FOUND = "error - multiple records"
SHARED = "All project owners share this record: an admin changes it."
TAKEN = "Somebody else has created this record at this moment; send it again."

# Marshmallow makes many objects of the messages of one: of so many objects at a time.
SLICE = 1_000


class Error(NamedTuple):
    """What is wrong with an object: the field, `_schema` for the object as a whole, and the message."""

    field: str
    message: str


class ParentName(Char):
    """The name of an object that is stored already, in place of its id."""


class ProjectName(ParentName):
    """The name of the project that an object belongs to; it becomes the attribute `project_id`, the project's id."""

    def __init__(self) -> None:
        super().__init__(required=True, attribute="project_id")


@dataclass
class Outcome:
    """What became of one object of the batch."""

    status: str
    stored: KeyedRow | None = None  # None for an error
    # as this object of the batch left them; of an error what names the object
    values: Item = field(default_factory=dict)
    message: str | None = None

    def as_item(self) -> Item:
        """The object of the answer; a new one has its id only after all are stored."""
        if self.stored:
            id = self.stored.values.get("id", self.values["id"])
            return {**self.values, "id": id, "status": self.status}
        if self.message is None:
            return {"status": self.status, **self.values}
        return {**self.values, "status": self.status, "message": self.message}


class Sync:
    """The rules of one `sync/`: how its input is checked, which fields find the stored object, what is answered."""

    resource: ClassVar[type[Resource]]
    schema: ClassVar[type[Schema]]  # Label fields name the parents
    answer_schema: ClassVar[type[Schema] | None] = None  # documents the answer, where it is not the resource's
    key: ClassVar[tuple[str, ...]]  # attributes of the model that find the object
    shown_key: ClassVar[Mapping[str, str]]  # what an error names the object by, and where that is in the input

    def __init__(self, session: Session, principal: Principal) -> None:
        self.session = session
        self.principal = principal

    def run(self, batch: Sequence[Any]) -> list[Outcome]:
        """Bring every object of the batch into the database; the outcomes in the same order."""
        loaded, errors = self.load(batch)
        unresolved = self.resolve(batch, loaded)
        errors = self.check(loaded, errors)
        self.lock(loaded)
        stored = self.existing(loaded)
        outcomes = [
            unresolved.get(index) or self.apply(sent, data, errors.get(index), stored)
            for index, (sent, data) in enumerate(zip(batch, loaded, strict=True))
        ]
        self.write([row for rows in stored.values() for row in rows])
        return [self.unless_taken(*each) for each in zip(batch, loaded, outcomes, strict=True)]

    def load(self, batch: Sequence[Any]) -> tuple[list[Item], Mapping[int, Error]]:
        """The checked values of every object, and what is wrong with those that cannot be stored. The messages of some
        objects at a time are held."""
        loaded: list[Item] = []
        errors: dict[int, Error] = {}
        schema = self.schema(many=True)
        for start in range(0, len(batch), SLICE):
            try:
                loaded += schema.load(batch[start : start + SLICE])
            except ValidationError as error:
                valid: Any = error.valid_data
                loaded += [item or {} for item in valid]
                messages: Any = error.messages_dict
                errors |= {start + index: self.first_error(each) for index, each in messages.items()}
        return loaded, errors

    def first_error(self, messages: Mapping[str, list[str]]) -> Error:
        """The first of the messages of an object, in the order of the fields."""
        name = next(n for n in (*self.schema._declared_fields, *messages) if n in messages)
        return Error(name, messages[name][0])

    def lock(self, loaded: Sequence[Item]) -> None:
        """Let syncs of the same names take turns, so that each object is created once. The locks are held until the
        batch is committed: everything that takes time comes before."""
        raise NotImplementedError

    def resolve(self, batch: Sequence[Any], loaded: Sequence[Item]) -> dict[int, Outcome]:
        """Replace names of projects by their ids; outcomes of the objects whose names mean none, or several, by
        index."""
        unknown: dict[int, Outcome] = {}
        if not any(isinstance(each, ProjectName) for each in self.schema._declared_fields.values()):
            return unknown
        names = {data["project_id"] for data in loaded if "project_id" in data}
        projects = projects_named(self.session, self.principal, names)
        for index, data in enumerate(loaded):
            name = data.pop("project_id", None)
            ids = projects.get(name, ()) if name is not None else ()
            if len(ids) == 1:
                data["project_id"] = ids[0]
            elif ids:
                unknown[index] = self.without_parent(SEVERAL_FOUND, batch[index], SEVERAL.format(name))
            elif name is not None:
                unknown[index] = self.without_parent("error - no Project found", batch[index])
        return unknown

    def without_parent(self, status: str, sent: Item, message: str | None = None) -> Outcome:
        """The outcome of an object whose parent cannot be told: with all its names of parents."""
        names = (name for name, field in self.schema._declared_fields.items() if isinstance(field, ParentName))
        return Outcome(status, values={name: sent[name] for name in names if name in sent}, message=message)

    def check(self, loaded: Sequence[Item], errors: Mapping[int, Error]) -> Mapping[int, Error]:
        """Errors that show only when the parents are known; the values may be changed too."""
        return errors

    def existing(self, loaded: Sequence[Item]) -> dict[Key, list[KeyedRow]]:
        """The stored objects that the batch may mean, by key."""
        model = self.resource.model
        access = visible(self.principal, model), changeable(self.principal, model)
        return rows_by_key(self.session, model, self.key, loaded, *access)

    def apply(self, sent: Any, data: Item, error: Error | None, stored: dict[Key, list[KeyedRow]]) -> Outcome:
        """Create, update or leave one object; `stored` learns of it, for the rest of the batch."""
        key = key_of(self.key, data)
        rows = stored.get(key, [])
        if error:
            return self.refused(sent, data, error, "update" if rows else "create")
        if len(rows) > 1:
            return Outcome(SEVERAL_FOUND, values=self.shown(sent, data))
        if not rows:
            new = KeyedRow(dict(data), is_new=True)
            stored[key] = [new]
            return Outcome(CREATED, new, self.snapshot(new))
        (row,) = rows
        changes = {name: value for name, value in data.items() if row.values[name] != value}
        if changes and not row.is_changeable:
            return Outcome("error - integrity error - update", None, self.shown(sent, data), SHARED)
        row.values |= changes
        row.is_changed = row.is_changed or bool(changes)
        return Outcome(UPDATED if changes else UNCHANGED, row, self.snapshot(row))

    def write(self, rows: Sequence[KeyedRow]) -> None:
        """Store what is new, which learns its id, and what is changed."""
        if new := [row for row in rows if row.is_new]:
            insert_rows(self.session, self.resource.model, self.key, new)
        if changed := [row.values for row in rows if row.is_changed and not row.is_new]:
            update_rows(self.session, self.resource.model, self.written(), changed)

    def written(self) -> list[str]:
        """The attributes that an update sets."""
        declared = self.schema._declared_fields.items()
        attributes = [field.attribute or name for name, field in declared if not field.dump_only]
        return [attribute for attribute in attributes if attribute not in self.key]

    def unless_taken(self, sent: Any, data: Item, outcome: Outcome) -> Outcome:
        """The outcome, but for a new object that somebody has created at this moment without waiting for a turn."""
        if outcome.stored is None or outcome.stored.values.get("id", True) is not None:
            return outcome
        return Outcome("error - integrity error - create", None, self.shown(sent, data), TAKEN)

    def refused(self, sent: Any, data: Item, error: Error, verb: str) -> Outcome:
        """The outcome of an object with an error, named after it."""
        name, message = error
        shown = self.shown(sent, data)
        if message == REQUIRED:
            return Outcome("error - missing field", None, shown, repr(name))
        fault = "integrity error" if breaks_integrity(message) else "bad field value"
        return Outcome(f"error - {fault} - {verb}", None, shown, f"{name}: {message}" if name != "_schema" else message)

    def shown(self, sent: Any, data: Item) -> Item:
        """What names the object of an error to the sender: of its values as read, or as sent."""
        values = {**sent, **data} if isinstance(sent, Mapping) else data
        return {name: values[source] for name, source in self.shown_key.items() if source in values}

    def snapshot(self, row: KeyedRow) -> Item:
        """The values of an object now, by the keys of the answer; a later one of the batch may change them."""
        return {
            name: row.values.get(str(column.key))
            for name, column in self.resource(self.session, self.principal).columns().items()
        }

    def show(self, outcomes: Sequence[Outcome]) -> list[Item]:
        """The answer: an object for every object of the batch."""
        return [outcome.as_item() for outcome in outcomes]


class SyncedOrNot(AnyKeys):
    """What became of an object: with its fields if it was stored, else with its names."""

    status = fields.String(required=True, metadata={"example": "error - missing field"})
    message = fields.String(metadata={"example": "'zipcode'"})


def sync_view(blueprint: Blueprint, sync_class: type[Sync]) -> None:
    """Give the blueprint the view `sync/`."""
    noun = sync_class.resource.noun
    name = "".join(word.title() for word in noun.split())
    answered = (sync_class.answer_schema or sync_class.resource.schema).from_dict(
        {"status": fields.String(metadata={"example": CREATED})}, name=f"{name}Synced"
    )

    class SyncView(MethodView):
        @blueprint.response(200, answered(many=True))
        @blueprint.doc(
            responses={"400": batch_refused(SyncedOrNot(many=True), "Some were refused, the others stored.")},
            summary=f"Create or update {noun}s",
            requestBody={"required": True, "content": json_content(sync_class.schema(many=True))},
        )
        def post(self) -> Response:
            sync = sync_class(session(), principal())
            outcomes = sync.run(read_list(request))
            return answer(sync.show(outcomes), 400 if any(not outcome.stored for outcome in outcomes) else 200)

    blueprint.route("/sync/", endpoint=f"{name}Sync")(SyncView)
