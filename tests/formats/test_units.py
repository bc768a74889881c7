"""Words for units, what one is in another, and heating values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eeds.formats.units import HEAT_CONTENTS, UNITS, NeedsHeatingValue, Unit, factor, parse_heating_value, unit_named
from eeds.meter.names import KWH_PER_UNIT

units = st.sampled_from(list(UNITS.values()))
heating_values = st.floats(5, 50_000)


def named(text: str) -> Unit:
    unit = unit_named(text)
    assert unit is not None, text
    return unit


@pytest.mark.parametrize("word", sorted(UNITS))
def test_every_word_in_any_writing(word: str) -> None:
    for text in (word, word.upper(), f" {word}. ", word.title(), "-".join(word)):
        assert unit_named(text) is UNITS[word]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("KW-h", "kWh"),
        ("kilowatt hours", "kWh"),
        ("kWh (thousand Watt-hours)", "kWh"),
        ("MWh (million Watt-hours)", "MWh"),
        ("Usage (kWh)", "kWh"),
        ("kWh (delivered)", "kWh"),
        ("kBtu (thousand Btu)", "kBtu"),
        ("MBtu", "MMBtu"),
        ("MBtu/MMBtu (million Btu)", "MMBtu"),
        ("MBtu/ MMBtu/ Dth (million Btu/ dekatherm)", "MMBtu"),
        ("THM", "therm"),
        ("Dekatherms", "Dth"),
        ("cf (cubic feet)", "ft3"),
        ("ft³", "ft3"),
        ("ccf (hundred cubic feet)", "CCF"),
        ("MCF", "Mcf"),
        ("kcf (thousand cubic feet)", "Mcf"),
        ("Mcf (thousand cubic feet)", "Mcf"),
        ("MCF(million cubic feet)", "MMcf"),
        ("m³", "m3"),
        ("m^3", "m3"),
        ("cm (Cubic meters)", "m3"),
        ("Kcm (Thousand Cubic meters)", "1000 m3"),
        ("Gallons (US)", "gallon"),
        ("Gallons (UK)", "UK gallon"),
        ("Liters", "litre"),
        ("Lbs. (pounds)", "lb"),
        ("kLbs. (thousand pounds)", "klb"),
        ("Mlb", "klb"),
        ("MLbs. (million pounds)", "million lb"),
        ("kg (kilograms)", "kg"),
        ("ton hours", "ton-hour"),
    ],
)
def test_how_people_and_portfolio_manager_write_units(text: str, name: str) -> None:
    assert named(text).name == name


@pytest.mark.parametrize(
    "text",
    [
        *("", "kW", "$/kWh", "kWh/day", "kWh/therm", "kWh (MWh)", "Nm3", "kVAh", "units", "(", "()", "kWh ((kWh))"),
        *("CF (x100)", "cubic feet (hundreds)", "Usage x1000 (kWh)", "KGal (thousand gallons) (UK)", "kWh\0", "\ud800"),
        "kWh" * 40,
        " " * 200 + "kWh",
    ],
)
def test_what_names_no_unit(text: str) -> None:
    assert unit_named(text) is None


@pytest.mark.parametrize(
    ("one", "other", "right"),
    [
        ("MWh", "kWh", 1000.0),
        ("Wh", "kWh", 0.001),
        ("kWh", "MJ", 3.6),
        ("GJ", "MJ", 1000.0),
        ("Dth", "therm", 10.0),
        ("MMBtu", "therm", 10.0),
        ("kBtu", "therm", 0.01),
        ("therm", "BTU", 100_000.0),
        ("therm", "kWh", 29.3001),
        ("ton-hour", "kBtu", 12.0),
        ("ft3", "m3", 0.028316846592),
        ("Mcf", "CCF", 10.0),
        ("gallon", "litre", 3.785411784),
        ("klb", "lb", 1000.0),
    ],
)
def test_exact_factors(one: str, other: str, right: float) -> None:
    assert factor(named(one), named(other)) == right


def test_a_therm_is_what_gas_is_added_to_electricity_by() -> None:
    for unit, kwh in KWH_PER_UNIT.items():
        assert factor(named(unit), named("kWh")) == kwh == named(unit).kwh


def test_a_therm_is_that_of_the_law() -> None:
    assert factor(named("therm"), named("J")) == pytest.approx(105_480_400, rel=1e-6)


@pytest.mark.parametrize(
    ("fuel", "unit", "kbtu"),
    [
        ("FO_C_S", "Gallons (US)", 138),
        ("FO_C_S", "Gallons (UK)", 165.726),
        ("FO_C_S", "Liters", 36.456),
        ("P_C_S", "Gallons (US)", 92),
        ("P_C_S", "Gallons (UK)", 110.484),
        ("P_C_S", "Liters", 24.304),
        ("P_C_S", "cf (cubic feet)", 2.516),
        ("P_C_S", "ccf (hundred cubic feet)", 251.6),
        ("S_C_S", "kLbs. (thousand pounds)", 1194),
        ("S_C_S", "kg (kilograms)", 2.632),
        (None, "ton hours", 12),
        (None, "therms", 100),
    ],
)
def test_heat_contents_are_those_of_portfolio_manager(fuel: str | None, unit: str, kbtu: float) -> None:
    assert factor(named(unit), named("kBtu"), fuel=fuel) == pytest.approx(kbtu, rel=2e-4)


@given(units, units, heating_values, st.sampled_from([None, *{fuel for fuel, _, _ in HEAT_CONTENTS}]))
def test_back_and_forth_is_the_same(one: Unit, other: Unit, heating_value: float, fuel: str | None) -> None:
    try:
        forth = factor(one, other, heating_value, fuel)
    except NeedsHeatingValue:
        assert "mass" in {one.kind, other.kind}
        return
    assert forth > 0
    assert forth * factor(other, one, heating_value, fuel) == pytest.approx(1, rel=1e-14)


@given(units, units, units, heating_values)
def test_by_way_of_a_third_is_the_same(one: Unit, other: Unit, third: Unit, heating_value: float) -> None:
    if "mass" not in {one.kind, other.kind, third.kind}:
        by_way = factor(one, third, heating_value) * factor(third, other, heating_value)
        assert factor(one, other, heating_value) == pytest.approx(by_way, rel=1e-12)


def test_gas_needs_a_heating_value() -> None:
    ccf, therm = named("CCF"), named("therm")
    with pytest.raises(NeedsHeatingValue, match=r"CCF is a volume.*1035 BTU/ft3"):
        factor(ccf, therm, fuel="NG_C_S")
    assert factor(ccf, therm, parse_heating_value("1035 BTU/ft3")) == pytest.approx(1.035, rel=1e-15)
    assert factor(named("m3"), named("kWh"), parse_heating_value("10.5 kWh/m3")) == 10.5
    assert factor(therm, ccf, parse_heating_value("1.25 therm/CCF")) == pytest.approx(0.8, rel=1e-15)


def test_the_heating_value_given_goes_before_the_standard_one() -> None:
    heating_value = parse_heating_value("150 kBtu/gal")
    assert factor(named("gal"), named("kBtu"), heating_value, "FO_C_S") == pytest.approx(150, rel=1e-15)


def test_only_steam_is_an_energy_by_mass() -> None:
    with pytest.raises(NeedsHeatingValue, match="A lb is a mass"):
        factor(named("lb"), named("kWh"), 38.5, "NG_C_S")
    with pytest.raises(NeedsHeatingValue, match="A lb is a mass"):
        factor(named("lb"), named("ft3"), 38.5)


@pytest.mark.parametrize(
    ("text", "mj_per_m3"),
    [
        ("38.5 MJ/m3", 38.5),
        ("38.5MJ/m³", 38.5),
        ("38.5", 38.5),
        (" 38.5 MJ per cubic metre ", 38.5),
        ("0.0385 GJ/m3", 38.5),
        ("10.5 kWh/m3", 37.8),
        ("1035 BTU/ft3", 38.553),
        ("1035 Btu per cubic foot", 38.553),
        ("1035", 38.553),
        ("1.035 therm/CCF", 38.553),
        ("10.35 therms/Mcf", 38.553),
        ("1.035 MMBtu/MCF", 38.553),
        ("138 kBtu/gal", 38_454.0),
    ],
)
def test_heating_values(text: str, mj_per_m3: float) -> None:
    assert parse_heating_value(text) == pytest.approx(mj_per_m3, rel=1e-4)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        *(
            (text, "Write a heating value such as")
            for text in ("", "x", "-38.5", "1,035 BTU/ft3", "nan", "1e9", "1" * 200)
        ),
        ("٣٨ MJ/m3", "Write a heating value such as"),
        ("38.5 MJ", "Write a heating value such as"),
        ("1.035", "1.035 alone is no heating value"),
        ("100000", "100000 alone is no heating value"),
        ("38.5 kW/m3", '"kW" is no unit of energy'),
        ("38.5 m3/m3", '"m3" is no unit of energy'),
        ("38.5 MJ/kg", '"kg" is no unit of volume'),
        ("38.5 J/m3", "no heating value of any fuel"),
        ("1035 kBtu/ft3", "no heating value of any fuel"),
    ],
)
def test_what_is_no_heating_value(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message) as raised:
        parse_heating_value(text)
    assert "1035 BTU/ft3" in str(raised.value)


@given(st.text(max_size=120))
def test_any_text_is_a_unit_or_none_and_a_heating_value_or_a_reason(text: str) -> None:
    assert unit_named(text) is None or unit_named(text.upper()) is not None
    try:
        heating_value = parse_heating_value(text)
    except ValueError:
        return
    assert 1 <= heating_value <= 60_000
