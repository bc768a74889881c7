"""`eeds upload normals` to a real server."""

from pathlib import Path

from eeds.client import Client
from tests.cli.conftest import Eeds, Login, Write
from tests.weather.normal_files import EPW_HEADER, cz2010, epw, nsrdb, pvgis_tmy, tmy2, tmy3


def test_files_of_each_kind(eeds_here: Eeds, write: Write, client: Client) -> None:
    files = [write(name, text) for name, text in (("a.tmy3", tmy3()), ("b.csv", cz2010()), ("c.epw", epw()))]
    outcome = eeds_here("upload", "normals", *files)
    assert (outcome.status, outcome.out) == (
        0,
        "".join(
            f"{file}: {kind} year of station 722880 created\n"
            for file, kind in zip(files, ("TMY3", "CZ2010", "EPW"), strict=True)
        ),
    )
    assert [normal["kind"] for normal in client.get("weather_normals/")] == ["CZ2010", "EPW", "TMY3"]
    assert eeds_here("upload", "normals", files[0], "--station", "725460").out == (
        f"{files[0]}: TMY3 year of station 725460 created\n"
    )
    assert eeds_here("upload", "normals", files[0]).out == f"{files[0]}: TMY3 year of station 722880 unchanged\n"


def test_files_that_name_no_station(eeds_here: Eeds, write: Write) -> None:
    """What to do is said in the command's own words, and what was made of the temperatures."""
    files = {
        "NSRDB": write("a.csv", nsrdb(lambda *_: "10")),
        "PVGIS": write("b.csv", pvgis_tmy()),
        "EPW": write("c.epw", epw(header=EPW_HEADER.replace("722880", "999999"))),
    }
    outcome = eeds_here("upload", "normals", *files.values())
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.count("say by --station") == 3
    assert "  The file names no station ('999999'): say by --station " in outcome.err
    assert eeds_here("upload", "normals", files["NSRDB"], "--station", "722880").out == (
        f"{files['NSRDB']}: NSRDB year of station 722880 created\n"
        f"{files['NSRDB']}: 17,520 temperatures of instants became 8,760 of hours, each the mean of the straight line "
        "between them.\n"
    )
    for kind in ("PVGIS", "EPW"):
        outcome = eeds_here("upload", "normals", files[kind], "--station", "722880")
        assert outcome.out.startswith(f"{files[kind]}: {kind} year of station 722880 created\n")


def test_tmy2(eeds_here: Eeds, write: Write) -> None:
    file = write("23152.tm2", tmy2())
    assert eeds_here("upload", "normals", file).out == f"{file}: TMY2 year of station 722880 created\n"


def test_a_bad_file_does_not_stop_the_others(eeds_here: Eeds, write: Write) -> None:
    bad = write("bad.epw", epw(lambda hour: "warm" if hour in (0, 2) else "10"))
    good = write("good.epw", epw())
    outcome = eeds_here("upload", "normals", bad, good)
    assert (outcome.status, outcome.out) == (1, f"{good}: EPW year of station 722880 created\n")
    assert outcome.err == (
        f"Error: {bad}: not stored.\n"
        "  line 9: its temperature is 'warm', which is no number.\n"
        "  line 11: its temperature is 'warm', which is no number.\n"
    )


def test_what_makes_no_sense(eeds_here: Eeds, write: Write, tmp_path: Path) -> None:
    file = write("a.epw", epw())
    assert "--station is for one file." in eeds_here("upload", "normals", file, file, "--station", "1").err
    gone = tmp_path / "gone.epw"
    assert eeds_here("upload", "normals", gone).err == f"Error: {gone} cannot be read: No such file or directory\n"
    assert eeds_here("upload", "normals", file, "--station", "a b").err == (
        f"Error: {file}: not stored.\n  A station id has at most 32 letters, digits, dots, hyphens and underscores.\n"
    )


def test_others_than_admins_may_not(eeds_here: Eeds, login: Login, write: Write) -> None:
    outcome = eeds_here("upload", "normals", write("a.epw", epw()), "--token", login("ann"))
    assert (outcome.status, outcome.out) == (1, "")
    assert "The token may not POST weather_normals/" in outcome.err
