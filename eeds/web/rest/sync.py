"""`sync/`: a list of objects, each created, updated or left as it is, in a number of statements that does not depend on
their number. Errors are told object by object; the good ones of the batch are stored all the same."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from flask import Response, request
from flask.views import MethodView
from marshmallow import INCLUDE, Schema, ValidationError, fields
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import InstrumentedAttribute

from eeds.accounts.visibility import changeable, visible
from eeds.db.array_parameters import among, unnested
from eeds.formats.messages import REQUIRED
from eeds.web.context import principal, session
from eeds.web.requests import read_list
from eeds.web.responses import answer
from eeds.web.rest.blueprint import Blueprint, batch_refused, json_content
from eeds.web.rest.fields import Char, breaks_integrity
from eeds.web.rest.resource import Item, Resource

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged - same record"
ALREADY_THERE = "This record already exists, and is not yours."

Key = tuple[Any, ...]
Errors = Mapping[str, list[str]]


class Label(Char):
    """The name of an object made earlier, in place of its id."""

    def __init__(self, column: InstrumentedAttribute[str], *, noun: str, **kwargs: Any) -> None:
        super().__init__(required=True, **kwargs)
        self.column = column
        self.noun = noun


@dataclass
class Stored:
    """An object of the table, or one that the batch is about to put there."""

    values: Item  # by attribute of the model
    is_seen: bool = True  # the asker may know of it
    is_ours: bool = True  # and may change it
    is_new: bool = False
    is_changed: bool = False


@dataclass
class Outcome:
    """What became of one object of the batch."""

    status: str
    stored: Stored | None = None  # None for an error
    values: Item = field(default_factory=dict)  # as this object of the batch left them; or what an error shows
    message: str | None = None


class Sync:
    """The rules of one `sync/`: how its input is checked, which fields find the stored object, what is answered."""

    resource: ClassVar[Resource]
    schema: ClassVar[type[Schema]]  # Label fields name the parents
    answer_schema: ClassVar[type[Schema] | None] = None  # documents the answer, where it is not the resource's
    key: ClassVar[tuple[str, ...]]  # attributes of the model that find the object
    key_shown: ClassVar[tuple[str, ...]]  # the same in the words of the answer

    def run(self, batch: Sequence[Any]) -> list[Outcome]:
        """Bring every object of the batch into the database; the outcomes in the same order."""
        # Two clients that sync the same new objects take turns, so that each is created once.
        session().execute(select(func.pg_advisory_xact_lock(func.hashtext(self.resource.model.__tablename__))))
        loaded, errors = self.load(batch)
        unresolved = self.resolve(batch, loaded)
        errors = self.check(loaded, errors)
        known = self.existing(loaded)
        outcomes = [
            unresolved.get(index) or self.apply(sent, data, errors.get(index, {}), known)
            for index, (sent, data) in enumerate(zip(batch, loaded, strict=True))
        ]
        self.write([stored for found in known.values() for stored in found])
        return outcomes

    def load(self, batch: Sequence[Any]) -> tuple[list[Item], Mapping[int, Errors]]:
        """The checked values of every object, and the messages of those that have some."""
        schema = self.schema(many=True)
        try:
            return schema.load(batch), {}
        except ValidationError as error:
            valid: Any = error.valid_data
            messages: Any = error.messages_dict
            return [item or {} for item in valid], dict(messages)

    def resolve(self, batch: Sequence[Any], loaded: Sequence[Item]) -> dict[int, Outcome]:
        """Replace names of parents by their ids, one statement a kind of parent; outcomes of unknown names."""
        unknown: dict[int, Outcome] = {}
        for name, label in self.schema._declared_fields.items():
            if isinstance(label, Label):
                attribute = label.attribute or name
                found = self.ids_of(label, {data[attribute] for data in loaded if attribute in data})
                for index, data in enumerate(loaded):
                    text = data.pop(attribute, None)
                    if text in found:
                        data[attribute] = found[text]
                    elif text is not None:
                        unknown.setdefault(index, Outcome(f"error - no {label.noun} found", values={name: text}))
        return unknown

    def ids_of(self, label: Label, names: set[str]) -> dict[str, int]:
        """The ids of the parents of these names, as far as the asker can see them."""
        parent: Any = label.column.class_
        statement = select(label.column, parent.id).where(among(label.column, names), visible(principal(), parent))
        return {row[0]: row[1] for row in session().execute(statement)} if names else {}

    def check(self, loaded: Sequence[Item], errors: Mapping[int, Errors]) -> Mapping[int, Errors]:
        """Errors that show only when the parents are known; the values may be changed too."""
        return errors

    def existing(self, loaded: Iterable[Item]) -> dict[Key, list[Stored]]:
        """The stored objects that the batch may mean, by key."""
        model = self.resource.model
        first = {data[self.key[0]] for data in loaded if self.key[0] in data}
        columns = model.__table__.columns
        access = visible(principal(), model).label("seen"), changeable(principal(), model).label("ours")
        statement = select(*columns, *access)
        rows = session().execute(statement.where(among(getattr(model, self.key[0]), first)).order_by(model.id))
        known: dict[Key, list[Stored]] = {}
        for row in rows.mappings():
            values = {name: row[column] for name, column in columns.items()}
            known.setdefault(self.key_of(values), []).append(Stored(values, row["seen"], row["ours"]))
        return known

    def key_of(self, data: Item) -> Key:
        """What finds the stored object."""
        return tuple(data.get(name) for name in self.key)

    def apply(self, sent: Any, data: Item, errors: Errors, known: dict[Key, list[Stored]]) -> Outcome:
        """Create, update or leave one object; `known` learns of it, for the rest of the batch."""
        found = known.get(self.key_of(data), [])
        if errors:
            return self.refused(sent, data, errors, "update" if found else "create")
        if len(found) > 1:
            return Outcome("error - multiple records", values=self.shown_key(sent, data))
        if not found:
            stored = Stored(dict(data), is_new=True)
            known[self.key_of(data)] = [stored]
            return Outcome(CREATED, stored, self.snapshot(stored))
        (stored,) = found
        changes = {name: value for name, value in data.items() if stored.values[name] != value}
        if not stored.is_seen or (changes and not stored.is_ours):
            verb = "update" if stored.is_seen else "create"
            return Outcome(f"error - integrity error - {verb}", None, self.shown_key(sent, data), ALREADY_THERE)
        stored.values |= changes
        stored.is_changed = stored.is_changed or bool(changes)
        return Outcome(UPDATED if changes else UNCHANGED, stored, self.snapshot(stored))

    def write(self, objects: Sequence[Stored]) -> None:
        """Store what is new, which learns its id, and what is changed: a statement each."""
        new = [stored for stored in objects if stored.is_new]
        if new:
            self.insert(new)
        changed = [stored.values for stored in objects if stored.is_changed and not stored.is_new]
        if changed:
            self.update(changed)

    def insert(self, new: Sequence[Stored]) -> None:
        """Store new objects. No two have the same key, which tells whose id is whose."""
        model = self.resource.model
        names = list(new[0].values)
        rows = unnested({name: getattr(model, name) for name in names}, [stored.values for stored in new])
        statement = insert(model).from_select(names, select(*(rows.c[name] for name in names)))
        keys = [getattr(model, name) for name in self.key]
        ids = {tuple(key): id for id, *key in session().execute(statement.returning(model.id, *keys))}
        for stored in new:
            stored.values["id"] = ids[self.key_of(stored.values)]

    def update(self, changed: Sequence[Item]) -> None:
        """Store the values of objects that have an id."""
        model = self.resource.model
        names = self.written()
        rows = unnested({name: getattr(model, name) for name in ("id", *names)}, changed)
        statement = update(model).where(model.id == rows.c.id).values({name: rows.c[name] for name in names})
        session().execute(statement.execution_options(synchronize_session=False))

    def written(self) -> list[str]:
        """The attributes that an update sets."""
        read = {known.attribute or name: known for name, known in self.schema._declared_fields.items()}
        return [name for name, known in read.items() if not known.dump_only and name not in self.key]

    def refused(self, sent: Any, data: Item, errors: Errors, verb: str) -> Outcome:
        """The outcome of an object with errors, named after the first of them."""
        name, messages = next((n, errors[n]) for n in (*self.schema._declared_fields, *errors) if n in errors)
        message = messages[0]
        shown = self.shown_key(sent, data)
        if message == REQUIRED:
            return Outcome("error - missing field", None, shown, repr(name))
        kind = "integrity error" if breaks_integrity(message) else "bad field value"
        return Outcome(f"error - {kind} - {verb}", None, shown, f"{name}: {message}" if name != "_schema" else message)

    def shown_key(self, sent: Any, data: Item) -> Item:
        """What tells the sender which object an error is about."""
        sent = sent if isinstance(sent, Mapping) else {}
        pairs = zip(self.key, self.key_shown, strict=True)
        return {shown: data.get(name, sent.get(shown)) for name, shown in pairs if name in data or shown in sent}

    def snapshot(self, stored: Stored) -> Item:
        """The values of an object now, by the keys of the answer; a later one of the batch may change them."""
        return {name: stored.values.get(str(column.key)) for name, column in self.resource.columns().items()}

    def show(self, outcomes: Sequence[Outcome]) -> list[Item]:
        """The answer: an object for every object of the batch."""
        return [self.show_one(outcome) for outcome in outcomes]

    def show_one(self, outcome: Outcome) -> Item:
        """One object of the answer; its id is known only now that all are stored."""
        if outcome.stored:
            return {**outcome.values, "id": outcome.stored.values["id"], "status": outcome.status}
        if outcome.message is None:
            return {"status": outcome.status, **outcome.values}
        return {**outcome.values, "status": outcome.status, "message": outcome.message}


class SyncedOrNot(Schema):
    """What became of an object: with its fields if it was stored, else with what tells which one it was."""

    class Meta:
        """Documented as an object with any other keys."""

        unknown = INCLUDE

    status = fields.String(required=True, metadata={"example": "error - missing field"})
    message = fields.String(metadata={"example": "'zipcode'"})


def sync_view(blueprint: Blueprint, sync: Sync) -> None:
    """Give the blueprint the view `sync/`."""
    noun = sync.resource.noun
    name = "".join(word.title() for word in noun.split())
    answered = (sync.answer_schema or sync.resource.schema).from_dict(
        {"status": fields.String(metadata={"example": CREATED})}, name=f"{name}Synced"
    )

    class SyncView(MethodView):
        @blueprint.response(200, answered(many=True))
        @blueprint.doc(
            responses={"400": batch_refused(SyncedOrNot(many=True), "Some were refused, the others stored.")},
            summary=f"Create or update {noun}s",
            requestBody={"required": True, "content": json_content(sync.schema(many=True))},
        )
        def post(self) -> Response:
            outcomes = sync.run(read_list(request))
            return answer(sync.show(outcomes), 400 if any(not outcome.stored for outcome in outcomes) else 200)

    blueprint.route("/sync/", endpoint=f"{name}Sync")(SyncView)
