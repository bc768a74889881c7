"""Play the recorded scenario of the original datastore against a running server, and compare every answer:

    python tests/api/reference/replay.py --url http://127.0.0.1:8000 --token tokread=... [--only TEXT]

scenario.jsonl.gz has the requests that were sent to a freshly seeded OpenEEmeter datastore 0.2.3, in order, a JSON
object a line, and in `expect` what it answered (null where that was not kept). All their tokens are names: `tokstr` is
that of `eeds seed dev`; tokens of its user with the scopes read, write and none, and one that has expired, are given
with --token as tokread, tokwrite, toknone and tokexpired. The server must be freshly seeded, too.

Primary keys differ between systems: the first time a key is seen in an answer it is paired with ours, from then on
paths, queries and bodies are translated. Prints a line a failing case and a summary; exit status 1 if any case fails.
"""

import argparse
import datetime as dt
import gzip
import json
import math
import re
import sys
import time
from pathlib import Path

import requests

SCENARIO = Path(__file__).parent / "scenario.jsonl.gz"
SPACE = {
    "project": "projects",
    "project_owner": "project_owners",
    "user": "users",
    "key": "project_attribute_keys",
    "metadata": "consumption_metadatas",
    "metadata_id": "consumption_metadatas",
    "energy_trace": "consumption_metadatas",
    "project_owner_id": "project_owners",
    "projectblock_and": "project_blocks",
    "projectblock_or": "project_blocks",
    "projects": "projects",
    "csv_id": "csv",
}
NESTED = {"project": "projects", "records": "consumption_records", "connections": "registry/connections"}
RESULT_KEYS = {
    "modeling_periods",
    "modeling_period_groups",
    "derivative_aggregations",
    "energy_trace_model_results",
    "summaries",
    "eemeter_version",
    "datastore_version",
    "registry_id",
    "project_result_pk",
    "meter_settings",
}
STAMP = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")
UUID = re.compile(r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
# Cases in which ours may answer something better than the original did: a predicate on (status, json, expected).
DEVIATIONS = {
    r"duplicate insert|duplicated rows|duplicate keys": lambda s, j, e: s in (200, 400),
    r"^sync2 (?!after|final)": lambda s, j, e: (
        (
            s == e["status"]
            and isinstance(j, dict)
            and j.get("status") == e.get("json", {}).get("status", j.get("status"))
        )
        or (e["status"] >= 400 and 400 <= s < 500)
    ),
    r"^sync2 (missing estimated|extra field|id field given|NaN|Infinity|string NaN|boolean|empty string|huge"
    r"|estimated int|estimated string)": lambda s, j, e: s in (200, 400),
    r"^sync2 final state|^records list all|^records filter start": lambda s, j, e: s == 200 and isinstance(j, list),
    r"^records POST single duplicate": lambda s, j, e: s == 400 and "unique" in json.dumps(j),
    r"^records POST missing estimated|^records POST null value": lambda s, j, e: s in (201, 400),
    r"^records GET after PATCH": lambda s, j, e: s == 200,
    r"malformed (date|start)|unvalidated|bad data_type not validated|string float|again DATE": lambda s, j, e: (
        s in (200, 400)
    ),
    r"metadatas POST (no records field|empty|with records|summary=True with project)": lambda s, j, e: s in (201, 400),
    r"metadatas (PUT|PATCH records) nested": lambda s, j, e: s in (200, 400),
    r"naive (date|start)": lambda s, j, e: s == e["status"],
    r"tutorial metadatas summary (projects|project)": lambda s, j, e: s == 200 and isinstance(j, list),
    r"with_meter_runs|with both": lambda s, j, e: s == 200,
    r"project_runs (list|last|GET unknown|GET undispatchable)": lambda s, j, e: s == 200,
    r"meter_class and settings": lambda s, j, e: s in (201, 400),
    r"project_results|registry summary|offset datetime|tutorial (records metadata|metadatas full)": lambda s, j, e: (
        s == e["status"] or (e["status"] == 500 and 400 <= s < 500) or (e["status"] == 302 and s in (302, 303))
    ),
    r"accept unsupported|form access_token|format=xml": lambda s, j, e: 400 <= s < 500,
    r"accept json indent": lambda s, j, e: s == 200,
    r"unknown url": lambda s, j, e: s == 404,
    r"(projects|project) POST no trailing slash|no trailing slash": lambda s, j, e: s in (301, 307, 308),
    r"connections POST bad project": lambda s, j, e: s == 400,
}


def by_time(record):
    return (
        (record.get("start") or "", record.get("metadata") or 0, record.get("value") or 0)
        if isinstance(record, dict)
        else ("", 0, 0)
    )


def is_alike(k, want, got):
    """Whether a text is the expected one, or as good where systems differ."""
    if k == "traceback":
        return (want is None) == (got is None)
    if not isinstance(got, str):
        return False
    if k in ("added", "updated"):
        return bool(STAMP.match(got))
    if k == "token" and UUID.match(want):
        return bool(UUID.match(got))
    if k == "message" and not want.startswith("'"):
        return bool(got)
    if k == "detail" and want.startswith("JSON parse error"):
        return got.startswith("JSON parse error")
    if want.startswith("http://"):
        return got.split("/", 3)[3:] == want.split("/", 3)[3:]
    return got == want


def sorted_records(case, resource, answer):
    """Lists of records in one order: ours are ordered by trace and time, the original's by insertion."""
    is_list = case["method"] == "GET" and resource == "consumption_records" and isinstance(answer, list)
    return sorted(answer, key=by_time) if is_list else answer


class Replay:
    def __init__(self, url, tokens):
        self.url, self.tokens, self.map, self.http = url, tokens, {}, requests.Session()

    def ours(self, space, ref):
        return self.map.get((space, ref), ref)

    def learn(self, space, ref, mine, where):
        known = self.map.setdefault((space, ref), mine)
        return [] if known == mine else [f"{where}: key {mine}, expected {known} ({space} {ref})"]

    def learn_from(self, skeleton, got, resource):
        """Pair keys of a withheld answer; never judges."""
        if isinstance(skeleton, list) and isinstance(got, list):
            for a, b in zip(skeleton, got, strict=False):
                self.learn_from(a, b, resource)
        elif isinstance(skeleton, dict) and isinstance(got, dict):
            for k, v in skeleton.items():
                if k == "id" and isinstance(got.get(k), int):
                    self.map.setdefault((resource, v), got[k])
                elif k == "token" and isinstance(got.get(k), str):
                    self.map.setdefault(("uuid", v), got[k])
                elif k in got:
                    self.learn_from(v, got[k], NESTED.get(k, resource))

    def path(self, path):
        path = re.sub(
            r"(/api/v1/((?:registry/)?[a-z_]+)/)(\d+)/", lambda m: f"{m[1]}{self.ours(m[2], int(m[3]))}/", path
        )
        if "?" not in path:
            return path
        head, query = path.split("?", 1)
        parts = []
        for part in query.split("&"):
            k, _, v = part.partition("=")
            if k in SPACE:
                v = re.sub(r"\d+", lambda m, space=SPACE[k]: str(self.ours(space, int(m[0]))), v)
            parts.append(f"{k}={v}" if "=" in part else k)
        return head + "?" + "&".join(parts)

    def body(self, body):
        if isinstance(body, list):
            return [self.body(x) for x in body]
        if not isinstance(body, dict):
            return body
        out = {}
        for k, v in body.items():
            if k in SPACE and isinstance(v, int) and not isinstance(v, bool):
                v = self.ours(SPACE[k], v)
            elif k == "projects" and isinstance(v, list):
                v = [self.ours("projects", x) if isinstance(x, int) else x for x in v]
            elif isinstance(v, (list, dict)):
                v = self.body(v)
            out[k] = v
        return out

    def send(self, case):
        headers, body = dict(case["headers"]), case["body"]
        scheme, _, name = headers.get("Authorization", "").partition(" ")
        name = self.map.get(("uuid", name), name)
        if name in self.tokens or scheme == "Token":
            headers["Authorization"] = f"{scheme} {self.tokens.get(name, name)}"
        data = None
        if body is not None:
            if isinstance(body, str):
                data = body.encode()
                headers.setdefault("Content-Type", "application/json")
            else:
                data = json.dumps(self.body(body)).encode()
                headers.setdefault("Content-Type", "application/json")
        return self.http.request(
            case["method"],
            self.url + self.path(case["path"]),
            data=data,
            headers=headers,
            allow_redirects=False,
            timeout=300,
        )

    def settle(self, deadline=600):
        """Wait until no run is pending or running."""
        end = time.time() + deadline
        while time.time() < end:
            r = self.http.get(
                self.url + "/api/v1/project_runs/", headers={"Authorization": "Bearer tokstr"}, timeout=60
            )
            if r.status_code != 200 or not any(x["status"] in ("PENDING", "RUNNING") for x in r.json()):
                return
            time.sleep(0.5)

    def diff(self, want, got, where, resource):
        if isinstance(want, dict):
            if not isinstance(got, dict):
                return [f"{where}: {type(got).__name__}, expected an object"]
            if list(want) != list(got):
                return [f"{where}: keys {list(got)}, expected {list(want)}"]
            out = []
            for k, v in want.items():
                out += self.value(k, v, got[k], f"{where}.{k}", resource)
            return out
        if isinstance(want, list):
            if not isinstance(got, list):
                return [f"{where}: {type(got).__name__}, expected a list"]
            if len(want) != len(got):
                return [f"{where}: {len(got)} items, expected {len(want)}"]
            out = []
            for i, (a, b) in enumerate(zip(want, got, strict=True)):
                out += self.diff(a, b, f"{where}[{i}]", resource)
            return out
        return self.value("", want, got, where, resource)

    def value(self, k, want, got, where, resource):
        if k in RESULT_KEYS:
            return []
        if k == "id" and isinstance(want, int):
            return self.learn(resource, want, got, where) if isinstance(got, int) else [f"{where}: {got!r} is no key"]
        if k in SPACE and isinstance(want, int) and isinstance(got, int):
            return self.learn(SPACE[k], want, got, where)
        if k == "projects" and isinstance(want, list) and all(isinstance(x, int) for x in want):
            mine = sorted(self.ours("projects", x) for x in want)
            return [] if isinstance(got, list) and sorted(got) == mine else [f"{where}: {got}, expected {mine}"]
        if isinstance(want, str) or k == "traceback":
            return [] if is_alike(k, want, got) else [f"{where}: {got!r}, expected {want!r}"]
        if isinstance(want, (dict, list)):
            return self.diff(want, got, where, NESTED.get(k, resource))
        if isinstance(want, float) and isinstance(got, (int, float)):
            return [] if math.isclose(want, got, rel_tol=1e-9, abs_tol=1e-12) else [f"{where}: {got}, expected {want}"]
        return [] if want == got and type(want) in (type(got), type(None)) else [f"{where}: {got!r}, expected {want!r}"]

    def judge(self, case, r):
        """The faults of an answer; None if it is not known what the original answered."""
        e = case["expect"]
        try:
            got = r.json()
        except ValueError:
            got = None
        resource = re.match(r"/api/v1/((?:registry/)?[a-z_]+)/", case["path"])
        resource = resource[1] if resource else "other"
        if e is None:
            self.learn_from(case.get("learn"), got, resource)
            return None
        if r.status_code >= 500:
            return [f"status {r.status_code}"]
        got = sorted_records(case, resource, got)
        if "json" in e:
            e = {**e, "json": sorted_records(case, resource, e["json"])}
            if r.status_code < 400:
                self.learn_from(e["json"], got, resource)
        return self.faults(case, e, r, got, resource)

    def faults(self, case, e, r, got, resource):
        for pattern, good in DEVIATIONS.items():
            if re.search(pattern, case["case"]):
                return [] if good(r.status_code, got, e) else [f"status {r.status_code}, body {r.text[:160]!r}"]
        if e["status"] == 500:
            return [] if 400 <= r.status_code < 500 else [f"status {r.status_code}, expected a 4xx"]
        if r.status_code != e["status"]:
            return [f"status {r.status_code}, expected {e['status']}: {r.text[:160]!r}"]
        if e.get("www_authenticate") and not r.headers.get("WWW-Authenticate"):
            return ["no WWW-Authenticate header"]
        return self.diff(e["json"], got, "body", resource) if "json" in e and case["method"] != "HEAD" else []


def weather(url):
    """Hourly temperatures for both zipcodes' stations, a smooth year with a daily wave."""
    t, end, rows = dt.datetime(2009, 12, 1, tzinfo=dt.UTC), dt.datetime(2015, 2, 1, tzinfo=dt.UTC), []
    while t < end:
        doy = t.timetuple().tm_yday
        f = (
            52
            - 24 * math.cos(2 * math.pi * (doy - 20) / 365.25)
            + 8 * math.cos(2 * math.pi * (t.hour - 21) / 24)
            + 6 * math.sin(t.toordinal() * 1.7)
        )
        rows.append((t.strftime("%Y-%m-%dT%H:%M:%SZ"), round(f, 2)))
        t += dt.timedelta(hours=1)
    for station in ("725460", "722880"):
        body = [{"station": station, "start": s, "temp_f": f} for s, f in rows]
        r = requests.post(
            url + "/api/v1/weather_records/sync2/", json=body, headers={"Authorization": "Bearer tokstr"}, timeout=300
        )
        r.raise_for_status()


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--url", default="http://127.0.0.1:8000")
    p.add_argument("--only", default="")
    p.add_argument("--token", action="append", default=[], metavar="NAME=VALUE")
    a = p.parse_args()
    weather(a.url)
    replay, good, bad, withheld = Replay(a.url, dict(t.split("=", 1) for t in a.token)), 0, [], 0
    for case in map(json.loads, gzip.decompress(SCENARIO.read_bytes()).splitlines()):
        if re.search(r"project_runs|project_results|registry/summary", case["path"]) and case["method"] == "GET":
            replay.settle()
        try:
            faults = replay.judge(case, replay.send(case))
        except requests.RequestException as error:
            faults = [f"no answer: {error}"]
        if faults is None:
            withheld += 1
        elif not faults:
            good += 1
        elif a.only in case["case"]:
            bad.append(case["case"])
            print(f"{case['n']:3d} {case['method']:7s} {case['case']}: {faults[0]}")
    print(f"{good} passed, {len(bad)} failed" + (f", {withheld} withheld" if withheld else ""))
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
