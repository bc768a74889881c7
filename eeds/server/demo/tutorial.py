"""The datastore tutorial, step by step over HTTP, printed as it goes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
from tqdm import tqdm

from eeds.client import ApiError, Client, batches
from eeds.errors import EedsError
from eeds.jobs.status import FAILED, SUCCESS
from eeds.server.demo import project
from eeds.server.demo.savings import Savings, savings_of, savings_table
from eeds.server.demo.waiting import Waiting

RUN_SECONDS = 600
WEATHER_A_REQUEST = 8_784  # a year
INTERPRETATIONS = {"electricity": "E_C_S"}

Json = dict[str, Any]


def tutorial(client: Client) -> list[Savings]:
    """Do it all on a freshly seeded datastore, and print the savings; raises EedsError if a step fails."""
    look_around(client)
    made = make_project(client)
    load_weather(client)
    load_energy(client)
    run_meter(client, made["id"])
    return show_savings(client, made["id"])


def print_step(title: str, *answers: str) -> None:
    """Print a step: what is requested of the server, and below it what it answered."""
    click.echo(f"\n{title}" + "".join(f"\n    {answer}" for answer in answers))


def look_around(client: Client) -> None:
    """See what the development seed has put there, and delete it to make room for a project of the same name."""
    projects = client.get("projects/")
    print_step("The projects of the datastore: GET projects/", *map(project_line, projects))
    for seeded in projects:
        traces = client.get("consumption_metadatas/", summary="True", projects=str(seeded["id"]))
        kinds = ", ".join(f"{trace['interpretation']} in {trace['unit']}" for trace in traces)
        print_step(f"Its traces: GET consumption_metadatas/?summary=True&projects={seeded['id']}", kinds)
        records = client.get("consumption_records/", metadata=str(traces[0]["id"]))
        print_step(f"Records of the first: GET consumption_records/?metadata={traces[0]['id']}", *excerpt(records))
        client.delete(f"projects/{seeded['id']}/")
        print_step(f"Make room for a project of our own: DELETE projects/{seeded['id']}/", "gone, with all below it")


def project_line(project: Mapping[str, Any]) -> str:
    """A project in a line."""
    return (
        f"{project['project_id']} (id {project['id']}), ZIP code {project['zipcode']}, "
        f"baseline until {project['baseline_period_end']}, reporting from {project['reporting_period_start']}"
    )


def excerpt(records: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """The first records, and how many there are."""
    yield ", ".join(f"{record['start']} {record['value']}" for record in records[:3])
    yield f"... {len(records):,} in all"


def make_project(client: Client) -> Json:
    """Post a project, see that its name cannot be taken twice, and that syncing it changes nothing."""
    data = {
        "project_id": project.PROJECT["project_id"],
        "zipcode": project.PROJECT["zipcode"],
        "baseline_period_end": project.PROJECT["retrofit_start_date"],
        "reporting_period_start": project.PROJECT["retrofit_end_date"],
    }
    (owner,) = (owner["id"] for owner in client.get("project_owners/"))
    made: Json = client.post("projects/", {**data, "project_owner": owner})
    print_step("A project: POST projects/", project_line(made))
    try:
        client.post("projects/", {**data, "project_owner": owner})
    except ApiError as error:
        print_step("The same once more is refused: POST projects/", str(error.body))
    (synced,) = client.sync("projects/sync/", [{**data, "project_owner_id": owner}])
    print_step("Syncing takes what is there already: POST projects/sync/", synced["status"])
    return made


def load_weather(client: Client) -> None:
    """Load hourly temperatures of the station nearest to the project."""
    hours, temperatures = project.weather()
    starts = (f"{hour}:00:00Z" for hour in hours)
    items = [
        {"station": project.STATION, "start": start, "temp_f": temperature}
        for start, temperature in zip(starts, temperatures.tolist(), strict=True)
    ]
    created = 0
    with tqdm(total=len(items), desc="weather", unit=" hours", leave=False, disable=None) as bar:
        for batch in batches(items, WEATHER_A_REQUEST):
            created += client.post("weather_records/sync2/", batch)["created"]
            bar.update(len(batch))
    print_step(
        f"Made-up weather of station {project.STATION}: POST weather_records/sync2/",
        f"{created:,} hourly temperatures of {project.FIRST_YEAR} to {project.LAST_YEAR}",
    )


def load_energy(client: Client) -> None:
    """Make the trace that the readings belong to, load them, and read them back."""
    rows = list(project.readings())
    trace = {
        "project_project_id": rows[0]["project_id"],
        "interpretation": INTERPRETATIONS[rows[0]["fuel"]],
        "unit": rows[0]["unit"].upper(),
        "label": rows[0]["trace_id"],
    }
    (made,) = client.sync("consumption_metadatas/sync/", [trace])
    what = f"{made['label']}, {made['interpretation']} in {made['unit']}: {made['status']}"
    print_step("A trace of the project: POST consumption_metadatas/sync/", what)
    records = [
        {"metadata_id": made["id"], "start": row["date"], "value": row["value"], "estimated": row["estimated"]}
        for row in rows
    ]
    stored = client.post("consumption_records/sync2/", records)
    print_step("Its readings: POST consumption_records/sync2/", f"{stored['created']:,} daily readings stored")
    read = client.get("consumption_records/", metadata=str(made["id"]))
    print_step(f"They are there: GET consumption_records/?metadata={made['id']}", *excerpt(read))


def run_meter(client: Client, project_id: int) -> None:
    """Request a run and wait until it has ended; raises EedsError if it failed."""
    run: Json = client.post(
        "project_runs/", {"project": project_id, "meter_class": "EnergyEfficiencyMeter", "meter_settings": {}}
    )

    hint = "Is a worker running? The first start of one compiles the meter, which takes about half a minute."
    with Waiting("the meter", RUN_SECONDS, hint) as waiting:
        while run["status"] not in (SUCCESS, FAILED):
            waiting.pause(run["status"])
            run = client.get(f"project_runs/{run['id']}/")
    states = " -> ".join([*waiting.states, run["status"]])
    print_step(f"The meter: POST project_runs/, GET project_runs/{run['id']}/", states)
    if run["status"] == FAILED:
        raise EedsError(f"The run failed: {run['traceback']}")


def show_savings(client: Client, project_id: int) -> list[Savings]:
    """Print the savings of the project's latest result; raises EedsError if it has none."""
    *_, result = (result for result in client.get("project_results/") if result["project"] == project_id)
    savings = savings_of(result)
    if not savings:
        statuses = {trace["status"] for trace in result["energy_trace_model_results"]}
        raise EedsError(f"The run found no savings. Its models: {'; '.join(statuses)}")
    version = result["eemeter_version"]
    print_step(f"What it saved: GET project_results/ (eemeter {version})", *savings_table(savings, project.truths()))
    return savings
