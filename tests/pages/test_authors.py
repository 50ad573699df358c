"""The authors' pages: who may, uploads, tagged submissions run and compared, statements, packages."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from execution import authoring, authoring_runs, sweeper
from execution.models import Judgement, Kind, Submission
from execution.sandbox.fake import report
from execution.states import State
from problems import blobs
from problems.content import JuryRule, plain
from problems.importer import import_package
from problems.models import Problem, ProblemVersion
from tests.execution.programs import new_worker, on_tests
from tests.factories import make_jury_program, make_problem, make_version
from tests.pages.reading import Page
from tests.pages.test_frame import (  # noqa: F401  # they are run with the pages from here
    test_changes_are_posted_with_a_token,
    test_every_control_is_named,
    test_nothing_is_inline,
    test_pages_are_named_and_structured,
    test_static_files_that_pages_name_exist,
)
from tests.problems.building import Files, as_zip, dated, legacy, without

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16
AC = JuryRule(["AC"], [], bounds="lower")
WA = JuryRule(["AC", "WA"], ["WA"])


@pytest.fixture
def author(db: None) -> User:
    """May own problems."""
    user = User.objects.create_user("author", password="correct horse battery")
    user.user_permissions.add(Permission.objects.get(codename="add_problem"))
    return user


@pytest.fixture
def browser(author: User) -> Client:
    client = Client()
    client.force_login(author)
    return client


@pytest.fixture
def pack(tmp_path: Path) -> Callable[..., Path]:
    """Writes a package's zip."""

    def write(files: Files, name: str = "next.zip", top: str = "") -> Path:
        return as_zip(files, tmp_path / name, top)

    return write


@pytest.fixture
def send(browser: Client, pack: Callable[..., Path]) -> Callable[..., Any]:
    """Uploads a package."""

    def upload(files: Files, path: str = "/authors/upload/", **fields: str) -> Any:
        package = SimpleUploadedFile("next.zip", pack(files).read_bytes())
        return browser.post(path, {"package": package, **fields})

    return upload


def content_of(response: Any) -> bytes:
    """Of a file that is sent, which the test client then closes."""
    return b"".join(response.streaming_content)


def stored() -> list[Path]:
    return [path for path in blobs.root().rglob("*") if path.is_file()]


class TestWhoMay:
    PATHS = (
        "",
        "upload/",
        "problems/next-number/",
        "problems/next-number/upload/",
        "problems/next-number/comparison/",
        "problems/next-number/statement/en/",
        "problems/next-number/versions/1.zip",
    )
    POSTS = ("publish/", "run/", "preview/en/", "upload/", "statement/en/")

    def kept(self, owner: User, pack: Callable[..., Path]) -> Problem:
        return import_package(pack(dated()), owner, slug="next-number", public=False).problem

    def statuses(self, user: User | None) -> set[int]:
        client = Client()
        if user:
            client.force_login(user)
        posted = {client.post(f"/authors/problems/next-number/{path}").status_code for path in self.POSTS}
        return self.got(client) | posted

    def got(self, client: Client) -> set[int]:
        statuses = set()
        for path in self.PATHS:
            response = client.get(f"/authors/{path}")
            statuses.add(response.status_code)
            if response.streaming:
                content_of(response)
        return statuses

    def test_anonymous_may_log_in_first(self, author: User, pack: Callable[..., Path]) -> None:
        self.kept(author, pack)
        assert self.statuses(None) == {302}

    def test_for_others_there_is_nothing(self, author: User, contestant: User, pack: Callable[..., Path]) -> None:
        self.kept(author, pack)
        assert self.statuses(contestant) == {404}

    def test_without_the_right_an_owner_is_no_author(
        self, author: User, contestant: User, pack: Callable[..., Path]
    ) -> None:
        self.kept(contestant, pack)
        assert self.statuses(contestant) == {404}

    def test_another_authors_problem_does_not_exist(
        self, browser: Client, contestant: User, pack: Callable[..., Path]
    ) -> None:
        self.kept(contestant, pack)
        for path in self.PATHS[2:]:
            assert browser.get(f"/authors/{path}").status_code == 404
        for path in self.POSTS:
            assert browser.post(f"/authors/problems/next-number/{path}").status_code == 404
        assert "next-number" not in browser.get("/authors/").content.decode()

    def test_authors_and_staff_get_in(self, author: User, staff: User, pack: Callable[..., Path]) -> None:
        self.kept(author, pack)
        for user in (author, staff):
            client = Client()
            client.force_login(user)
            assert self.got(client) == {200}

    def test_only_they_may_send_what_is_large(self, browser: Client, contestant: User, settings: Any) -> None:
        settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
        other = Client()
        other.force_login(contestant)
        content = SimpleUploadedFile("x.zip", b"x" * 2000)
        assert other.post("/authors/upload/", {"package": content}).status_code == 413
        content.seek(0)
        assert browser.post("/authors/upload/", {"package": content}).status_code == 400
        content.seek(0)
        assert browser.post("/accounts/login/", {"package": content}).status_code == 413

    def test_posts_need_their_token(self, author: User, pack: Callable[..., Path]) -> None:
        self.kept(author, pack)
        client = Client(enforce_csrf_checks=True)
        client.force_login(author)
        for path in self.POSTS:
            assert client.post(f"/authors/problems/next-number/{path}").status_code == 403

    def test_their_account_leads_there(self, author: User, contestant: User, staff: User) -> None:
        for user, ways in ((author, 1), (staff, 1), (contestant, 0)):
            client = Client()
            client.force_login(user)
            page = Page.of(client.get("/accounts/"))
            assert len(page.all("a", href="/authors/")) == ways, user


