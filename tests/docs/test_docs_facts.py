"""What README and docs/ say of the code is what the code has: variables, commands, tables, keys, files, links."""

import ast
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path

import click
import gunicorn.config
import pytest
from flask import Flask
from msgspec.structs import fields

from eeds import __version__
from eeds.api.aliases import NAMES
from eeds.api.project_results import (
    DerivativeAggregationSchema,
    DerivativeSchema,
    EnergyTraceModelResultSchema,
    ModelingPeriodGroupSchema,
    ModelingPeriodSchema,
    ProjectResultSchema,
)
from eeds.app import create_app
from eeds.cli import cli
from eeds.config.settings import Settings
from eeds.db.tables import Base
from eeds.meter.limits import limits_of
from eeds.meter.settings import ALLOWED, OF_PROJECT, MeterSettings
from eeds.meter.sufficiency import CONSTANT_VALUES, LEAST_DAYS
from tests.docs.pages import PAGES, README, ROOT, anchors, blocks, code, prose, table

API, RESULTS = ROOT / "docs" / "api.md", ROOT / "docs" / "results.md"
CHANGELOG = ROOT / "CHANGELOG.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
READ_BY_GUNICORN = {"PORT", "WEB_CONCURRENCY"}
# Keys that every object of the API has, and keys of other objects.
PLAIN_KEYS = {"id", "project", "project_result", "energy_trace", "modeling_period_group", "added", "updated"}
LINK = re.compile(r"\[[^]]*\]\(([^)]+)\)")
# `name` in `eeds/file.py`: where a walk through the code leads.
STEP = re.compile(r"`(\w+)`\s+(?:in|of)\s+`((?:eeds|workers)/[\w/]+\.py)`")
SOURCE_FILE = re.compile(r"(?:eeds|workers|sql|script|tests|docs|tools)/[\w/.-]*")


def variables(source: str) -> Iterator[str]:
    """The environment variables that a module reads."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=mapping), args=[ast.Constant(value=str(name)), *_]):
                if is_environ(mapping):
                    yield name
            case ast.Call(args=[mapping, ast.Constant(value=str(name)), *_]) if is_environ(mapping):
                yield name
            case ast.Subscript(value=mapping, slice=ast.Constant(value=str(name))) if is_environ(mapping):
                yield name
            case ast.Compare(left=ast.Constant(value=str(name)), comparators=[mapping]) if is_environ(mapping):
                yield name
            case ast.keyword(arg="envvar", value=ast.Constant(value=str(name))):
                yield name


def is_environ(node: ast.expr) -> bool:
    """Whether an expression is the environment, as the code calls it."""
    return ast.unparse(node) in ("environ", "os.environ")


def test_every_variable_and_no_other_is_in_the_table() -> None:
    files = [ROOT / "wsgi.py", ROOT / "gunicorn.conf.py", *ROOT.glob("eeds/**/*.py"), *ROOT.glob("workers/**/*.py")]
    read = {name for file in files for name in variables(file.read_text(encoding="utf-8"))}
    assert "EEDS_TOKEN" in read
    assert "DYNO" in read
    named = [code(row[0])[0] for row in table(README, "Configuration")]
    assert sorted(named) == sorted(read | READ_BY_GUNICORN)


@pytest.mark.parametrize("name", sorted(READ_BY_GUNICORN))
def test_what_gunicorn_reads(name: str) -> None:
    assert f'os.environ.get("{name}"' in inspect.getsource(gunicorn.config).replace("'", '"')


@pytest.mark.parametrize(
    ("variable", "attribute"),
    [("EEDS_ENV", "env"), ("EEDS_MAX_UPLOAD_MB", "max_upload_mb"), ("EEDS_RUN_TIMEOUT", "run_timeout")],
)
def test_defaults_of_variables(variable: str, attribute: str, tmp_path: Path) -> None:
    defaults = Settings.from_env({"EEDS_DATA_DIR": str(tmp_path)})
    (shown,) = [row[1] for row in table(README, "Configuration") if code(row[0]) == [variable]]
    assert shown.strip("`") == str(getattr(defaults, attribute))


def leaves(command: click.Command, name: str) -> Iterator[str]:
    """The commands below a command that have none below them."""
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            below = command.get_command(context, word)
            assert below is not None
            yield from leaves(below, f"{name} {word}")
    else:
        yield name


def test_every_command_and_no_other_is_in_the_table() -> None:
    named = [code(row[0])[0] for row in table(README, "Commands")]
    assert sorted(named) == sorted(leaves(cli, "eeds"))


def test_the_data_model_has_every_table() -> None:
    (picture,) = [block for block in blocks(README) if block.language == "mermaid"]
    drawn = set(re.findall(r"\b[a-z_]{5,}\b", re.sub(r'"[^"]*"', "", picture.text)))
    assert drawn == set(Base.metadata.tables)


def test_the_data_model_has_every_foreign_key() -> None:
    """One line at least between any two tables of which one refers to the other."""
    (picture,) = [block for block in blocks(README) if block.language == "mermaid"]
    drawn = {frozenset(pair) for pair in re.findall(r"^    (\w+) \S+ (\w+) :", picture.text, re.MULTILINE)}
    referring = {
        frozenset((name, key.column.table.name))
        for name, described in Base.metadata.tables.items()
        for key in described.foreign_keys
    }
    # a result belongs to a run and to the run's project, a group pairs two periods of its own result
    implied = {
        frozenset(("projects", "project_results")),
        frozenset(("modeling_periods", "modeling_period_groups")),
    }
    assert referring - implied <= drawn


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The web application, for what it has to offer; no database is asked."""
    return create_app(Settings.from_env({"EEDS_DATA_DIR": str(tmp_path_factory.mktemp("data"))}))


