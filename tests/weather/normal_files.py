"""Files of normal years in their true formats; the temperature of each hour is what one says, in degC."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

Temperature = Callable[[int], str]  # of an hour of the year, 0 to 8759

BEFORE_DRY_BULB = [
    *("Date (MM/DD/YYYY)", "Time (HH:MM)", "ETR (W/m^2)", "ETRN (W/m^2)"),
    *("GHI (W/m^2)", "GHI source", "GHI uncert (%)", "DNI (W/m^2)", "DNI source", "DNI uncert (%)"),
    *("DHI (W/m^2)", "DHI source", "DHI uncert (%)", "GH illum (lx)", "GH illum source", "Global illum uncert (%)"),
    *("DN illum (lx)", "DN illum source", "DN illum uncert (%)", "DH illum (lx)", "DH illum source"),
    *("DH illum uncert (%)", "Zenith lum (cd/m^2)", "Zenith lum source", "Zenith lum uncert (%)"),
    *("TotCld (tenths)", "TotCld source", "TotCld uncert (code)"),
    *("OpqCld (tenths)", "OpqCld source", "OpqCld uncert (code)"),
]
FROM_DRY_BULB = [
    *("Dry-bulb (C)", "Dry-bulb source", "Dry-bulb uncert (code)"),
    *("Dew-point (C)", "Dew-point source", "Dew-point uncert (code)", "RHum (%)", "RHum source", "RHum uncert (code)"),
    *("Pressure (mbar)", "Pressure source", "Pressure uncert (code)"),
    *("Wdir (degrees)", "Wdir source", "Wdir uncert (code)", "Wspd (m/s)", "Wspd source", "Wspd uncert (code)"),
    *("Hvis (m)", "Hvis source", "Hvis uncert (code)", "CeilHgt (m)", "CeilHgt source", "CeilHgt uncert (code)"),
    *("Pwat (cm)", "Pwat source", "Pwat uncert (code)", "AOD (unitless)", "AOD source", "AOD uncert (code)"),
    *("Alb (unitless)", "Alb source", "Alb uncert (code)"),
    *("Lprecip depth (mm)", "Lprecip quantity (hr)", "Lprecip source", "Lprecip uncert (code)"),
]
PRESENT_WEATHER = ["PresWth (METAR code)", "PresWth source", "PresWth uncert (code)"]
COLUMNS = [*BEFORE_DRY_BULB, *FROM_DRY_BULB]
TMY3_STATION = '722880,"BURBANK, CA",CA,-8.0,34.200,-118.350,226'


def mild(hour: int) -> str:
    """10 degC, whenever."""
    return "10.0"


def tmy3(temp: Temperature = mild, *, columns: list[str] | None = None, first: str = TMY3_STATION) -> str:
    """A TMY3 file of 2015, with 71 columns, its months from different years as they are."""
    columns = [*COLUMNS, *PRESENT_WEATHER] if columns is None else columns
    lines = [first, ",".join(columns)]
    for hour, (month, day, of_day) in enumerate(calendar(2001)):
        values = dict.fromkeys(columns, "0") | {"Dry-bulb source": "A", "Dry-bulb uncert (code)": "7"}
        values["Date (MM/DD/YYYY)"] = f"{month:02}/{day:02}/{1976 + month}"
        values["Time (HH:MM)"] = f"{of_day:02}:00"
        values["Dry-bulb (C)"] = temp(hour)
        lines.append(",".join(values.values()))
    return "".join(f"{line}\r\n" for line in lines)


def tmy3_of_2008(temp: Temperature = mild) -> str:
    """A TMY3 file as first published, with 68 columns."""
    assert len(COLUMNS) == 68
    return tmy3(temp, columns=COLUMNS)


def cz2010(temp: Temperature = mild) -> str:
    """A CZ2010 file: the code of the present weather is its last column, and the first line goes on behind the
    elevation."""
    first = '722880,"BURBANK-GLENDALE-PASADENA",,-8.0,34.200,-118.350,226,USA,4,NAP,Csb,'
    return tmy3(temp, columns=[*COLUMNS, f"{PRESENT_WEATHER[0]}        "], first=first)


TMY2_HEADER = " 23152 BURBANK                CA  -8 N 34 12 W 118 21   226"


def tmy2(temp: Temperature = mild, *, header: str = TMY2_HEADER) -> str:
    """A TMY2 file: every value has its own columns, temperatures are in tenths of a degree."""
    lines = [header]
    for hour, (month, day, of_day) in enumerate(calendar(2001)):
        text = temp(hour)
        tenths = "9999" if text == "9999" else f"{round(float(text) * 10):04}"
        when = f" {60 + month:02}{month:02}{day:02}{of_day:02}"
        before = "00000000" + "0000?0" * 7 + "10A710A7"
        line = f"{when}{before}{tenths}A7"
        lines.append(f"{line:0<142}")
    return "".join(f"{line}\r\n" for line in lines)


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
        lines.append(epw_line(year, month, day, of_day, 60, "50" if leap else temp(hour)))
        hour += not leap
    return "".join(f"{line}\n" for line in lines)


def epw_of_quarters(temp: Callable[[int, int], str], *, minutes: tuple[int, ...] = (15, 30, 45, 60)) -> str:
    """An EPW file with several temperatures an hour, each by hour of the year and minute."""
    lines = EPW_HEADER.replace("DATA PERIODS,1,1,", f"DATA PERIODS,1,{len(minutes)},").splitlines()
    for hour, (month, day, of_day) in enumerate(calendar(2001)):
        lines += [epw_line(2001, month, day, of_day, minute, temp(hour, minute)) for minute in minutes]
    return "".join(f"{line}\n" for line in lines)


def epw_line(year: int, month: int, day: int, hour: int, minute: int, temp: str) -> str:
    return f"{year},{month},{day},{hour},{minute},A7A7*0?9,{temp},1.0,50,98000"


PVGIS_TMY_HEADER = """Latitude (decimal degrees): 34.200
Longitude (decimal degrees): -118.365
Elevation (m): 236.0
Irradiance Time Offset (h): 0.1761
month,year
""" + "".join(f"{month},{2004 + month}\n" for month in range(1, 13))
PVGIS_LEGEND = """
T2m: 2-m air temperature (degree Celsius)
RH: relative humidity (%)

