"""Green Button files as utilities write them: no energy is lost or doubled, and the answer accounts for all of it."""

import io
import math
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.conftest import Api
from tests.api.test_greenbutton import send
from tests.records.greenbutton.feeds import (
    ATOM,
    ESPI,
    HOUR,
    block,
    elements,
    feed,
    local_time,
    meter_reading,
    reading,
    reading_type,
    usage_point,
    usual,
)

DAY = 86400
FIRST = 1764565200  # midnight in New York, 1 December 2025
PARTS = ("stored", "summed", "refused", "replaced")
EASTERN = {"dstEndRule": "B40E2000", "dstOffset": 3600, "dstStartRule": "360E2000", "tzOffset": -18000}


@pytest.fixture(autouse=True)
def project(api: Api) -> int:
    return int(api.post("projects/", {"project_id": "ABC", "project_owner": 1}).json["id"])


def load(api: Api, body: bytes, query: str = "?project=1&mode=partial") -> Any:
    """The answer to a load, whose balances add up."""
    answer = send(api, body, query)
    assert answer.status_code == 200, answer.text
    for trace in answer.json["traces"]:
        balance = trace["balance"]
        for what in ("readings", "energy"):
            parts = math.fsum(balance[part][what] for part in PARTS)
            assert balance["received"][what] == pytest.approx(parts, abs=1e-9), balance
    return answer.json


def tally(answer: Any, part: str) -> tuple[int, float]:
    """Readings and energy in a part of the balance of the only trace."""
    (trace,) = answer["traces"]
    return trace["balance"][part]["readings"], pytest.approx(trace["balance"][part]["energy"])


def values(api: Api, trace: int = 1) -> list[float | None]:
    return [record["value"] for record in api.get(f"consumption_records/?metadata={trace}").json]


def records(api: Api, trace: int = 1) -> list[Any]:
    return [(each["start"], each["value"]) for each in api.get(f"consumption_records/?metadata={trace}").json]


