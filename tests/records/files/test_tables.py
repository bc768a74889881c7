"""Tables with a row a reading: where their header is, what their columns mean, when readings are."""

import pytest

from eeds.errors import Invalid, MalformedBody
from tests.records.files.reading import HOUSEHOLD, Reading, read, readings, refused

TWO = [("2022-01-31T06:00", 1.5), ("2022-02-01T06:00", 2)]


@pytest.mark.parametrize(
    "text",
    [
        "start,value\n2022-01-31,1.5\n2022-02-01,2\n",
        "My readings\nof the cellar;\n\nDatum;Verbrauch (kWh)\n31.01.2022;1,5\n01.02.2022;2\n",
        "Date\tUsage kWh\n1/31/2022\t1.5\n2/1/2022\t2\n",
        "fecha;consumo\n31/01/2022;1,5\n01/02/2022;2\n",
        "date de début,consommation\n2022-01-31,1.5\n2022-02-01,2\n",
        "date,time,kWh\n2022-01-31,00:00,1.5\n2022-02-01,00:00,2\n",
        "Date,Start Time,Usage\nJan 31 2022,12:00 AM,1.5 kWh\nFeb 1 2022,12:00 AM,2 kWh\n",
        "timestamp,kWh\n2022-01-31T06:00:00Z,1.5\n2022-02-01T00:00:00-06:00,2\n",
        "start,utc offset,kWh\n2022-01-31 00:00,-06:00,1.5\n2022-02-01 00:00,-06:00,2\n",
        "Date,Usage,Total\n2022-01-31,1.5,\n2022-02-01,2,\nEnd of report,,\n",
    ],
)
def test_tables_of_the_same_readings(text: str) -> None:
    file = read(text, **HOUSEHOLD)
    assert [(each.start, each.value) for each in readings(file)] == TWO
    assert refused(file) == []


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("start,end,kWh\n2022-01-31,2022-02-28,1\n2022-03-01,2022-03-31,2\n", "the last day"),
        ("start,end,kWh\n2022-01-31,2022-03-01,1\n2022-03-01,2022-04-01,2\n", "as they are"),
        (
            "start,end,kWh\n2022-01-31 00:00,2022-02-28 23:59,1\n2022-03-01 00:00,2022-03-31 23:59,2\n",
            "the last minute",
        ),
        (
            "start,end,kWh\n2022-01-31 00:00,2022-02-28 23:59:59,1\n2022-03-01 00:00,2022-03-31 23:59:59,2\n",
            "the last second",
        ),
    ],
)
def test_ends_are_those_of_the_whole_file(text: str, ends: str) -> None:
    file = read(text, **HOUSEHOLD)
    assert file.plan.ends == ends
    assert [(each.start, each.end) for each in readings(file)] == [
        ("2022-01-31T06:00", "2022-03-01T06:00"),
        ("2022-03-01T06:00", "2022-04-01T05:00"),
    ]


@pytest.mark.parametrize("name", ["Hour", "Hour Ending", "HE", "Time"])
def test_hours_from_1_to_24_are_those_that_end_then(name: str) -> None:
    for suffix in ("", ":00"):
        rows = "".join(f"2022-06-01,{hour}{suffix},{hour}\n" for hour in range(1, 25))
        found = readings(read(f"Date,{name},kWh\n{rows}", **HOUSEHOLD))
        assert (found[0].start, found[0].value) == ("2022-06-01T05:00", 1)
        assert (found[-1].start, found[-1].value) == ("2022-06-02T04:00", 24)
    rows = "".join(f"2022-06-01,{hour},{hour}\n" for hour in range(24))
    assert readings(read(f"Date,{name},kWh\n{rows}", **HOUSEHOLD))[0].start == "2022-06-01T05:00"


def test_the_same_word_twice_above_the_header() -> None:
    file = read("Meter,Meter,Date\nstart,value\n2022-01-31,1\n", **HOUSEHOLD)
    assert file.plan.header_line == 2


def test_days_alone_that_end_on_themselves() -> None:
    file = read("start,end,kWh\n2022-01-31,2022-01-31,1\n", **HOUSEHOLD)
    assert [(each.start, each.end) for each in readings(file)] == [("2022-01-31T06:00", "2022-02-01T06:00")]