PVGIS (c) European Union, 2001-2025
"""


def pvgis_tmy(temp: Temperature = mild, *, header: str = PVGIS_TMY_HEADER, legend: str = PVGIS_LEGEND) -> str:
    """PVGIS's typical year: hours of UTC, its months from different years."""
    lines = [f"{header}time(UTC),T2m,RH,G(h),Gb(n),Gd(h),IR(h),WS10m,WD10m,SP"]
    for hour, (month, day, of_day) in enumerate(calendar(2001)):
        when = f"{2004 + month}{month:02}{day:02}:{of_day - 1:02}00"
        lines.append(f"{when},{temp(hour)},94.38,0.0,-0.0,0.0,283.58,0.75,257.0,99870.0")
    return "".join(f"{line}\r\n" for line in lines) + legend


PVGIS_SERIES_HEADER = """Latitude (decimal degrees):\t34.200
Longitude (decimal degrees):\t-118.365
Elevation (m):\t236
Radiation database:\tPVGIS-SARAH


Slope: 30 deg.
Azimuth: 0 deg.
"""


def pvgis_series(temp: Temperature = mild, *, years: tuple[int, ...] = (2013,), minute: int = 10) -> str:
    """PVGIS's time series: every hour of some years, at the same minute."""
    lines = [f"{PVGIS_SERIES_HEADER}time,Gb(i),Gd(i),Gr(i),H_sun,T2m,WS10m,Int"]
    hours = ((year, *when) for year in years for when in calendar(year))
    for hour, (year, month, day, of_day) in enumerate(hours):
        when = f"{year}{month:02}{day:02}:{of_day - 1:02}{minute:02}"
        lines.append(f"{when},0.0,0.0,0.0,0.0,{temp(hour)},1.43,0.0")
    return "".join(f"{line}\r\n" for line in lines) + PVGIS_LEGEND


NSRDB_NAMES = (
    "Source,Location ID,City,State,Country,Latitude,Longitude,Time Zone,Elevation,Local Time Zone,Dew Point Units,"
    "Temperature Units,Pressure Units,Cloud Type 0,Version"
)
NSRDB_VALUES = "NSRDB,401182,-,-,-,34.20,-118.365,-8,236,-8,c,c,mbar,Clear,4.0.1"
NSRDB_COLUMNS = "Year,Month,Day,Hour,Minute,DHI,Temperature,Dew Point,Pressure,,"


def nsrdb(
    temp: Callable[[int, int], str], *, minutes: tuple[int, ...] = (0, 30), years: tuple[int, ...] = (2023,),
    values: str = NSRDB_VALUES, columns: str = NSRDB_COLUMNS,
) -> str:  # fmt: skip
    """A file of NREL's PSM: instants by the clock of standard time, each temperature by hour and minute."""
    lines = [NSRDB_NAMES, values, columns]
    hours = ((year, *when) for year in years for when in calendar(year))
    for hour, (year, month, day, of_day) in enumerate(hours):
        for minute in minutes:
            lines.append(f"{year},{month},{day},{of_day - 1},{minute},0,{temp(hour, minute)},-1.2,780,,")
    return "".join(f"{line}\n" for line in lines)


def calendar(year: int) -> Iterator[tuple[int, int, int]]:
    """Month, day and hour 1 to 24 of the hours of a year."""
    instant = datetime(year, 1, 1)
    while instant.year == year:
        yield instant.month, instant.day, instant.hour + 1
        instant += timedelta(hours=1)
