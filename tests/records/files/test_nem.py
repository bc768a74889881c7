"""NEM12 and NEM13: times in UTC+10 all year, qualities, registers and what is no energy."""

from collections.abc import Sequence

import pytest

from eeds.errors import MalformedBody
from tests.records.files.reading import Reading, read, readings, refused

HEAD = "100,NEM12,200506081149,UNITEDDP,NEMMCO\n"
REGISTER = "200,NEM1201009,E1E2,E1,E1,N1,01009,kWh,30,20050610\n"


def day(text: str, values: Sequence[object], quality: str = "A") -> str:
    """A 300 record."""
    return f"300,{text},{','.join(map(str, values))},{quality},,,20050310121004,\n"


def test_a_day_is_utc_plus_ten_also_in_summer() -> None:
    for first, begins in (("20050101", "2004-12-31T14:00"), ("20050701", "2005-06-30T14:00")):
        file = read(HEAD + REGISTER + day(first, range(48)) + "900\n", project_id="p")
        found = readings(file)
        assert file.plan.kind == "NEM12"
        assert (found[0].trace, found[0].start, found[0].value) == ("E_C_S NEM1201009/E1", begins, 0)
        assert (len(found), found[-1].value, found[-1].end[-5:]) == (48, 47, "14:00")


@pytest.mark.parametrize(("minutes", "count"), [(5, 288), (15, 96), (30, 48)])
def test_lengths_of_intervals(minutes: int, count: int) -> None:
    register = REGISTER.replace(",30,", f",{minutes},")
    assert len(readings(read(HEAD + register + day("20050101", range(count)), project_id="p"))) == count


def test_qualities_of_a_day_and_of_its_intervals() -> None:
    records = (
        day("20050301", [1] * 48, "S14")
        + day("20050302", [1] * 48, "N")
        + day("20050303", [1] * 48, "V")
        + "400,1,2,F14,76,\n400,3,47,A,,\n400,48,48,N,,\n"
    )
    found = readings(read(HEAD + REGISTER + records, project_id="p"))
    assert {(each.value, each.estimated) for each in found[:48]} == {(1, True)}
    assert {(each.value, each.estimated) for each in found[48:96]} == {(None, False)}
    assert [(each.value, each.estimated) for each in found[96:]] == [(1, True)] * 2 + [(1, False)] * 45 + [
        (None, False)
    ]


def test_what_is_given_back_and_what_is_no_energy() -> None:
    records = (
        REGISTER.replace("E1,E1", "B1,B1").replace("kWh", "Wh")
        + day("20050301", [1] * 48)
        + REGISTER.replace("E1,E1", "Q1,Q1").replace("kWh", "kVArh")
        + day("20050301", [1] * 48)
    )
    file = read(HEAD + records, project_id="p")
    assert {each.trace for each in readings(file)} == {"E_OSG_U NEM1201009/B1"}
    assert file.taken.names[0].unit == "Wh"
    assert file.plan.notes == ["NEM1201009/Q1 is skipped: it has kVArh, which is no energy used or given back."]


def test_what_is_wrong() -> None:
    file = read(
        HEAD
        + REGISTER
        + day("20050230", [1] * 48)
        + day("20050301", [1] * 40)
        + day("20050302", [1] * 48, "X")
        + day("20050303", ["x", *[1] * 47])
        + "400,0,99,A\n777,1\n"
        + REGISTER.replace(",30,", ",7,"),
        project_id="p",
    )
    assert sorted(refused(file)) == [
        "3 IntervalDate: A day is written as 20220131.",
        "4 IntervalValue: A day has 48 values; this one has 45.",
        "5 QualityMethod: A quality begins with A, E, F, N, S or V.",
        "6 value: 'x' is no number.",
        "7 QualityMethod: A 400 record has the numbers of intervals, and their quality.",
        "8 record: A record of NEM12 begins with 100, 200, 300, 400, 500 or 900.",
        "9 IntervalLength: A 200 record has a NMI, and intervals of 5, 15 or 30 minutes.",
    ]


def test_accumulated_reads() -> None:
    head = "100,NEM13,200401100030,MDA1,RET1\n"
    read_of = (
        "250,1234567890,1141,01,11,11,METSER66,{way},000021.2,20031001103230,A,,,000534.5,{end},{quality},77,,343.5,kWh,"
        "20040509,20040202125010,20040203000130\n"
    )
    text = head + read_of.format(way="E", end="20040201100030", quality="E64")
    text += read_of.format(way="I", end="20040201100030", quality="A") + read_of.format(way="E", end="x", quality="A")
    file = read(text + "900\n", project_id="p")
    assert readings(file) == [
        Reading("E_C_S 1234567890/11", "2003-10-01T00:32", "2004-02-01T00:00", 343.5, True),
        Reading("E_OSG_U 1234567890/11", "2003-10-01T00:32", "2004-02-01T00:00", 343.5, False),
    ]
    assert refused(file) == [
        "4 ReadDateTime: A 250 record has the times of two reads, as 20220131000000, one behind the other."
    ]


def test_a_project_has_to_be_said() -> None:
    with pytest.raises(MalformedBody, match="give the option project_id"):
        read(HEAD + REGISTER)
