"""TMY3, CZ2010 and EPW files in their true formats; the temperature of each hour is what one says, in degC."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

Temperature = Callable[[int], str]  # of an hour of the year, 0 to 8759

BEFORE_DRY_BULB = (
    *("Date (MM/DD/YYYY)", "Time (HH:MM)", "ETR (W/m^2)", "ETRN (W/m^2)"),
    *(f"{name}{of}" for name in ("GHI", "DNI", "DHI") for of in (" (W/m^2)", " source", " uncert (%)")),
    *(f"{name}{of}" for name in ("GH illum", "DN illum", "DH illum") for of in (" (lx)", " source", " uncert (%)")),
    *(f"{name}{of}" for name in ("Zenith lum", "TotCld", "OpqCld") for of in ("", " source", " uncert (code)")),
)
DRY_BULB = ("Dry-bulb (C)", "Dry-bulb source", "Dry-bulb uncert (code)")


def mild(hour: int) -> str:
    """10 degC, whenever."""
    return "10.0"


def tmy3(
    temp: Temperature = mild, *, columns: int = 71, first: str = '722880,"BURBANK, CA",CA,-8.0,34.200,-118.350,226'
) -> str:
    """A TMY3 file, its months from different years as they are; with 69 columns a CZ2010 file."""
    others = [f"Another {number}" for number in range(columns - len(BEFORE_DRY_BULB) - len(DRY_BULB))]
    lines = [first, ",".join([*BEFORE_DRY_BULB, *DRY_BULB, *others])]
    for hour, (month, day, of_day) in enumerate(calendar(2001)):
        when = [f"{month:02}/{day:02}/{1976 + month}", f"{of_day:02}:00"]
        before = ["0"] * (len(BEFORE_DRY_BULB) - 2)
        lines.append(",".join([*when, *before, temp(hour), "A", "7", *["0"] * len(others)]))
    return "".join(f"{line}\r\n" for line in lines)


def cz2010(temp: Temperature = mild) -> str:
    """A CZ2010 file."""
    return tmy3(temp, columns=69)


EPW_HEADER = """LOCATION,Burbank Glendale,CA,USA,TMY3,722880,34.20,-118.35,-8.0,226.0
DESIGN CONDITIONS,0
TYPICAL/EXTREME PERIODS,0
GROUND TEMPERATURES,0
HOLIDAYS/DAYLIGHT SAVINGS,No,0,0,0
COMMENTS 1,"Comments, with a comma"
COMMENTS 2,
DATA PERIODS,1,1,Data,Sunday,1/1,12/31
"""


def epw(temp: Temperature = mild, *, year: int = 2001, header: str = EPW_HEADER) -> str:
    """An EPW file; of a leap year it has 29 February, which is hot."""
    lines, hour = header.splitlines(), 0
    for month, day, of_day in calendar(year):
        leap = (month, day) == (2, 29)
        lines.append(f"{year},{month},{day},{of_day},60,A7A7*0?9,{'50' if leap else temp(hour)},1.0,50,98000")
        hour += not leap
    return "".join(f"{line}\n" for line in lines)


def calendar(year: int) -> Iterator[tuple[int, int, int]]:
    """Month, day and hour 1 to 24 of the hours of a year."""
    instant = datetime(year, 1, 1)
    while instant.year == year:
        yield instant.month, instant.day, instant.hour + 1
        instant += timedelta(hours=1)
