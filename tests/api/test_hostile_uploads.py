"""Files and options that nobody means: refused in words, whatever they are."""

from urllib.parse import urlencode

import pytest

from tests.api.conftest import Api


@pytest.fixture
def project(api: Api) -> int:
    """A project in Des Moines, where it is UTC-6 in winter."""
    owner = api.get("project_owners/").json[0]["id"]
    project = {"project_id": "house", "project_owner": owner, "zipcode": "50321"}
    return int(api.post("projects/", project).json["id"])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 100,
        b"start,value\n2022-01-01,\0\n",
        b"start,value\n9999-12-31,1\n0001-01-01,1\n2022-01-01,1\n",
        b"start,value\n2022-01-01,1e308\n",
        b"start,end,value\n2022-01-01,2022-01-01,1\n",
        b"start,duration,value\n2022-01-01,99999:59,1\n2022-01-02,-5,1\n",
        b"start,offset,value\n2022-01-01,+99:00,1\n",
        ("start,value\n" + "2022-01-01,1," * 5_000).encode(),
        (",".join(["start", *["value"] * 3_000]) + "\n").encode(),
        "start,value\n２０２２-０１-０１,１\n".encode(),
        b"100,NEM12\n200\n300\n400\n300,20220101,\n400,1,99999999999999999999,A\n",
        b"100,NEM12\n200,N,E1,E1,E1,,,kWh,30,\n300,00010101" + b",1" * 48 + b",A\n300,99991231" + b",1" * 48 + b",A\n",
        b"100,NEM13\n250\n250," + b",".join([b"20220101000000"] * 30) + b"\n",
        b"start,value\n" + b'"' * 5_000,
        b"PK\x03\x04 no zip at all",
        b"PAR1",
        b"\x1f\x8b no gzip",
        b"ARROW1",
        b"<html>log in</html>",
    ],
)
def test_no_file_makes_the_server_fail(api: Api, project: int, content: bytes) -> None:
    household = {"project_id": "house", "fuel": "electricity", "unit": "MWh", "trace_id": "m", "mode": "partial"}
    for how in (household, {**household, "columns": "start=start,value=value"}, {"plain": "true"}):
        answer = api.post("consumption_records/upload/", data=content, query_string=how)
        assert answer.status_code in (200, 400, 413), answer.text


@pytest.mark.parametrize("columns", ["start,value", "metadata_id,start,value"])
def test_values_whose_sum_is_infinite_fail_nothing(api: Api, project: int, columns: str) -> None:
    trace = {"project": project, "interpretation": "E_C_S", "unit": "KWH", "label": "m"}
    id = api.post("consumption_metadatas/", trace).json["id"]
    name = f"{id}," if "metadata_id" in columns else ""
    household = {"project_id": "house", "fuel": "electricity", "unit": "kWh", "trace_id": "m"}
    how = {} if name else household
    for amount in ("1e308", "1.1e308"):
        for hours in (range(3), [0, 0, 1, 1]):
            rows = "".join(f"{name}2022-01-01T{hour:02}:00:00Z,{amount}\n" for hour in hours)
            for dry_run in ("true", "false"):
                query = {**how, "mode": "partial", "dry_run": dry_run, "plain": "true" if name else "false"}
                answer = api.post("consumption_records/upload/", data=f"{columns}\n{rows}".encode(), query_string=query)
                assert (answer.status_code, answer.json["refused"]) == (200, 0), answer.text
                assert answer.json["traces"][0]["balance"]["received"]["energy"] == 0


@pytest.mark.parametrize(
    "how",
    [
        {"timezone": "\0"},
        {"timezone": "../../etc/passwd"},
        {"columns": "start"},
        {"columns": "=,=,="},
        {"date_format": "%" * 1_000},
        {"decimal": "x"},
        {"sheet": "x" * 10_000},
        {"heating_value": "1e999"},
        {"fuel": "coal"},
        {"unit": "bushel"},
        {"trace_id": "x" * 300},
        {"project_id": "\ud800"},
        {"mapping": "x" * 10_000},
        {"plain": "perhaps"},
    ],
)
def test_options_that_mean_nothing_are_refused(api: Api, project: int, how: dict[str, str]) -> None:
    household = {"project_id": "house", "fuel": "electricity", "unit": "kWh", "trace_id": "m"}
    path = "consumption_records/upload/"
    answer = api.post(path, data=b"start,value\n2022-01-01,1\n", query_string=url_encode({**household, **how}))
    assert answer.status_code == 400, answer.text


def url_encode(how: dict[str, str]) -> str:
    """A query string, unpaired surrogates too."""
    return urlencode(how, errors="surrogatepass")
