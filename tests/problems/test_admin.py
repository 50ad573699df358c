"""The admin: staff import, publish and hide problems; others don't get in."""

import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from problems import blobs
from problems.models import Problem, ProblemVersion
from tests.factories import make_problem, make_version
from tests.problems.building import Files, as_zip, dated, without

IMPORT = "/admin/problems/problem/import/"
LIST = "/admin/problems/problem/"


@pytest.fixture
def browser(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


@pytest.fixture
def upload(browser: Client, tmp_path: Path) -> Any:
    def send(files: Files, name: str = "next.zip", **fields: str) -> Any:
        package = SimpleUploadedFile(name, as_zip(files, tmp_path / "upload.zip").read_bytes())
        return browser.post(IMPORT, {"package": package, **fields})

    return send


class TestImport:
    def test_a_package_becomes_a_problem_and_its_warnings_are_told(self, upload: Any, staff: User) -> None:
        response = upload(dated() | {"problem.yaml": "name: Next\nmood: good\nlimits: {time_limit: 1}\n"})
        made = Problem.objects.get(slug="next")
        assert made.owner == staff
        assert made.is_public
        assert response.status_code == 302
        assert response["Location"] == f"{LIST}{made.pk}/change/"
        words = [str(message) for message in get_messages(response.wsgi_request)]
        assert words[0] == "next: version 1, 2 tests, 1 tagged submissions, 1 s"
        assert "problem.yaml: mood is not known and was passed over" in words

    def test_slug_and_privacy_are_as_told(self, upload: Any) -> None:
        upload(dated(), slug="other-name", private="on")
        assert list(Problem.objects.values_list("slug", "is_public")) == [("other-name", False)]

    def test_a_refused_package_is_told_why_and_leaves_nothing(self, upload: Any) -> None:
        response = upload(without(dated(), "data/secret/1.ans"))
        assert response.status_code == 200
        assert "data/secret/1.in" in response.content.decode()
        assert not Problem.objects.exists()
        assert [path for path in blobs.root().rglob("*") if path.is_file()] == []

    @pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x05\x06" + b"\0" * 18])
    def test_what_is_no_package_is_refused(self, browser: Client, content: bytes) -> None:
        response = browser.post(IMPORT, {"package": SimpleUploadedFile("x.zip", content)})
        assert response.status_code == 200
        assert "refused" in response.content.decode()
        assert not Problem.objects.exists()

    def test_messages_are_escaped(self, browser: Client, tmp_path: Path) -> None:
        target = tmp_path / "x.zip"
        with zipfile.ZipFile(target, "w") as archive:
            archive.writestr("../<script>alert(1)</script>", "")
        response = browser.post(IMPORT, {"package": SimpleUploadedFile("x.zip", target.read_bytes())})
        assert "<script>alert(1)" not in response.content.decode()
        assert "leaves the package" in response.content.decode()

    def test_adding_a_problem_is_importing_one(self, browser: Client) -> None:
        assert browser.get(f"{LIST}add/")["Location"] == IMPORT
        assert browser.get(IMPORT).status_code == 200

    @pytest.mark.parametrize("who", [None, "contestant", "author"])
    def test_it_is_for_staff(self, client: Client, request: Any, db: None, who: str | None) -> None:
        if who:
            client.force_login(request.getfixturevalue(who))
        for path in (IMPORT, LIST):
            assert client.get(path).status_code == 302
            assert client.post(path).status_code == 302
        assert not Problem.objects.exists()

    def test_it_needs_its_csrf_token(self, staff: User) -> None:
        client = Client(enforce_csrf_checks=True)
        client.force_login(staff)
        assert client.post(IMPORT, {}).status_code == 403


class TestLists:
    def test_problems_can_be_found_and_filtered(self, browser: Client, problem: Problem) -> None:
        make_problem(problem.owner, "hidden", is_public=False)
        assert "next-number" in browser.get(LIST, {"q": "next-n"}).content.decode()
        found = browser.get(LIST, {"is_public__exact": "0"}).content.decode()
        assert "hidden" in found
        assert ">next-number<" not in found

    def test_they_are_published_and_hidden_by_the_dozen(self, browser: Client, problem: Problem) -> None:
        for action, expected in (("hide", False), ("publish", True)):
            browser.post(LIST, {"action": action, "_selected_action": [str(problem.pk)]})
            problem.refresh_from_db()
            assert problem.is_public is expected

    def test_a_problem_shows_its_versions_and_lets_only_publishing_be_changed(
        self, browser: Client, problem: Problem, stranger: User
    ) -> None:
        make_version(problem, number=2, memory_limit_mb=77)
        page = f"{LIST}{problem.pk}/change/"
        assert "77" in browser.get(page).content.decode()
        nothing = {"versions-TOTAL_FORMS": "0", "versions-INITIAL_FORMS": "0"}
        browser.post(page, {"slug": "stolen", "title": "x", "owner": str(stranger.pk), **nothing})
        problem.refresh_from_db()
        assert (problem.slug, problem.title, problem.is_public) == ("next-number", "The next number", False)
        assert problem.owner != stranger
        assert ProblemVersion.objects.count() == 2
