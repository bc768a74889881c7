"""The shell blocks of README and docs/ do what the pages show."""

import math
import shutil
from pathlib import Path
from typing import Any

import pytest
import requests

from eeds.client import Client
from eeds.server.demo.project import truths
from eeds.server.demo.savings import savings_of, savings_table
from eeds.server.seed import DEV_TOKEN
from tests.docs import by_hand, notebook
from tests.docs.conftest import Reader
from tests.docs.notebook import NOTEBOOK
from tests.docs.pages import PAGES, README, Block, blocks, is_as_shown, steps

LANGUAGES = {"sh", "python", "console", "json", "text", "ini", "nginx", "mermaid", "diff", "sql"}
# How the commands begin that are shown but not run, and why.
NOT_RUN = {
    "script/demo": "tests/demo runs what it calls; the script itself may install packages first",
    "script/test": "is what runs this test",
    "script/server": "serves until it is interrupted; the tests have a datastore of their own",
    ". .venv/bin/activate": "the tests may run from another environment, and have its commands on their PATH",
    "python3 -m venv": "makes an environment that takes minutes to fill",
    "pip install": "installs packages for minutes",
    "heroku": "needs an account at Heroku",
    "git push": "needs an account at Heroku",
    "script/env": "writes secrets into the checkout; tests/test_deployment.py has it write elsewhere",
    "set -a": "sets what only commands that are not run would read",
    "docker compose": "needs Docker, and builds an image for minutes",
    "export": "sets what only commands that are not run would read",
    "python -m eeds.cli db upgrade": "tests/db/test_schema.py applies the migrations; here they are applied already",
    "eeds db bi-role": "makes a role of the whole server; tests/db/test_bi_views.py makes one, and drops it",
    "eeds restate": "needs two results of a project by their ids; tests/cli/test_restate.py has them",
    "python -m eeds.cli db distribute": "needs a Citus; tests/db/test_distribution.py has one where there is one",
    "EEDS_TEST_CITUS": "needs a Citus",
    "python -m eeds.cli seed prod": "needs an empty database; tests/api/test_access.py has one",
    "gunicorn wsgi:app": "serves until it is interrupted; the datastore of the tests runs it",
    "rq worker": "works until it is interrupted; the datastore of the tests runs it",
    "python -m workers.relay": "works until it is interrupted; the datastore of the tests runs it",
    "pg_basebackup": "copies a whole server, and needs a second one to start from it",
    "pg_verifybackup": "checks what pg_basebackup has copied",
    "pg_ctl": "starts a second server",
    "eeds upload normals": "needs files of 2 MB that others publish; tests/cli/test_upload_normals.py makes its own",
    "uv pip compile": "asks a package index for the versions of the day",
}
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="the pages use curl")


# What a page uses besides, and not every machine has.
TOOLS = {"uploads.md": "zstd"}