@pytest.mark.parametrize(("offset", "start"), [("CDT", "06:00"), ("CST", "07:00"), ("Y", "06:00"), ("0", "07:00")])
def test_a_column_tells_the_hours_of_the_same_name_apart(offset: str, start: str) -> None:
    file = read(f"start,dst,kWh\n2022-11-06 01:00,{offset},1\n", **HOUSEHOLD)
    assert [each.start for each in readings(file)] == [f"2022-11-06T{start}"]


def test_all_that_is_wrong_with_a_row_is_said() -> None:
    text = "project_id,trace_id,fuel,unit,start,end,value,estimated\nhouse,,coal,bushel,soon,2022-01-01,x,maybe\n"
    assert refused(read(text)) == [
        '2 fuel: "coal" is not a valid choice.',
        "2 label: This field may not be blank.",
        '2 unit: "bushel" is no unit that is known, as kWh or therm.',
        "2 start: 'soon' cannot be read as a date written YYYY-MM-DD, as the others are.",
        "2 value: 'x' is no number.",
        '2 estimated: "maybe" is not a valid boolean.',
    ]


def test_rows_that_were_cut_in_the_wrong_place() -> None:
    file = read("start,value\n2022-01-31,1,5\n2022-02-01\n2022-02-02,2\n2022-02-03,\n", **HOUSEHOLD)
    assert refused(file) == ["2 None: Expected 2 fields, but got 3.", "3 None: Expected 2 fields, but got 1."]
    assert [each.value for each in readings(file)] == [2, None]


def test_estimated_readings() -> None:
    rows = "".join(f"2022-02-{day:02},1,{word}\n" for day, word in enumerate(("A", "Est", "yes", "", "Actual"), 1))
    file = read(f"start,kWh,Read Type\n{rows}", **HOUSEHOLD)
    assert [each.estimated for each in readings(file)] == [False, True, True, False, False]


def test_an_end_before_its_start() -> None:
    file = read(
        "start,end,kWh\n2022-02-02,2022-02-01,1\n2022-02-03,2022-02-04,1\n2022-02-04,2022-02-05,1\n", **HOUSEHOLD
    )
    assert len(readings(file)) + len(refused(file)) == 3


@pytest.mark.parametrize(
    ("text", "said", "message"),
    [
        ("a,b\n1,2\n", {}, "it has: a, b."),
        ("start,value,Value\n2022-01-01,1,2\n", {}, "The table has 2 columns value"),
        ("start,value\n2022-01-01,1\n", {"project_id": ""}, "The table has no column project_id"),
        ("start,value\n2022-01-01,1\n", {"trace_id": ""}, "Give the option trace_id if all rows have the same."),
        (
            "start,value\n2022-01-01,1 kWh\n2022-01-02,1 therm\n",
            {"unit": ""},
            "The values have several units: kWh, therm",
        ),
        ("start,value,unit\n2022-01-01,1 kWh,MWh\n", {}, "in kWh by what stands behind them, and in MWh by the table."),
        ("start,value\n03/04/2022,1\n05/04/2022,1\n", {}, "The column start: "),
        ('start,value\n2022-01-01,"1,234"\n', {}, "The column value: "),
        ("", {}, "it has: nothing"),
    ],
)
def test_what_cannot_be_read_says_why(text: str, said: dict[str, str], message: str) -> None:
    with pytest.raises(MalformedBody) as error:
        read(text, **{**HOUSEHOLD, **said})
    assert message in str(error.value)


def test_columns_that_somebody_names() -> None:
    text = "junk,junk\nWhen,What,Who,start\n2022-01-31,1.5,cellar,x\n"
    file = read(text, **HOUSEHOLD, columns={"start": "When", "value": "what", "label": "Who"})  # type: ignore[arg-type]
    assert readings(file) == [Reading("E_C_S cellar", "2022-01-31T06:00", "", 1.5)]
    for columns in ({"start": "When"}, {"start": "When", "value": "Gone"}, {"begin": "When"}):
        with pytest.raises(Invalid):
            read(text, **HOUSEHOLD, columns=columns)  # type: ignore[arg-type]
