"""Green Button feeds for tests, written entry by entry."""

from collections.abc import Iterable, Mapping
from typing import Any

ATOM, ESPI = "http://www.w3.org/2005/Atom", "http://naesb.org/espi"
POINT = "Subscription/1/UsagePoint/{}"
TYPE = {"accumulationBehaviour": 4, "commodity": 1, "flowDirection": 1, "powerOfTenMultiplier": 0, "uom": 72}
HOUR = 3600


def elements(texts: Mapping[str, Any]) -> str:
    """Elements with a text each."""
    return "".join(f"<{name}>{text}</{name}>" for name, text in texts.items())


def entry(own: str, up: str, related: Iterable[str], content: str) -> str:
    links = [("self", own), ("up", up), *(("related", href) for href in related)]
    shown = "".join(f'<link rel="{rel}" href="{href}"/>' for rel, href in links if href)
    return f'<entry><id>x</id>{shown}<content xmlns:e="{ESPI}">{content}</content></entry>'


def usage_point(id: str = "7", kind: int = 0) -> str:
    own = POINT.format(id)
    body = f'<UsagePoint xmlns="{ESPI}"><ServiceCategory><kind>{kind}</kind></ServiceCategory></UsagePoint>'
    return entry(own, "Subscription/1/UsagePoint", [f"{own}/MeterReading"], body)


def meter_reading(id: str = "m", point: str = "7", type_id: str = "t") -> str:
    above = f"{POINT.format(point)}/MeterReading"
    related = [f"{above}/{id}/IntervalBlock", f"ReadingType/{type_id}"]
    return entry(f"{above}/{id}", above, related, f'<MeterReading xmlns="{ESPI}"/>')


def reading_type(id: str = "t", **texts: Any) -> str:
    body = f'<ReadingType xmlns="{ESPI}">{elements({**TYPE, **texts})}</ReadingType>'
    return entry(f"ReadingType/{id}", "ReadingType", [], body)


def reading(start: Any, value: Any, duration: Any = HOUR, quality: Iterable[Any] = (), **registers: Any) -> str:
    """An IntervalReading; None leaves an element out."""
    qualities = "".join(f"<ReadingQuality><quality>{code}</quality></ReadingQuality>" for code in quality)
    period = {name: text for name, text in (("duration", duration), ("start", start)) if text is not None}
    shown = elements({"value": value}) if value is not None else ""
    times = f"<timePeriod>{elements(period)}</timePeriod>"
    return f"<IntervalReading>{qualities}{times}{shown}{elements(registers)}</IntervalReading>\n"


def block(readings: Iterable[str], meter: str = "m", point: str = "7", start: int = 0, number: int = 0) -> str:
    above = f"{POINT.format(point)}/MeterReading/{meter}/IntervalBlock"
    interval = f"<interval><duration>86400</duration><start>{start}</start></interval>"
    body = f'<IntervalBlock xmlns="{ESPI}">{interval}{"".join(readings)}</IntervalBlock>'
    return entry(f"{above}/{number}", above, [], body)


def local_time(**texts: Any) -> str:
    body = f'<LocalTimeParameters xmlns="{ESPI}">{elements(texts)}</LocalTimeParameters>'
    return entry("LocalTimeParameters/1", "LocalTimeParameters", [], body)


def feed(*entries: str, prolog: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    return f'{prolog}<feed xmlns="{ATOM}"><id>f</id>{"".join(entries)}</feed>'.encode()


def usual(readings: Iterable[str], service: int = 0, **texts: Any) -> bytes:
    """A feed with one usage point and these readings."""
    return feed(usage_point(kind=service), meter_reading(), reading_type(**texts), block(readings))