@needs_curl
def test_the_notebook_finds_the_savings(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the pages, one of which gives the station another normal year."""
    monkeypatch.setenv("EEDS_URL", reader.url)
    monkeypatch.setenv("MPLBACKEND", "agg")
    monkeypatch.setenv("MPLCONFIGDIR", str(reader.home))
    found = notebook.run(NOTEBOOK)
    (truth,) = [each for name, each in truths().items() if name == "annualized_weather_normal"]
    saved = found["savings"].loc["normalized"]
    assert saved["lower"] < truth.savings < saved["upper"]
    assert (saved["unit"], found["run"].status) == ("KWH", "SUCCESS")
    assert found["realization_rate"] == pytest.approx(saved["value"] / 2500)
    days = found["after"].dropna()
    assert found["savings"].loc["metered", "value"] == pytest.approx((days["baseline"] - days["observed"]).sum())
    assert len(found["months"]) == 18
    drawn = [[line.get_ydata().tolist() for line in figure.gca().get_lines()] for figure in figures()]
    assert drawn[-1] == [found["months"]["observed"].tolist(), found["months"]["baseline"].tolist()]


def figures() -> list[Any]:
    """What was drawn, each of which is closed."""
    from matplotlib import pyplot

    found = [pyplot.figure(number) for number in pyplot.get_fignums()]
    pyplot.close("all")
    return found


@needs_curl
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_print_what_the_page_shows(reader: Reader, page: Path) -> None:
    tool = TOOLS.get(page.name, "curl")
    if shutil.which(tool) is None:
        pytest.skip(f"the page uses {tool}")
    for step, printed in reader.read(page):
        if step.shown:
            plain = printed.replace("\r", "")
            assert is_as_shown(step.shown, plain), f"{step.run} printed, not what {step.shown} shows:\n{plain}"


@needs_curl
def test_the_readme_shows_the_savings_that_the_demo_prints(reader: Reader) -> None:
    """The tutorial has just had the same data through the same meter, so that the demo need not be run for it."""
    with Client(reader.url, DEV_TOKEN) as client:
        result = client.get("project_results/1/")
    (shown,) = [block for block in blocks(README) if "What it saved" in block.text]
    lines = [line.split() for line in shown.text.splitlines()]
    for expected in savings_table(savings_of(result), truths()):
        assert any(same_words(expected.split(), line) for line in lines), f"{shown} does not have: {expected}"
    assert f"(eemeter {result['eemeter_version']})" in shown.text


@needs_curl
def test_the_figures_follow_from_the_time_series(reader: Reader) -> None:
    with Client(reader.url, DEV_TOKEN) as client:
        result, savings = client.get("project_results/1/"), client.get("project_results/1/savings/")
    url = f"{reader.url}/api/v1/project_results/1/timeseries/?trace=7&format=csv"
    headers = {"Authorization": f"Bearer {DEV_TOKEN}"}
    series = by_hand.days(requests.get(url, headers=headers, timeout=60).text)

    models = result["energy_trace_model_results"]
    fitted = by_hand.fitted(series, result)
    for model, (period, days) in zip(models, fitted.items(), strict=True):
        there = [(day.observed, getattr(day, period.lower())) for day in days if day.observed is not None]
        expected = by_hand.quality(*zip(*there, strict=True), by_hand.parameters(model["model_serializiation"]) - 1)
        assert {name: model[name] for name in expected} == pytest.approx(expected)
        residuals = [measured - predicted for measured, predicted in there]
        numbers = by_hand.parameters(model["model_serializiation"])
        (gross,) = [each for each in model["derivatives"] if each["interpretation"] == "gross_predicted"]
        unknown = gross["n"] if period == "BASELINE" else gross["n"] - len(there)
        point, total = by_hand.distances(residuals, numbers, unknown, savings["confidence_level"])
        assert [model["upper"], model["lower"]] == pytest.approx([point, point])
        assert (gross["upper"] + gross["lower"]) / 2 > 0.999 * total, "what else is uncertain only adds to it"

    reporting = [day for day in series if day.date >= result["modeling_periods"][1]["start_date"][:10]]
    found, expected = savings["traces"][0]["metered_savings"], by_hand.metered_savings(reporting)
    assert {name: found[name] for name in expected} == pytest.approx(expected)
    assert found["fsu"] == pytest.approx((found["lower"] + found["upper"]) / 2 / abs(found["value"]))
    (gross,) = [each for each in models[0]["derivatives"] if each["interpretation"] == "gross_predicted"]
    assert gross["value"] == pytest.approx(sum(day.baseline or 0 for day in reporting))
    for day in series:
        if day.baseline is not None:
            distances = [(day.upper or 0) - day.baseline, day.baseline - (day.lower or 0)]
            assert distances == pytest.approx([models[0]["upper"], models[0]["lower"]])


def same_words(expected: list[str], shown: list[str]) -> bool:
    """The same words, and the same numbers but for the last digit."""
    return len(expected) == len(shown) and all(map(same_word, expected, shown))


def same_word(expected: str, shown: str) -> bool:
    """The same, or a number that rounding may have moved by one in its last digit."""
    numbers = [word.strip("()%").replace(",", "") for word in (expected, shown)]
    if not all(number.replace(".", "").isdigit() for number in numbers):
        return expected == shown
    digit = 0.11 if "." in numbers[0] else 1.1
    return math.isclose(float(numbers[0]), float(numbers[1]), abs_tol=digit)


def test_blocks_say_what_they_are() -> None:
    assert [str(block) for page in PAGES for block in blocks(page) if block.language not in LANGUAGES] == []


def test_no_answer_is_without_its_request() -> None:
    """JSON stands for what a command prints, so that all of it is compared."""
    compared = [step.shown for page in PAGES for step in steps(page)]
    answers = [block for page in PAGES for block in blocks(page) if block.language == "json"]
    assert [str(block) for block in answers if block not in compared] == []


def commands(block: Block) -> list[str]:
    """The commands of a console block, without their comments."""
    return [line for line in block.text.splitlines() if line and not line.startswith("#")]


def console() -> list[tuple[Block, str]]:
    """Every command that is shown and not run."""
    shown = [block for page in PAGES for block in blocks(page) if block.language == "console"]
    return [(block, command) for block in shown for command in commands(block)]


def test_what_is_not_run_has_a_reason() -> None:
    without = [f"{block}: {command}" for block, command in console() if not command.startswith(tuple(NOT_RUN))]
    assert without == [], "make them sh blocks, or say why they cannot be run"


def test_no_reason_is_without_a_command() -> None:
    shown = [command for _, command in console()]
    assert [start for start in NOT_RUN if not any(command.startswith(start) for command in shown)] == []
