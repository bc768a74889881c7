"""Project owners: one per user, made with the user."""

from tests.api.conftest import Api, MakeApi


def test_story(api: Api) -> None:
    assert api.get("project_owners/").json == [{"id": 1, "user": 1}]
    assert api.get("project_owners/1/").json == {"id": 1, "user": 1}
    assert api.patch("project_owners/1/", {"user": 1}).json == {"id": 1, "user": 1}
    assert api.get("project_owners/2/").status_code == 404


def test_refusals(api: Api) -> None:
    assert api.post("project_owners/", {"user": 1}).json == {"user": ["This field must be unique."]}
    assert api.post("project_owners/", {"user": 99}).json == {"user": ['Invalid pk "99" - object does not exist.']}
    assert api.post("project_owners/", {}).json == {"user": ["This field is required."]}


def test_everybody_sees_the_own_owner(api: Api, login: MakeApi) -> None:
    ann = login("ann")
    owners = ann.get("project_owners/").json
    assert [owner["user"] for owner in owners] == [2]
    assert len(api.get("project_owners/").json) == 2


def test_an_owner_is_not_deleted_so_that_its_user_can_work_on(api: Api, login: MakeApi) -> None:
    ann = login("ann")
    own = ann.get("project_owners/").json[0]["id"]
    for client in (ann, api):
        answer = client.delete(f"project_owners/{own}/")
        assert (answer.status_code, list(answer.json)) == (400, ["user"])
    assert ann.get("projects/").status_code == 200


def test_owner_of_projects_cannot_be_deleted(api: Api) -> None:
    api.post("projects/", {"project_id": "A", "project_owner": 1})
    answer = api.delete("project_owners/1/")
    assert answer.status_code == 400
    assert api.get("project_owners/1/").status_code == 200