def test_the_api_page_names_every_resource(app: Flask) -> None:
    offered = {
        found[1]
        for rule in app.url_map.iter_rules()
        if (found := re.fullmatch(r"/api/v1/((?:registry/)?[a-z_]+)/.*", rule.rule))
    }
    assert {code(row[0])[0] for row in table(API, "Resources")} == offered - NAMES.keys()
    assert {code(row[0])[0]: code(row[1])[0] for row in table(API, "Names of v0.3")} == NAMES


def test_the_api_page_names_every_view_besides_the_usual(app: Flask) -> None:
    special = {
        (found[1], re.sub("<.*>", "ID", found[2]))
        for rule in app.url_map.iter_rules()
        if (found := re.fullmatch(r"/api/v1/([a-z_]+)/((?:<.*>/)?[a-z]\w+/)", rule.rule)) and found[1] != "registry"
    }
    named = {(code(row[0])[0], path) for row in table(API, "Resources") for path in code(row[2]) if path[-1] == "/"}
    special = {(name, path) for name, path in special if name not in NAMES}
    assert named == special


def test_every_key_of_a_result_is_explained() -> None:
    schemas = (
        ProjectResultSchema,
        ModelingPeriodSchema,
        ModelingPeriodGroupSchema,
        DerivativeAggregationSchema,
        EnergyTraceModelResultSchema,
        DerivativeSchema,
    )
    keys = {key for schema in schemas for key in schema._declared_fields} - PLAIN_KEYS
    assert sorted(keys - set(code(prose(RESULTS)))) == []


def test_every_setting_and_its_default_is_in_the_table() -> None:
    shown = {code(row[0])[0]: code(row[1])[0] for row in table(RESULTS, "Settings")}
    defaults = {field.name: getattr(MeterSettings(), field.name) for field in fields(MeterSettings)}
    defaults |= dict.fromkeys(OF_PROJECT)  # null in meter_settings
    assert shown == {name: json.dumps(value) for name, value in defaults.items()}
    assert shown.keys() == ALLOWED.keys()


def test_the_criteria_have_the_limits_of_the_meter() -> None:
    limits, text = limits_of("daily"), " ".join(prose(RESULTS).split())
    assert f"at least {LEAST_DAYS} days with a reading and a temperature" in text
    assert f"more than {CONSTANT_VALUES} different values" in text
    assert f"at least {limits.min_days} days from the first to the last" in text
    shares = {limits.temperature, limits.energy, limits.both, limits.monthly_temperature}
    assert {f"{share:.0%}" for share in shares} == {"90%"}, "the page has one number for them all"


@pytest.mark.parametrize("page", [*PAGES, CHANGELOG], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for link in LINK.findall(prose(page)):
        path, _, anchor = link.partition("#")
        if ":" in path:
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{page.name} links to {link}"
        assert not anchor or anchor in anchors(target), f"{page.name} links to {link}"


def test_every_step_of_the_walks_is_a_definition() -> None:
    steps = STEP.findall(ARCHITECTURE.read_text(encoding="utf-8"))
    assert len(steps) > 15
    for name, file in steps:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        defined = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        assert name in defined, f"{file} does not define {name}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_are_named_exist(page: Path) -> None:
    for name in code(prose(page)):
        if SOURCE_FILE.fullmatch(name):
            assert (ROOT / name).exists(), f"{page.name} names {name}"


def test_every_page_is_linked_from_the_readme() -> None:
    linked = {(ROOT / link).resolve() for link in LINK.findall(prose(README)) if ":" not in link and "#" not in link}
    assert set(PAGES) - linked == {README}


def test_the_changelog_has_this_version() -> None:
    newest = re.findall(r"^## (.*)$", CHANGELOG.read_text(encoding="utf-8"), re.MULTILINE)[0]
    assert newest == "Unreleased" or newest.startswith(__version__)


def test_the_readme_opens_with_one_sentence_and_two_commands() -> None:
    title, sentence, commands, *_ = README.read_text(encoding="utf-8").split("\n\n")
    assert title.startswith("# eeds")
    assert re.fullmatch(r"[^.]*\.", sentence)
    assert re.findall(r"^script/\w+", commands, re.MULTILINE) == ["script/demo", "script/test"]