def time_of(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def one_meter_each(blocks: dict[str, Iterable[str]], **types: dict[str, Any]) -> bytes:
    """A feed with a MeterReading for each block, of the ReadingType of its name where there is one."""
    entries = [usage_point(), reading_type()]
    entries += [reading_type(name, **texts) for name, texts in types.items()]
    entries += [meter_reading(name, type_id=name if name in types else "t") for name in blocks]
    return feed(*entries, *(block(readings, name) for name, readings in blocks.items()))


@pytest.mark.parametrize("register", ["tou", "cpp", "consumptionTier"])
def test_the_registers_of_a_reading_are_summed(api: Api, register: str) -> None:
    readings = [
        reading(FIRST + day * DAY, watt_hours, DAY, **{register: number})
        for day in range(3)
        for number, watt_hours in ((1, 2000), (2, 4000), (3, 10000))
    ]
    answer = load(api, usual(readings))
    assert values(api) == [16, 16, 16, None]
    assert [tally(answer, part) for part in ("received", *PARTS)] == [(9, 48), (3, 48), (6, 0), (0, 0), (0, 0)]


def test_the_registers_of_meter_readings_are_summed(api: Api) -> None:
    kwh = {"on": (10, 11, 12), "mid": (4, 5, 6), "off": (2, 3, 4)}
    blocks = {
        name: [reading(FIRST + day * DAY, value * 1000, DAY) for day, value in enumerate(days)]
        for name, days in kwh.items()
    }
    types: dict[str, dict[str, Any]] = {name: {"tou": number} for number, name in enumerate(kwh, 1)}
    load(api, one_meter_each(blocks, **types))
    assert values(api) == [16, 19, 22, None]


def test_a_total_beside_its_registers_is_not_summed_with_them(api: Api) -> None:
    def registers(start: int) -> list[str]:
        return [reading(start, 6000, DAY, tou=1), reading(start, 10000, DAY, tou=2)]

    answer = load(api, usual([reading(FIRST, 16000, DAY), *registers(FIRST)]))
    assert values(api) == [16, None]
    assert tally(answer, "replaced") == (2, 16)
    contradicting = [reading(FIRST + DAY, 99000, DAY), *registers(FIRST + DAY), reading(FIRST + 2 * DAY, 1000, DAY)]
    wrong = load(api, usual(contradicting))
    assert tally(wrong, "refused") == (3, 115)
    assert values(api) == [16, None, 1, None]


def test_a_register_without_a_value_leaves_the_sum_unknown(api: Api) -> None:
    answer = load(api, usual([reading(FIRST, 6000, tou=1), reading(FIRST, None, tou=2), reading(FIRST + HOUR, 1000)]))
    assert values(api) == [None, 1, None]
    assert tally(answer, "refused") == (1, 6)


def test_a_meter_reading_for_every_bill(api: Api) -> None:
    days = [31, 28, 31, 30, 31, 30]
    starts = [FIRST + sum(days[:number]) * DAY for number in range(len(days))]
    blocks = {
        f"b{number}": [reading(start, (100 + number) * 1000, length * DAY)]
        for number, (start, length) in enumerate(zip(starts, days, strict=True))
    }
    load(api, one_meter_each(blocks))
    assert values(api) == [100, 101, 102, 103, 104, 105, None]


def test_days_beside_quarters_of_an_hour(api: Api) -> None:
    daily = [reading(FIRST + day * DAY, 24000, DAY) for day in range(30)]
    quarters = [reading(FIRST + 28 * DAY + number * 900, 250, 900) for number in range(192)]
    answer = load(api, one_meter_each({"d": daily, "q": quarters}))
    stored = values(api)
    assert stored == [24] * 28 + [0.25] * 192 + [None]
    assert tally(answer, "replaced") == (2, 48)


def test_bills_that_run_into_the_next_by_the_hour_of_a_clock_change(api: Api) -> None:
    lengths = [28 * DAY, 30 * DAY + HOUR, 33 * DAY]
    starts = [FIRST, FIRST + 28 * DAY, FIRST + 58 * DAY]
    bills = [reading(*each) for each in zip(starts, (41000, 131000, 215000), lengths, strict=True)]
    answer = load(api, usual(bills))
    assert (values(api), tally(answer, "refused")) == ([41, 131, 215, None], (0, 0))
    lengths[1] -= HOUR
    corrected = [reading(*each) for each in zip(starts, (41000, 131000, 215000), lengths, strict=True)]
    assert [load(api, usual(corrected))[name] for name in ("created", "updated", "unchanged")] == [0, 0, 4]
    assert values(api) == [41, 131, 215, None]


def test_an_end_inside_of_a_later_reading_goes(api: Api) -> None:
    hours = [reading(FIRST + n * HOUR, 1000) for n in range(30)]
    week = [*hours, reading(FIRST + 30 * HOUR, 400, HOUR // 2)]
    whole = [*hours, *(reading(FIRST + n * HOUR, 1000) for n in range(30, 48))]
    load(api, usual(week))
    answer = load(api, usual(whole))
    assert values(api) == [1.0] * 48 + [None]
    assert tally(answer, "overwritten") == (1, 0.4)
    assert [(each["before"], each["after"]) for each in answer["changes"]] == [(0.4, 1.0)]
    load(api, usual(week))
    assert values(api) == [1.0] * 48 + [None]


def test_durations_that_end_with_their_last_second(api: Api) -> None:
    load(api, usual([reading(FIRST + n * 900, 100, 899) for n in range(96)]))
    assert values(api) == [0.1] * 96 + [None]
    assert records(api)[-1][0] == "2025-12-02T05:00:00Z"


def test_the_same_id_of_two_customers_is_two_traces(api: Api) -> None:
    house, barn = (
        usual([reading(FIRST + n * HOUR, value) for n in range(24)]).replace(
            b"Subscription/1/UsagePoint/7", f"RetailCustomer/{name}/UsagePoint/01".encode()
        )
        for name, value in (("aaa", 1000), ("bbb", 250))
    )
    for body in (house, barn, house, barn):
        load(api, body)
    assert [trace["label"] for trace in api.get("consumption_metadatas/").json] == ["01", "bbb/01"]
    assert [sum(filter(None, values(api, trace))) for trace in (1, 2)] == [24, 6]


def test_two_usage_points_of_one_id_in_one_file(api: Api) -> None:
    first = [usage_point(), meter_reading(), reading_type(), block([reading(FIRST, 1000)])]
    second = [usage_point(), meter_reading(), block([reading(FIRST, 9000)])]
    load(api, feed(*first, *(each.replace("Subscription/1", "Subscription/2") for each in second)))
    assert [values(api, trace) for trace in (1, 2)] == [[1, None], [9, None]]


def test_the_autumn_hour_in_local_time(api: Api) -> None:
    back = 1762063200  # 2025-11-02 06:00 UTC, when New York's clocks had gone back
    readings = [reading(back - 2 * HOUR, 619), reading(back, 927), reading(back, 835), reading(back + HOUR, 1175)]
    answer = load(api, usual(readings))
    assert tally(answer, "refused") == (1, 0.835)
    assert "say 0.927 and 0.835 kWh" in answer["errors"][0]["message"]
    entries = [usage_point(), meter_reading(), reading_type(), block(readings)]
    explained = load(api, feed(local_time(**EASTERN), *entries))
    assert tally(explained, "refused") == (0, 0)
    assert values(api) == [0.619, 0.927, 0.835, 1.175, None]


@pytest.mark.parametrize("rule", ["", "zz", "B40E", "F00E2000", "00000000", "FFFFFFFF", "B4000000"])
def test_a_rule_for_clocks_that_says_nothing(api: Api, rule: str) -> None:
    entries = [usage_point(), meter_reading(), reading_type(), block([reading(FIRST, 1), reading(FIRST, 2)])]
    answer = load(api, feed(local_time(**{**EASTERN, "dstEndRule": rule}), *entries))
    assert tally(answer, "refused") == (1, 0.002)


def test_feeds_without_links(api: Api) -> None:
    texts, readings = elements({"uom": 72, "commodity": 1}), f"{reading(FIRST, 385)}{reading(FIRST + HOUR, 365)}"
    type_of = f'<entry><content><ReadingType xmlns="{ESPI}">{texts}</ReadingType></content></entry>'
    block_of = f'<entry><content><IntervalBlock xmlns="{ESPI}">{readings}</IntervalBlock></content></entry>'
    bare = f'<feed xmlns="{ATOM}">{type_of}{block_of}</feed>'
    for body in (bare, f'\n\n<?xml version="1.0"?>{bare}', f'\ufeff<?xml version="1.0"?>{bare}'):
        answer = load(api, body.encode())
        assert tally(answer, "received") == (2, 0.75)
        assert [trace["label"] for trace in answer["traces"]] == [None]
    assert values(api) == [0.385, 0.365, None]
    two_types = bare.replace("<entry>", f"{type_of}\n<entry>", 1)
    answer = send(api, two_types.encode(), "?project=1")
    (skipped,) = answer.json["skipped"]
    assert (skipped["line"], skipped["readings"]) == (2, 2)
    assert "no link rel=related to a ReadingType, and the file has 2 of them" in skipped["reason"]


def test_a_lone_entry(api: Api) -> None:
    content = f'<IntervalBlock xmlns="{ESPI}">{reading(FIRST, 1)}</IntervalBlock>'
    answer = send(api, f'<entry xmlns="{ATOM}"><content>{content}</content></entry>'.encode(), "?project=1")
    assert answer.status_code == 400
    assert [each["line"] for each in answer.json["skipped"]] == [1]
    assert "no link rel=related to a ReadingType, and the file has 0 of them" in answer.json["skipped"][0]["reason"]


@pytest.mark.parametrize(
    ("uom", "value", "heating_value", "therms"),
    [(42, 100, "38.5 MJ/m3", 36.499), (119, 1000, "1035 BTU/ft3", 10.35), (119, 10, "1035", 0.1035)],
)
def test_gas_in_volumes(api: Api, uom: int, value: int, heating_value: str, therms: float) -> None:
    body = usual([reading(FIRST, value)], service=1, uom=uom, commodity=7)
    refused = send(api, body, "?project=1")
    assert "heating_value, such as 38.5 MJ/m3" in refused.json["skipped"][0]["reason"]
    load(api, body, f"?project=1&heating_value={heating_value}")
    assert values(api)[0] == pytest.approx(therms, rel=1e-3)
    wrong = send(api, body, "?project=1&heating_value=hot")
    assert (wrong.status_code, list(wrong.json)) == (400, ["heating_value"])


def test_a_real_overlap_names_both_lines_in_dates(api: Api) -> None:
    answer = load(api, usual([reading(FIRST, 1000, 30 * DAY), reading(FIRST + 20 * DAY, 2000, 30 * DAY)]))
    (error,) = answer["errors"]
    assert "lasts 2025-12-21 05:00 to 2026-01-20 05:00 UTC, and the one on line 1 2025-12-01 05:00" in error["message"]
    assert tally(answer, "refused") == (1, 2)
    assert values(api) == [1, None]


def test_refused_readings_are_in_the_balance_with_their_energy(api: Api) -> None:
    answer = load(api, usual([reading(FIRST, 1000), reading("then", 500), reading(FIRST + HOUR, "much")]))
    assert [tally(answer, part) for part in ("received", "stored", "refused")] == [(3, 1.5), (1, 1), (2, 0.5)]


def test_a_reading_in_no_block_is_refused(api: Api) -> None:
    lost = f'<entry xmlns:e="{ESPI}"><content>{reading(FIRST + HOUR, 2000)}</content></entry>'
    answer = load(api, feed(usage_point(), meter_reading(), reading_type(), lost, block([reading(FIRST, 1000)])))
    assert (answer["refused"], answer["errors"][0]["message"]) == (
        1,
        "The reading stands in no IntervalBlock of an entry.",
    )
    assert values(api) == [1, None]


def test_a_reading_without_a_value_never_replaces_one(api: Api) -> None:
    load(api, usual([reading(FIRST, 1000), reading(FIRST + HOUR, 2000)]))
    answer = load(api, usual([reading(FIRST, None), reading(FIRST + HOUR, 2000), reading(FIRST + 2 * HOUR, None)]))
    assert values(api) == [1, 2, None]
    assert tally(answer, "replaced") == (1, 0)


def test_a_file_among_the_readings_of_a_table(api: Api) -> None:
    """A table says no ends: the last reading before a gap does not last until the next."""
    trace = api.post("consumption_metadatas/", {"project": 1, "interpretation": "E_C_S", "unit": "KWH", "label": "7"})
    starts = [*range(24), *range(72, 96)]
    body = [{"metadata_id": trace.json["id"], "start": time_of(FIRST + hour * HOUR), "value": 1.0} for hour in starts]
    assert api.post("consumption_records/sync2/", body).status_code == 200
    load(api, usual([reading(FIRST + hour * HOUR, 2000) for hour in range(24, 72)]))
    assert values(api) == [1.0] * 24 + [2.0] * 48 + [1.0] * 24


def test_the_last_reading_of_a_table_lasts_until_the_file_begins(api: Api) -> None:
    trace = api.post("consumption_metadatas/", {"project": 1, "interpretation": "E_C_S", "unit": "KWH", "label": "7"})
    midnight = FIRST - 5 * HOUR
    body = [{"metadata_id": trace.json["id"], "start": time_of(midnight + n * HOUR), "value": 1.0} for n in range(5)]
    assert api.post("consumption_records/sync2/", body).status_code == 200
    load(api, usual([reading(FIRST, 2000), reading(FIRST + 24 * HOUR, 3000)]))
    assert values(api) == [1.0] * 5 + [2.0, None, 3.0, None]


@pytest.mark.parametrize(
    ("gap", "first", "second"),
    [(10, (FIRST, 100, 890), (FIRST + 900, 100, 890)), (HOUR, (FIRST, 1, DAY), (FIRST + DAY + HOUR, 1, DAY))],
)
def test_a_small_gap_between_two_files_is_closed_as_in_one(api: Api, gap: int, first: Any, second: Any) -> None:
    load(api, usual([reading(*first)]))
    load(api, usual([reading(*second)]))
    assert [start for start, value in records(api) if value is None] == [
        time_of(second[0] + second[2]).replace("+00:00", "Z")
    ]


def test_a_missing_reading_ends_the_last_one_of_a_table(api: Api) -> None:
    trace = api.post("consumption_metadatas/", {"project": 1, "interpretation": "E_C_S", "unit": "KWH", "label": "7"})
    body = [{"metadata_id": trace.json["id"], "start": time_of(FIRST + n * HOUR), "value": 1.0} for n in range(5)]
    assert api.post("consumption_records/sync2/", body).status_code == 200
    answer = load(api, usual([reading(FIRST + 5 * HOUR, None), reading(FIRST + 6 * HOUR, 7000)]))
    assert values(api) == [1.0] * 5 + [None, 7.0, None]
    assert tally(answer, "stored") == (2, 7)


def test_what_is_left_of_a_stored_day_is_not_overwritten(api: Api) -> None:
    load(api, usual([reading(FIRST, 30000, DAY), reading(FIRST + DAY, 5000, DAY)]))
    answer = load(api, usual([reading(FIRST + n * HOUR, 1000) for n in (*range(4), *range(8, 20))]))
    assert (tally(answer, "stored"), tally(answer, "overwritten")) == ((16, 16), (1, 16))
    assert sum(filter(None, values(api))) == pytest.approx(30 + 5)


@pytest.mark.parametrize("hours", [range(5), range(14, 18)])
def test_the_rest_of_a_long_reading_is_shared_out_beside_all_finer_ones(api: Api, hours: Iterable[int]) -> None:
    """What the first file leaves of the day is shared out by time, and again when the second file says more of it."""
    first = [reading(FIRST + n * HOUR, 15000) for n in range(6, 12)]
    second = [reading(FIRST + n * HOUR, 9000) for n in hours]
    whole = reading(FIRST, 150000, DAY)
    for some in (first, second, first):
        assert load(api, one_meter_each({"day": [whole], "hour": some}))["refused"] == 0
        assert sum(filter(None, values(api))) == pytest.approx(150)


def test_an_hour_that_is_missing_among_the_hours_of_a_day(api: Api) -> None:
    load(api, usual([reading(FIRST, 48000, DAY)]))
    load(api, usual([reading(FIRST + n * HOUR, 1000) for n in range(24) if n != 7]))
    assert values(api) == [1] * 7 + [25] + [1] * 16 + [None]


def test_later_files_of_a_zip_correct_earlier_ones_as_one_by_one(api: Api) -> None:
    first = usual([reading(FIRST, 40000, 30 * DAY)])
    second = usual([reading(FIRST, 41000, 30 * DAY + HOUR), reading(FIRST + 30 * DAY + HOUR, 5000, 30 * DAY)])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number, body in enumerate((first, second)):
            archive.writestr(f"{number}.xml", body)
    answer = load(api, packed.getvalue())
    assert (tally(answer, "replaced"), tally(answer, "refused")) == ((1, 40), (0, 0))
    assert values(api) == [41, 5, None]


def test_a_reading_of_which_parts_are_kept_and_parts_contradicted_counts_once(api: Api) -> None:
    load(api, usual([reading(FIRST + n * HOUR, 9000) for n in range(6)]))
    load(api, usual([reading(FIRST + n * HOUR, 9000) for n in range(18, 24)]))
    answer = load(api, usual([reading(FIRST, 10000, DAY), *(reading(FIRST + n * HOUR, 500) for n in range(10, 14))]))
    assert [tally(answer, part)[0] for part in ("received", *PARTS)] == [5, 4, 0, 1, 0]


@pytest.mark.parametrize("value", ["1e308", "-1e308", "1e300", "1e101"])
def test_values_that_no_meter_has_are_refused(api: Api, value: str) -> None:
    readings = [reading(FIRST + n * HOUR, value, tou=tou) for n in range(3) for tou in (1, 2)]
    answer = load(api, usual([*readings, reading(FIRST + DAY, 1000)], powerOfTenMultiplier=3))
    assert (values(api), answer["refused"]) == ([1000, None], 6)


def test_a_value_too_large_for_the_unit_of_its_trace_is_refused(api: Api) -> None:
    api.post("consumption_metadatas/", {"project": 1, "interpretation": "NG_C_S", "unit": "KWH", "label": "7"})
    body = usual([reading(FIRST, "1e308")], service=1, uom=169, commodity=7)
    assert send(api, body).json["errors"][0]["message"] == "The value is too large."


def test_stored_values_whose_sum_no_number_is_can_be_overwritten(api: Api) -> None:
    trace = api.post("consumption_metadatas/", {"project": 1, "interpretation": "E_C_S", "unit": "KWH", "label": "7"})
    body = [{"metadata_id": trace.json["id"], "start": time_of(FIRST + n * HOUR), "value": 1.5e308} for n in range(5)]
    assert api.post("consumption_records/sync2/", body).status_code == 200
    load(api, usual([reading(FIRST + n * HOUR, 1000) for n in range(5)]))
    assert values(api) == [1.0] * 5 + [None]


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ({"intervalLength": 2**62}, "Its intervalLength is 4611686018427387904; a reading lasts"),
        ({"tou": 2**40}, "Its tou is 1099511627776; it is a whole number from 0 to 32767."),
    ],
)
def test_numbers_that_no_reading_type_has(api: Api, texts: dict[str, int], reason: str) -> None:
    answer = send(api, usual([reading(FIRST, 1, None if "intervalLength" in texts else HOUR)], **texts))
    assert answer.status_code == 400
    assert answer.json["skipped"][0]["reason"].startswith(reason)


def test_readings_that_run_beyond_the_calendar_are_refused(api: Api) -> None:
    last = 4102444800 - HOUR  # the last hour of 2099
    readings = [reading(None, 1000, None), reading(None, 2000, None)]
    entries = [usage_point(), meter_reading(), reading_type(intervalLength=HOUR), block(readings, start=last)]
    answer = load(api, feed(*entries))
    assert (values(api), tally(answer, "refused")) == ([1], (1, 2))


numbers = count(2)


@st.composite
def downloads(draw: st.DrawFn) -> list[bytes]:
    """Files of some days of a meter: each of some of the days, by the day, the hour or registers of them."""
    days = draw(st.integers(1, 3))
    kwh = draw(st.lists(st.integers(0, 9), min_size=24 * days, max_size=24 * days))
    files = []
    for _ in range(draw(st.integers(1, 3))):
        first, last = sorted(draw(st.tuples(st.integers(0, days - 1), st.integers(1, days))))
        blocks: dict[str, Sequence[str]] = {}
        for kind in draw(st.sets(st.sampled_from(("day", "hour", "tiers")), min_size=1)):
            some_days = range(first, max(last, first + 1))
            blocks[kind] = [each for day in some_days for each in day_of(kind, day, kwh[24 * day : 24 * day + 24])]
        files.append(one_meter_each(blocks))
    return files


def day_of(kind: str, day: int, kwh: Sequence[int]) -> list[str]:
    start = FIRST + day * DAY
    if kind == "day":
        return [reading(start, sum(kwh) * 1000, DAY)]
    hours = [(start + n * HOUR, value * 1000) for n, value in enumerate(kwh)]
    if kind == "hour":
        return [reading(begins, value) for begins, value in hours]
    return [
        reading(begins, part, consumptionTier=tier)
        for begins, value in hours
        for tier, part in ((1, value // 4), (2, value - value // 4))
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(downloads(), st.randoms())
def test_any_order_of_downloads_ends_as_one_clean_load(api: Api, files: list[bytes], order: Any) -> None:
    shuffled = list(files)
    order.shuffle(shuffled)
    ends = []
    for bodies in (files, shuffled):
        name = f"P{next(numbers)}"
        api.post("projects/", {"project_id": name, "project_owner": 1})
        for body in bodies:
            answer = load(api, body, f"?project_id={name}&mode=partial")
            assert answer["refused"] == 0
        (trace,) = answer["traces"]
        ends.append(records(api, trace["id"]))
    assert ends[0] == ends[1]
