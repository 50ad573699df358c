"""The API of problems: what it answers, to whom, and that it answers what its description says."""

from typing import Any

import pytest
from django.test import Client
from rest_framework.serializers import Serializer

from accounts.models import User
from problems.content import Asset, Credits, Statement, plain
from problems.models import Problem
from problems.serializers import ListedProblemSerializer, ProblemSerializer
from tests.factories import make_problem

ERROR_KEYS = {"message", "status", "timestamp", "path", "requestId"}


def assert_described(value: dict[str, Any], serializer: Serializer[Any]) -> None:
    """The value has the fields of the serializer, no more and no less, and so on inside."""
    fields = serializer.fields
    assert value.keys() == fields.keys()
    for name, field in fields.items():
        child = getattr(field, "child", None)
        if isinstance(child, Serializer):
            for item in value[name]:
                assert_described(item, child)
        if isinstance(field, Serializer):
            assert_described(value[name], field)


@pytest.fixture
def rich(author: User) -> Problem:
    """One that has something of everything."""
    picture, notes = Asset("a b.png", "0" * 64, "image/png"), Asset("attachments/n.txt", "1" * 64, "text/plain", True)
    html = '<p><img src="assets/a%20b.png" alt=""> src="assets/x" <a href="assets/f.pdf">f</a></p>'
    return make_problem(
        author,
        "rich",
        statements_json=plain([Statement("en", "Rich", html, "2" * 64, [1]), Statement("zh", "富")]),
        assets_json=plain([picture, notes]),
        credits_json=plain(Credits("A", "Contest", "https://example.org", "cc0", "B", ["x"])),
        memory_limit_mb=64,
        output_limit_mb=3,
        languages=["python3"],
    )


class TestList:
    def test_it_lists_the_public_ones_for_anybody(self, client: Client, problem: Problem, rich: Problem) -> None:
        make_problem(problem.owner, "hidden", is_public=False)
        response = client.get("/api/problems/")
        assert response.status_code == 200
        assert [row["slug"] for row in response.json()] == ["next-number", "rich"]
        assert_described(response.json()[1], ListedProblemSerializer())
        assert response.json()[1] == {
            "slug": "rich",
            "title": "The next number",
            "timeLimitMs": 1000,
            "memoryLimitMb": 64,
            "source": "Contest",
            "keywords": ["x"],
        }

    def test_its_owner_sees_no_more_there(self, client: Client, author: User) -> None:
        make_problem(author, is_public=False)
        client.force_login(author)
        assert client.get("/api/problems/").json() == []


class TestOne:
    def test_it_tells_what_its_description_says(self, client: Client, rich: Problem) -> None:
        response = client.get("/api/problems/rich/")
        assert response.status_code == 200
        assert_described(response.json(), ProblemSerializer())

    def test_addresses_in_statements_are_those_of_the_version(self, client: Client, rich: Problem) -> None:
        told = client.get("/api/problems/rich/").json()
        base = "/problems/rich/assets/1/"
        assert told["statements"][0]["html"] == (
            f'<p><img src="{base}a%20b.png" alt=""> src="assets/x" <a href="{base}f.pdf">f</a></p>'
        )
        assert told["statements"][0]["pdf"] == f"{base}problem.en.pdf"
        assert told["statements"][1]["pdf"] is None
        assert told["attachments"] == [{"name": "n.txt", "url": f"{base}attachments/n.txt"}]

    def test_limits_that_the_package_leaves_open_are_the_systems(
        self, client: Client, problem: Problem, settings: Any
    ) -> None:
        told = client.get(f"/api/problems/{problem.slug}/").json()
        assert told["memoryLimitMb"] == settings.DEFAULT_MEMORY_MB
        assert told["outputLimitMb"] == settings.DEFAULT_OUTPUT_MB

    def test_its_setter_sees_the_newest_version_while_none_counts(self, client: Client, author: User) -> None:
        made = make_problem(author, time_limit_ms=None)
        Problem.objects.update(version=None)
        client.force_login(author)
        told = client.get(f"/api/problems/{made.slug}/").json()
        assert (told["version"], told["timeLimitMs"], told["isPublic"]) == (1, None, False)

    @pytest.mark.parametrize("slug", ["no-such", "hidden"])
    def test_what_is_not_yours_does_not_exist(self, client: Client, author: User, contestant: User, slug: str) -> None:
        make_problem(author, "hidden", is_public=False)
        client.force_login(contestant)
        response = client.get(f"/api/problems/{slug}/")
        assert response.status_code == 404
        assert response.json().keys() == ERROR_KEYS
        assert response.json()["message"] == client.get("/api/problems/no-such/").json()["message"]

    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_it_is_read_only(self, client: Client, author: User, problem: Problem, method: str) -> None:
        client.force_login(author)
        response = getattr(client, method)(f"/api/problems/{problem.slug}/", content_type="application/json")
        assert response.status_code == 405
        assert response.json().keys() == ERROR_KEYS


class TestDescription:
    def test_the_schema_names_both(self, client: Client, db: None) -> None:
        schema = client.get("/api/schema/", HTTP_ACCEPT="application/json").json()
        assert {"/api/problems/", "/api/problems/{slug}/"} <= schema["paths"].keys()
        one = schema["paths"]["/api/problems/{slug}/"]["get"]["responses"]
        assert one["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert "404" in one
