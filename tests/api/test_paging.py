"""Lists in pages: limit, cursor and the Link header."""

import re

import pytest

from tests.api.conftest import Api


def next_page(link: str | None) -> str | None:
    return None if link is None else re.fullmatch(r'<http://localhost/api/v1/([^>]+)>; rel="next"', link)[1]  # type: ignore[index]


def walk(api: Api, path: str | None) -> list[list[int]]:
    pages = []
    while path:
        answer = api.get(path)
        pages.append([item["id"] for item in answer.json])
        path = next_page(answer.headers.get("Link"))
    return pages


def test_pages_of_projects(api: Api) -> None:
    for name in "ABCDE":
        api.post("projects/", {"project_id": name, "project_owner": 1, "zipcode": "9" if name == "C" else "1"})
    assert walk(api, "projects/?limit=2") == [[1, 2], [3, 4], [5]]
    assert walk(api, "projects/?limit=2&zipcode=1") == [[1, 2], [4, 5]]
    assert walk(api, "projects/?limit=5") == [[1, 2, 3, 4, 5]]
    assert walk(api, "projects/") == [[1, 2, 3, 4, 5]]


def test_pages_of_records(api: Api) -> None:
    ids = [api.post("consumption_metadatas/", {"interpretation": "E_C_S", "unit": "KWH"}).json["id"] for _ in range(2)]
    days = [{"metadata": id, "start": f"2016-01-0{n}T00:00:00Z", "value": n} for id in ids for n in (2, 1, 3)]
    api.post("consumption_records/", days)
    whole = [record["id"] for record in api.get("consumption_records/").json]
    assert walk(api, "consumption_records/?limit=4") == [whole[:4], whole[4:]]


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=-1", "limit=x", "limit=99999999", "limit=1&cursor=x", "limit=1&cursor=é"]
)
def test_impossible_pages(api: Api, query: str) -> None:
    answer = api.get(f"projects/?{query}")
    assert answer.status_code == 400
    assert list(answer.json) == [query.split("&")[-1].partition("=")[0]]