class TestUpload:
    def test_a_package_becomes_a_private_problem_of_ones_own(self, send: Any, author: User, browser: Client) -> None:
        response = send(dated() | {"problem.yaml": "name: Next\nmood: good\nlimits: {time_limit: 1.5}\n"})
        made = Problem.objects.get()
        assert (made.slug, made.owner, made.is_public) == ("next", author, False)
        assert response["Location"] == "/authors/problems/next/"
        page = Page.of(browser.get(response["Location"]))
        for words in ("version 1", "2 (samples: 1)", "1.5 s", "mood is not known", "private"):
            assert words in page.text
        assert Client().get("/problems/next/").status_code == 404

    def test_its_name_may_be_given(self, send: Any) -> None:
        send(dated(), slug="other-name")
        assert Problem.objects.get().slug == "other-name"

    @pytest.mark.parametrize("slug", ["A", "../x", "a b", "-"])
    def test_a_bad_name_is_refused(self, send: Any, slug: str) -> None:
        assert send(dated(), slug=slug).status_code == 400
        assert not Problem.objects.exists()

    def test_a_refused_package_is_told_why_and_leaves_nothing(self, send: Any) -> None:
        response = send(without(dated(), "data/secret/1.ans"))
        assert response.status_code == 400
        assert "data/secret/1.in" in Page.of(response).one(role="alert").text
        assert not Problem.objects.exists()
        assert stored() == []

    @pytest.mark.parametrize("name", ["../../evil", "/etc/evil", "a/../../evil"])
    def test_a_path_that_leads_out_is_refused(self, send: Any, name: str, tmp_path: Path) -> None:
        response = send(dated() | {name: "x"})
        assert response.status_code == 400
        assert "inside the package" in response.content.decode() or "leaves the package" in response.content.decode()
        assert stored() == []
        assert not list(tmp_path.rglob("evil"))

    def test_a_zip_that_unpacks_to_too_much_is_refused(self, send: Any, settings: Any) -> None:
        settings.MAX_PACKAGE_MB = 1
        response = send(dated() | {"data/secret/1.in": "1" * (2 << 20)})
        assert response.status_code == 400
        assert "unpacks to more than 1 MB" in response.content.decode()
        assert stored() == []

    @pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x05\x06" + b"\0" * 18])
    def test_what_is_no_package_is_refused(self, browser: Client, content: bytes) -> None:
        response = browser.post("/authors/upload/", {"package": SimpleUploadedFile("x.zip", content)})
        assert response.status_code == 400
        assert not Problem.objects.exists()

    def test_what_is_large_is_read_from_the_disk(
        self, browser: Client, pack: Callable[..., Path], settings: Any
    ) -> None:
        settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 100
        package = SimpleUploadedFile("next.zip", pack(dated()).read_bytes())
        assert browser.post("/authors/upload/", {"package": package}).status_code == 302
        assert Problem.objects.get().version is not None

    def test_a_new_version_leaves_it_as_it_was(self, send: Any, author: User, pack: Callable[..., Path]) -> None:
        made = import_package(pack(dated()), author, slug="mine", public=True).problem
        response = send(dated() | {"data/secret/1.ans": "43\n"}, "/authors/problems/mine/upload/")
        assert response["Location"] == "/authors/problems/mine/"
        made.refresh_from_db()
        assert made.is_public
        assert made.version is not None
        assert made.version.number == 2
        assert Problem.objects.count() == 1

    def test_the_same_again_changes_nothing(self, send: Any, browser: Client) -> None:
        send(dated())
        response = send(dated(), "/authors/problems/next/upload/")
        assert "nothing was changed" in browser.get(response["Location"]).content.decode()
        assert ProblemVersion.objects.count() == 1

    def test_somebody_elses_name_is_taken(self, send: Any, contestant: User) -> None:
        make_problem(contestant, "next")
        response = send(dated())
        assert response.status_code == 400
        assert "taken by somebody else" in response.content.decode()
        assert ProblemVersion.objects.count() == 1

    def test_staff_keep_the_owner(self, author: User, staff: User, pack: Callable[..., Path]) -> None:
        made = import_package(pack(dated()), author, public=False).problem
        client = Client()
        client.force_login(staff)
        package = SimpleUploadedFile("x.zip", pack(dated() | {"data/secret/1.ans": "43\n"}).read_bytes())
        assert client.post("/authors/problems/next/upload/", {"package": package}).status_code == 302
        made.refresh_from_db()
        assert made.owner == author
        assert made.versions.count() == 2

    def test_so_many_a_minute(self, send: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(authoring, "UPLOADS_PER_MINUTE", 1)
        send(dated())
        response = send(dated())
        assert response.status_code == 429
        assert 1 <= int(response["Retry-After"]) <= 60

    def test_none_is_taken_while_the_disk_is_full(self, send: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("execution.disk.is_short", lambda: True)
        assert send(dated()).status_code == 503
        assert not Problem.objects.exists()

    def test_what_it_says_is_escaped(self, send: Any) -> None:
        response = send(dated() | {"../<script>alert(1)</script>": ""})
        assert "<script>alert(1)" not in response.content.decode()


class TestPublishing:
    def test_it_is_shown_and_hidden_at_once(
        self, send: Any, browser: Client, django_capture_on_commit_callbacks: Any
    ) -> None:
        send(dated())
        for do, status in (("publish", 200), ("hide", 404)):
            with django_capture_on_commit_callbacks(execute=True):
                browser.post("/authors/problems/next/publish/", {"do": do})
            assert Client().get("/problems/next/").status_code == status

    def test_without_a_time_limit_it_waits(self, send: Any, browser: Client) -> None:
        send(without(legacy(), ".timelimit"))
        response = browser.post("/authors/problems/next/publish/", {"do": "publish"}, follow=True)
        assert "as soon as its time limit is known" in response.content.decode()
        assert "waits for its time limit" in response.content.decode()
        assert Client().get("/problems/next/").status_code == 404

    def test_reading_does_not_publish(self, send: Any, browser: Client) -> None:
        send(dated())
        assert browser.get("/authors/problems/next/publish/").status_code == 405
        assert not Problem.objects.get().is_public


class TestTaggedSubmissions:
    RUN = "/authors/problems/next-number/run/"
    TOLD = "/authors/problems/next-number/comparison/"

    @pytest.fixture
    def version(self, author: User) -> ProblemVersion:
        right = make_jury_program("accepted", AC)
        wrong = make_jury_program("wrong_answer", WA, "print(0)\n")
        version = make_problem(author, jury_json=plain([right, wrong])).version
        assert version
        return version

    def work(self) -> None:
        """Two programs: the first is right on all tests, the second on none."""
        answers = iter([b"2", b"42", b"1000", b"?", b"?", b"?"])
        worker = new_worker(on_tests(lambda _: report(next(answers), cpu_ms=250)))
        while worker.judge_one():
            pass

    def test_they_are_judged_and_compared(self, browser: Client, version: ProblemVersion) -> None:
        assert browser.get(self.TOLD).json()["words"] == "None has been run for this version yet."
        assert browser.post(self.RUN)["Location"] == "/authors/problems/next-number/"
        assert Submission.objects.filter(kind=Kind.JURY).count() == 2
        told = browser.get(self.TOLD).json()
        assert told["status"] == "running"
        assert told["words"] == "Judged 0 of 2. No judge takes submissions just now."
        assert "waiting in the queue" in told["html"]
        self.work()
        told = browser.get(self.TOLD).json()
        assert (told["status"], told["words"]) == ("completed", "All 2 that were run did what their tags say.")
        table = Page(told["html"])
        rows = [[cell.text for cell in table.all("th", "td") if row in cell.within] for row in table.all("tr")]
        assert rows[1][:4] == ["accepted/a.py Python 3", "AC", "AC ✓ as expected", "250 ms"]
        assert rows[2][:4] == ["wrong_answer/a.py Python 3", "AC, WA WA at least once", "WA ✓ as expected", "250 ms"]
        assert "accepted/a.py, takes 250 ms: 25 %" in " ".join(told["html"].split())

    def test_what_differs_is_told(self, browser: Client, version: ProblemVersion) -> None:
        browser.post(self.RUN)
        worker = new_worker(on_tests(lambda _: report(b"?")))
        while worker.judge_one():
            pass
        told = browser.get(self.TOLD).json()
        assert told["words"] == "1 of 2 did not do what its tag says."
        assert "✗ differs" in Page(told["html"]).all("tr")[1].text

    def test_they_are_run_once_at_a_time(self, browser: Client, version: ProblemVersion) -> None:
        browser.post(self.RUN)
        response = browser.post(self.RUN, follow=True)
        assert "They are being run already." in response.content.decode()
        assert Submission.objects.count() == 2
        self.work()
        browser.post(self.RUN)
        assert Judgement.objects.filter(state=State.QUEUED).count() == 2

    def test_so_many_are_sent_at_most(
        self, browser: Client, version: ProblemVersion, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(authoring_runs, "MAX_PROGRAMS", 1)
        browser.post(self.RUN)
        assert browser.get(self.TOLD).json()["words"].startswith("Judged 0 of 1.")

    def test_what_a_version_before_got_does_not_count(self, browser: Client, version: ProblemVersion) -> None:
        browser.post(self.RUN)
        self.work()
        make_version(version.problem, 2, jury_json=version.jury_json)
        assert browser.get(self.TOLD).json()["words"] == "None has been run for this version yet."

    def test_the_measuring_of_a_time_limit_is_told(self, browser: Client, version: ProblemVersion) -> None:
        ProblemVersion.objects.update(time_limit_ms=None)
        Problem.objects.update(version=None)
        response = browser.post(self.RUN, follow=True)
        assert "once the time limit is known" in response.content.decode()
        sweeper.sweep()
        told = browser.get(self.TOLD).json()
        assert (told["status"], told["words"][:53]) == (
            "running",
            "The time limit is being measured: 0 of 1 judged. No j",
        )
        worker = new_worker(on_tests(lambda _: report(b"?")))
        worker.judge_one()
        sweeper.sweep()
        told = browser.get(self.TOLD).json()
        assert told["status"] == "completed"
        assert told["words"] == (
            "The time limit can't be measured: submissions/accepted/a.py should be accepted, but isn't"
        )

    def test_without_scripts_the_page_looks_again_but_not_for_ever(
        self, browser: Client, version: ProblemVersion
    ) -> None:
        browser.post(self.RUN)
        path, looks = "/authors/problems/next-number/", 0
        while again := Page.of(browser.get(path)).all("meta", http_equiv="refresh"):
            path = f"/authors/problems/next-number/{again[0]['content'].partition('url=')[2]}"
            looks += 1
        assert looks == authoring.MAX_LOOKS

    def test_more_of_them_ask_no_more_of_the_database(self, author: User, browser: Client) -> None:
        programs = [make_jury_program("accepted", AC, name=f"{number}.py") for number in range(12)]
        for slug, count in (("few", 1), ("many", 12)):
            problem = make_problem(author, slug, jury_json=plain(programs[:count]))
            assert problem.version
            authoring_runs.start(problem.version)
            Judgement.objects.filter(version=problem.version).update(
                state=State.COMPLETED, verdict="AC", finished_at=timezone.now()
            )
        asked = []
        for slug in ("few", "few", "many"):
            for path in ("", "comparison/"):
                with CaptureQueriesContext(connection) as queries:
                    assert browser.get(f"/authors/problems/{slug}/{path}").status_code == 200
                asked.append(len(queries))
        assert asked[2:4] == asked[4:]
        assert max(asked[2:]) <= 10


class TestStatement:
    EN = "/authors/problems/next/statement/en/"
    PREVIEW = "/authors/problems/next/preview/en/"
    MARKDOWN = dated() | {
        "statement/problem.en.md": "Print $n + 1$.\n\n![dot](dot.png)\n",
        "statement/problem.de.md": "Drucke die nächste.\n",
        "statement/dot.png": PNG,
        "statement/other.png": PNG + b"\1",
    }

    @pytest.fixture(params=["", "top"])
    def problem(self, request: Any, author: User, pack: Callable[..., Path]) -> Problem:
        return import_package(pack(self.MARKDOWN, top=request.param), author, public=False).problem

    def test_its_source_is_shown_beside_a_preview(self, problem: Problem, browser: Client) -> None:
        page = Page.of(browser.get(self.EN))
        assert page.one("textarea").text == "Print $n + 1$. ![dot](dot.png)"
        assert page.one("article").text == "Print n + 1."
        assert page.one("img", alt="dot")["src"] == "/problems/next/assets/1/dot.png"

    def test_a_preview_is_what_saving_makes(self, problem: Problem, browser: Client) -> None:
        text = "Now *other* words and $x^2$.\r\n\r\n![o](other.png)\r\n\r\n{{nextsample}}\r\n"
        shown = browser.post(self.PREVIEW, {"text": text}).content.decode()
        assert ProblemVersion.objects.count() == 1
        response = browser.post(self.EN, {"text": text, "version": "1"}, follow=True)
        assert "saved as version 2" in response.content.decode()
        problem.refresh_from_db()
        version = problem.version
        assert version is not None
        assert version.number == 2
        html = version.statements[0].html
        assert "<em>other</em>" in html
        assert html.replace("assets/", "/problems/next/assets/1/") in shown
        assert [asset.name for asset in version.assets] == ["other.png"]

    def test_the_old_version_stays_and_the_rest_is_the_same(self, problem: Problem, browser: Client) -> None:
        before = ProblemVersion.objects.get()
        browser.post(self.EN, {"text": "Other.", "version": "1"})
        after = problem.versions.get(number=2)
        assert ProblemVersion.objects.get(number=1).statements_json == before.statements_json
        for same in ("test_cases_json", "jury_json", "time_limit_ms", "memory_limit_mb", "checker_json"):
            assert getattr(after, same) == getattr(before, same)
        assert after.statements[1] == before.statements[1]

    def test_what_is_downloaded_has_the_edit(self, problem: Problem, browser: Client, author: User) -> None:
        browser.post(self.EN, {"text": "Other.", "version": "1"})
        content = content_of(browser.get("/authors/problems/next/versions/2.zip"))
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            [name] = [name for name in package.namelist() if name.endswith("problem.en.md")]
            assert package.read(name) == b"Other."
            assert package.testzip() is None

    def test_a_measured_time_limit_is_kept(self, author: User, browser: Client, pack: Callable[..., Path]) -> None:
        package = import_package(pack(without(legacy(), ".timelimit")), author)
        package.version.set_time_limit(3000)
        browser.post(self.EN, {"text": "\\problemname{Next}\nOther words.", "version": "1"})
        problem = Problem.objects.get()
        assert problem.version is not None
        assert (problem.version.number, problem.version.time_limit_ms) == (2, 3000)
        assert "Other words" in problem.version.statements[0].html

    @pytest.mark.parametrize(
        ("text", "why"),
        [
            ("[x](javascript:alert(1))", "has a script in it"),
            ("a <script>alert(1)</script>", "has a script in it"),
            ("{{nextsample}}\n\n{{nextsample}}", "there is none left"),
            ("ä" * (200 << 10), "is larger than 256 KiB"),
        ],
    )
    def test_what_an_import_refuses_is_refused(self, problem: Problem, browser: Client, text: str, why: str) -> None:
        before = stored()
        assert why in browser.post(self.PREVIEW, {"text": text}).content.decode()
        response = browser.post(self.EN, {"text": text, "version": "1"})
        assert response.status_code == 400
        assert why in response.content.decode()
        assert text[:9] in Page.of(response).one("textarea").text
        assert ProblemVersion.objects.count() == 1
        assert stored() == before

    def test_nothing_in_it_can_act(self, problem: Problem, browser: Client) -> None:
        shown = browser.post(self.PREVIEW, {"text": "<img src=x onerror=alert(1)>\n\n`<b>`"}).content.decode()
        assert "<img" not in shown
        assert "<b>" not in shown

    def test_without_scripts_a_button_previews(self, problem: Problem, browser: Client) -> None:
        page = Page.of(browser.post(self.EN, {"text": "*Other*", "version": "1", "do": "preview"}))
        assert page.one("article").text == "Other"
        assert page.one("textarea").text == "*Other*"
        assert ProblemVersion.objects.count() == 1

    def test_somebody_elses_version_is_not_overwritten(self, problem: Problem, browser: Client) -> None:
        browser.post(self.EN, {"text": "First.", "version": "1"})
        response = browser.post(self.EN, {"text": "Second.", "version": "1"})
        assert response.status_code == 400
        assert "newer version" in response.content.decode()
        assert Page.of(response).one("textarea").text == "Second."
        assert ProblemVersion.objects.count() == 2

    def test_so_many_previews_a_minute(
        self, problem: Problem, browser: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(authoring, "PREVIEWS_PER_MINUTE", 1)
        statuses = [browser.post(self.PREVIEW, {"text": "x"}).status_code for _ in range(2)]
        assert statuses == [200, 429]

    def test_there_is_one_only_in_languages_that_it_has(self, problem: Problem, browser: Client) -> None:
        assert browser.get(self.EN.replace("/en/", "/de/")).status_code == 200
        assert browser.get(self.EN.replace("/en/", "/fr/")).status_code == 404
        assert browser.post(self.PREVIEW.replace("/en/", "/fr/"), {"text": "x"}).content.decode().count("refused") == 1

    def test_what_was_not_kept_is_not_edited(self, author: User, browser: Client) -> None:
        make_problem(author, "next")
        assert browser.get(self.EN).status_code == 404
        assert "imported before packages were kept" in browser.post(self.PREVIEW, {"text": "x"}).content.decode()
        assert browser.get("/authors/problems/next/versions/1.zip").status_code == 404
        assert "from before packages were kept" in browser.get("/authors/problems/next/").content.decode()


class TestPackage:
    def test_a_zip_comes_back_byte_for_byte(self, send: Any, browser: Client, pack: Callable[..., Path]) -> None:
        send(dated())
        response = browser.get("/authors/problems/next/versions/1.zip")
        assert content_of(response) == pack(dated()).read_bytes()
        assert response["Content-Disposition"] == 'attachment; filename="next.zip"'
        assert "no-store" in response["Cache-Control"]

    def test_there_is_none_of_other_versions(self, send: Any, browser: Client) -> None:
        send(dated())
        assert browser.get("/authors/problems/next/versions/2.zip").status_code == 404


class TestList:
    def test_it_has_ones_own_and_for_staff_all(self, author: User, contestant: User, browser: Client) -> None:
        make_problem(author, "mine")
        make_problem(contestant, "theirs")
        slugs = [each.text for each in Page.of(browser.get("/authors/")).all("span", **{"class": "muted small slug"})]
        assert slugs == ["mine"]
        staff = Client()
        staff.force_login(User.objects.create_user("boss", is_staff=True))
        assert "theirs" in staff.get("/authors/").content.decode()
        found = staff.get("/authors/?q=MIN").content.decode()
        assert "mine" in found
        assert "theirs" not in found

    def test_it_costs_the_same_however_long_it_is(self, author: User, browser: Client) -> None:
        counts, asked = [], ""
        for many in range(2):
            for number in range(1 + 59 * many):
                make_problem(author, f"p{many}-{number}")
            with CaptureQueriesContext(connection) as queries:
                assert browser.get("/authors/").status_code == 200
            counts.append(len(queries))
            asked = "".join(query["sql"] for query in queries.captured_queries)
        assert counts[0] == counts[1] <= 7
        assert "_json" not in asked
        assert Page.of(browser.get("/authors/")).one("a", rel="next")["href"] == "?page=2"


@pytest.fixture
def pages(author: User, browser: Client, send: Any, pack: Callable[..., Path]) -> dict[str, Page]:
    """All of them, with something on them."""
    send(dated() | {"problem.yaml": "name: Next\nmood: good\nlimits: {time_limit: 1}\n"})
    refused = send(without(dated(), "data/secret/1.ans"))
    import_package(pack(without(legacy(), ".timelimit"), "waiting.zip"), author)
    make_problem(author, "old", jury_json=plain([make_jury_program("accepted", AC)]))
    browser.post("/authors/problems/old/run/")
    browser.post("/authors/problems/next/statement/en/", {"text": "Other.", "version": "1"})
    paths = ["", "upload/", "problems/next/", "problems/next/upload/", "problems/next/statement/en/"]
    paths += ["problems/waiting/", "problems/old/"]
    found: dict[str, Any] = {path: browser.get(f"/authors/{path}") for path in paths}
    found["refused"] = refused
    found["refused too"] = browser.post("/authors/problems/next/statement/en/", {"text": "", "version": "2"})
    return {name: Page.of(response) for name, response in found.items()}
