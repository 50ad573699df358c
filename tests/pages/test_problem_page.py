"""The page of a problem and its form, which works without a script."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from execution import admission
from execution.forms import LOGGED_OUT
from execution.models import Submission
from execution.states import State
from problems.content import Asset, Credits, Statement, plain
from problems.models import Problem
from tests.execution.test_archives import zipped
from tests.factories import NEXT_NUMBER, make_problem, make_submission
from tests.pages.reading import Answer, Page

SCRIPT = (Path(__file__).resolve().parents[2] / "static/js/problem.js").read_text()
SignedIn = Callable[[User], Client]


def send(browser: Client, problem: Problem, code: str = NEXT_NUMBER, language: str = "python3") -> Answer:
    return browser.post(f"/problems/{problem.slug}/", {"language": language, "code": code})


def said(response: Answer) -> str:
    """What the page says about the form."""
    page = Page.of(response)
    return " ".join(element.text for element in page.all(role="alert") + page.all("ul", class_="errorlist"))


def test_it_shows_statement_samples_and_limits(problem: Problem, settings: Settings) -> None:
    page = Page.of(Client().get(f"/problems/{problem.slug}/"))
    assert page.one("h1").text == "The next number"
    assert page.one("article").text == "Print the next number."
    assert [sample.text for sample in page.all("samp")] == ["1", "2"]
    assert "Time limit1 s" in page.one("dl").text
    assert f"Memory limit{settings.DEFAULT_MEMORY_MB} MB" in page.one("dl").text


def test_secret_tests_are_not_on_it(problem: Problem, staff: User, signed_in: SignedIn) -> None:
    page = Page.of(signed_in(staff).get(f"/problems/{problem.slug}/"))
    assert "999" not in page.html
    assert "1000" not in page.html


@pytest.mark.parametrize(
    ("query", "accepted", "title"),
    [
        ("", "", "English"),
        ("", "de-CH,de;q=0.9", "Deutsch"),
        ("", "ja, zh-TW;q=0.5", "中文"),
        ("", "ja", "English"),
        ("", "*", "English"),
        ("?lang=zh", "de", "中文"),
        ("?lang=ZH", "", "中文"),
        ("?lang=ja", "de", "Deutsch"),
        ("?lang=%00%ff", "x" * 600, "English"),
    ],
)
def test_it_is_in_the_readers_language(author: User, query: str, accepted: str, title: str) -> None:
    titles = [("zh", "中文"), ("en", "English"), ("de", "Deutsch")]
    statements = [Statement(code, name, f"<p>{name}</p>") for code, name in titles]
    make_problem(author, statements_json=plain(statements))
    page = Page.of(Client().get(f"/problems/next-number/{query}", headers={"Accept-Language": accepted}))
    assert page.one("h1").text == title
    assert page.one("article").text == title
    assert [link.text for link in page.all("dd")[-1:]] == ["中文EnglishDeutsch"]
    assert page.one("a", aria_current="true").text == title


def test_it_is_in_the_language_chosen_for_the_site_or_one_like_it(author: User) -> None:
    titles = [("en", "English"), ("zh-TW", "中文")]
    make_problem(author, statements_json=plain([Statement(code, name, f"<p>{name}</p>") for code, name in titles]))
    browser = Client(headers={"Accept-Language": "en"})
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "zh-hans"
    assert Page.of(browser.get("/problems/next-number/")).one("h1").text == "中文"
    assert Page.of(browser.get("/problems/next-number/?lang=en")).one("h1").text == "English"


def test_without_english_the_first_language_it_is(author: User) -> None:
    statements = [Statement("sv", "Nästa tal", "<p>Skriv.</p>"), Statement("de", "Die nächste Zahl", "<p>Drucke.</p>")]
    make_problem(author, statements_json=plain(statements))
    page = Page.of(Client().get("/problems/next-number/"))
    assert page.one("article")["lang"] == "sv"


def test_samples_in_the_statement_are_not_repeated(author: User) -> None:
    make_problem(author, statements_json=plain([Statement("en", "Next", "<p>Like 1.</p>", inline_samples=[1])]))
    assert not Page.of(Client().get("/problems/next-number/")).all("samp")


def test_files_that_come_with_it_can_be_had(author: User) -> None:
    files = [
        Asset("attachments/tool.zip", "0" * 64, "application/zip", is_attachment=True),
        Asset("picture.png", "0" * 64, "image/png"),
    ]
    make_problem(author, assets_json=plain(files))
    page = Page.of(Client().get("/problems/next-number/"))
    assert page.one("a", download="")["href"] == "/problems/next-number/assets/1/attachments/tool.zip"
    assert "picture.png" not in page.html


def test_a_pdf_statement_is_shown_as_that(author: User) -> None:
    make_problem(author, statements_json=plain([Statement("en", "On paper", pdf="0" * 64)]))
    page = Page.of(Client().get("/problems/next-number/"))
    address = "/problems/next-number/assets/1/problem.en.pdf"
    assert page.one("iframe")["src"] == address
    assert page.one("a", href=address).text == "Open the statement as PDF"


@pytest.mark.parametrize(("address", "is_link"), [("https://example.org/", True), ("javascript:alert(1)", False)])
def test_its_source_is_a_link_only_to_the_web(address: str, is_link: bool, author: User) -> None:
    make_problem(author, credits_json=plain(Credits(source="Spring contest", source_url=address)))
    page = Page.of(Client().get("/problems/next-number/"))
    assert "From Spring contest." in page.text
    assert bool(page.all("a", href=address)) is is_link


@pytest.mark.parametrize(("allowed", "offered"), [([], True), (["python3", "cobol"], True), (["cobol"], False)])
def test_only_its_languages_are_offered(
    allowed: list[str], offered: bool, author: User, contestant: User, signed_in: SignedIn
) -> None:
    problem = make_problem(author, languages=allowed)
    browser = signed_in(contestant)
    page = Page.of(browser.get("/problems/next-number/"))
    assert bool(page.all("option", value="python3")) is offered
    assert ("language that there isn't here: cobol." in page.text) is not offered
    assert send(browser, problem).status_code == (302 if offered else 400)


def test_what_the_package_says_is_escaped(author: User) -> None:
    evil = '"><script>alert(1)</script>'
    make_problem(
        author,
        statements_json=plain([Statement("en", evil, "<p>Fine.</p>"), Statement('x"><script>', evil, "<p>Fine.</p>")]),
        credits_json=plain(Credits(author=evil, source=evil, source_url="https://example.org/", license=evil)),
    )
    page = Page.of(Client().get("/problems/next-number/"))
    assert all(script.get("src") for script in page.all("script"))
    assert page.one("h1").text == evil


@pytest.mark.parametrize(("who", "status"), [("author", 200), ("staff", 200), ("stranger", 404), ("nobody", 404)])
def test_a_private_problem_is_there_for_its_setter_and_staff(
    who: str, status: int, author: User, staff: User, stranger: User, signed_in: SignedIn
) -> None:
    make_problem(author, is_public=False)
    users = {"author": author, "staff": staff, "stranger": stranger}
    browser = signed_in(users[who]) if who in users else Client()
    assert browser.get("/problems/next-number/").status_code == status
    if who != "nobody":
        response = browser.post("/problems/next-number/", {"language": "python3", "code": NEXT_NUMBER})
        assert response.status_code == (302 if status == 200 else 404)
    assert Submission.objects.count() == (1 if status == 200 else 0)


def test_a_problem_that_is_not_there(contestant: User, signed_in: SignedIn) -> None:
    assert signed_in(contestant).get("/problems/nothing/").status_code == 404


def test_submitting_leads_to_the_submission(problem: Problem, contestant: User, signed_in: SignedIn) -> None:
    response = send(signed_in(contestant), problem)
    submission = Submission.objects.get()
    assert response.status_code == 302
    assert response["Location"] == f"/submissions/{submission.pk}/"
    assert submission.owner == contestant
    assert submission.problem == problem
    assert submission.current is not None
    assert submission.current.state == State.QUEUED


def test_line_breaks_are_what_was_typed(problem: Problem, contestant: User, signed_in: SignedIn) -> None:
    """Browsers send CR LF, and drop none of the spaces around."""
    send(signed_in(contestant), problem, "\r\n  # first\r\nprint(1)\r\n")
    assert Submission.objects.get().files == [{"name": "main.py", "content": "\n  # first\nprint(1)\n"}]


def test_64_kib_are_taken_and_one_byte_more_is_not(problem: Problem, contestant: User, signed_in: SignedIn) -> None:
    browser = signed_in(contestant)
    assert send(browser, problem, "#" * 65536).status_code == 302
    response = send(browser, problem, "#" * 65533 + "é\r\nx")  # 65 537 bytes once the line break is one byte
    assert response.status_code == 400
    assert "65537 bytes" in said(response)


@pytest.mark.parametrize(
    ("code", "language", "message"),
    [
        ("", "python3", "empty"),
        (" \n", "python3", "empty"),
        ("print(1)\0", "python3", "Null characters"),
        ("print(1)", "brainfuck", "valid choice"),
        ("print(1)", "", "required"),
    ],
)
def test_bad_input_is_told_and_kept(
    code: str, language: str, message: str, problem: Problem, contestant: User, signed_in: SignedIn
) -> None:
    response = send(signed_in(contestant), problem, code, language)
    assert response.status_code == 400
    assert message in said(response)
    assert not Submission.objects.exists()


def test_the_program_is_kept_as_it_was(problem: Problem, contestant: User, signed_in: SignedIn) -> None:
    code = "\n\n</textarea><script>alert(1)</script>\n  print('&amp;')"
    page = Page.of(send(signed_in(contestant), problem, code, "brainfuck"))
    # A textarea's first line break is not part of what it holds.
    assert "".join(page.one("textarea", name="code").pieces).replace("\r\n", "\n") == "\n" + code
    assert all(script.get("src") for script in page.all("script"))


@pytest.mark.parametrize(
    ("name", "content"), [("my program.py", b"print(1)"), ("program.zip", zipped(("main.py", b"print(1)")))]
)
def test_a_file_is_taken_where_nothing_is_typed(
    name: str, content: bytes, problem: Problem, contestant: User, signed_in: SignedIn
) -> None:
    browser = signed_in(contestant)
    form = Page.of(browser.get(f"/problems/{problem.slug}/")).one("form", enctype="multipart/form-data")
    assert form["method"] == "post"
    for code in (" \n", "print(2)"):
        body = {"language": "python3", "code": code, "file": SimpleUploadedFile(name, content)}
        assert browser.post(f"/problems/{problem.slug}/", body).status_code == 302
    sources = {submission.files[0]["content"] for submission in Submission.objects.all()}
    assert sources == {"print(1)", "print(2)"}


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.py", b"", "empty"),
        ("a.py", b"\xff", "not text in UTF-8"),
        ("a.zip", b"print(1)", "not a sound zip file"),
        ("a.zip", zipped(("../main.py", b"print(1)")), "Not a file name"),
    ],
)
def test_a_bad_file_is_told(
    name: str, content: bytes, message: str, problem: Problem, contestant: User, signed_in: SignedIn
) -> None:
    body = {"language": "python3", "code": "", "file": SimpleUploadedFile(name, content)}
    response = signed_in(contestant).post(f"/problems/{problem.slug}/", body)
    assert response.status_code == 400
    assert message in said(response)
    assert not Submission.objects.exists()


def test_who_submits_too_often_is_told_when_to_come_back(
    problem: Problem, contestant: User, signed_in: SignedIn, settings: Settings
) -> None:
    settings.SUBMISSIONS_PER_MINUTE = 1
    browser = signed_in(contestant)
    assert send(browser, problem).status_code == 302
    response = send(browser, problem, "print('kept')")
    assert response.status_code == 429
    assert 0 < int(response["Retry-After"]) <= 60
    assert "times a minute" in said(response)
    assert "print('kept')" in Page.of(response).one("textarea", name="code").text


def test_bad_input_does_not_count_as_a_submission(
    problem: Problem, contestant: User, signed_in: SignedIn, settings: Settings
) -> None:
    settings.SUBMISSIONS_PER_MINUTE = 1
    browser = signed_in(contestant)
    assert send(browser, problem, "").status_code == 400
    assert send(browser, problem).status_code == 302


def test_who_has_too_many_waiting_is_told(
    problem: Problem, contestant: User, signed_in: SignedIn, settings: Settings
) -> None:
    settings.QUEUE_LIMIT_PER_USER = 1
    browser = signed_in(contestant)
    send(browser, problem)
    response = send(browser, problem)
    assert (response.status_code, response["Retry-After"]) == (429, str(admission.RETRY_SECONDS))
    assert "waiting already" in said(response)


def test_a_full_queue_is_told(
    problem: Problem, author: User, contestant: User, signed_in: SignedIn, settings: Settings
) -> None:
    settings.QUEUE_LIMIT = 1
    send(signed_in(author), problem)
    response = send(signed_in(contestant), problem, "print('kept')")
    assert (response.status_code, response["Retry-After"]) == (503, str(admission.RETRY_SECONDS))
    assert "queue is full" in said(response)
    assert "print('kept')" in Page.of(response).one("textarea", name="code").text


def test_who_is_not_signed_in_is_led_there_and_back(problem: Problem) -> None:
    page = Page.of(Client().get(f"/problems/{problem.slug}/"))
    assert not page.all("textarea")
    assert page.one("a", class_="button")["href"] == f"/accounts/login/?next=%2Fproblems%2F{problem.slug}%2F"


def test_who_is_signed_out_meanwhile_keeps_the_program(problem: Problem) -> None:
    response = send(Client(), problem, "print('kept')")
    assert response.status_code == 403
    assert LOGGED_OUT in said(response)
    assert "print('kept')" in Page.of(response).one("textarea", name="code").text
    assert not Submission.objects.exists()


def test_where_the_setting_allows_it_nobody_needs_to_sign_in(problem: Problem, settings: Settings) -> None:
    settings.ALLOW_ANONYMOUS = True
    browser = Client()
    assert Page.of(browser.get(f"/problems/{problem.slug}/")).all("textarea")
    response = send(browser, problem)
    assert browser.get(response["Location"]).status_code == 200
    assert Client().get(response["Location"]).status_code == 404


def test_it_takes_no_form_from_another_site(problem: Problem, contestant: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(contestant)
    assert send(browser, problem).status_code == 403
    assert not Submission.objects.exists()


def test_other_methods_are_refused(problem: Problem) -> None:
    assert Client().put(f"/problems/{problem.slug}/").status_code == 405


def test_before_its_time_limit_is_known_it_takes_nothing(author: User, signed_in: SignedIn) -> None:
    problem = make_problem(author, time_limit_ms=None)
    problem.version = None
    problem.save()
    browser = signed_in(author)
    page = Page.of(browser.get("/problems/next-number/"))
    assert "not measured yet" in page.one("dl").text
    assert not page.all("textarea")
    response = send(browser, problem)
    assert response.status_code == 400
    assert not Submission.objects.exists()


def test_ones_latest_submissions_stand_beside_it(
    problem: Problem, author: User, contestant: User, signed_in: SignedIn
) -> None:
    other = make_problem(author, "other")
    mine = [make_submission(problem, contestant) for _ in range(6)]
    make_submission(problem, author)
    make_submission(other, contestant)
    page = Page.of(signed_in(contestant).get(f"/problems/{problem.slug}/"))
    links = [link["href"] for link in page.all("a") if link["href"].startswith("/submissions/01")]
    assert links == [f"/submissions/{submission.pk}/" for submission in mine[:0:-1]]


def test_reading_it_again_asks_the_database_nothing(
    problem: Problem, django_assert_num_queries: Callable[[int], object]
) -> None:
    cache.clear()
    Client().get(f"/problems/{problem.slug}/")
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        Client().get(f"/problems/{problem.slug}/")


def test_its_author_and_staff_are_led_to_the_authors_page(
    problem: Problem, author: User, staff: User, contestant: User, signed_in: SignedIn
) -> None:
    author.user_permissions.add(Permission.objects.get(codename="add_problem"))
    contestant.user_permissions.add(Permission.objects.get(codename="add_problem"))
    managed = f"/authors/problems/{problem.slug}/"
    for user in (author, staff):
        browser = signed_in(user)
        assert Page.of(browser.get(f"/problems/{problem.slug}/")).one("a", href=managed).text == "Manage"
        assert browser.get(managed).status_code == 200
    for browser in (signed_in(contestant), Client()):
        assert not Page.of(browser.get(f"/problems/{problem.slug}/")).all("a", href=managed)


def test_an_owner_who_is_no_author_is_not_led_there(problem: Problem, author: User, signed_in: SignedIn) -> None:
    browser = signed_in(author)
    assert not Page.of(browser.get(f"/problems/{problem.slug}/")).all("a", href=f"/authors/problems/{problem.slug}/")


def test_programs_can_be_run_on_every_sample_and_on_ones_own_input(
    author: User, contestant: User, signed_in: SignedIn
) -> None:
    make_problem(author, statements_json=plain([Statement("en", "Next", "<p>Like 1.</p>", inline_samples=[1])]))
    page = Page.of(signed_in(contestant).get("/problems/next-number/"))
    sample, own = page.all("option")[-2:]
    assert (sample.text, sample["value"], sample["data-input"], sample["data-output"]) == (
        "Sample 1",
        "1",
        "1\n",
        "2\n",
    )
    assert (own.text, own["value"]) == ("Your own input", "")


def test_what_only_scripts_do_is_hidden_until_they_do_it(
    problem: Problem, contestant: User, signed_in: SignedIn
) -> None:
    page = Page.of(signed_in(contestant).get(f"/problems/{problem.slug}/"))
    for name in ("Run", "Copy", "Go on asking"):
        for button in [button for button in page.all("button") if button.text == name]:
            assert any("hidden" in element.attributes for element in [button, *button.within]), name


def test_the_script_has_its_words_and_knows_files_by_their_names(
    problem: Problem, contestant: User, signed_in: SignedIn
) -> None:
    page = Page.of(signed_in(contestant).get(f"/problems/{problem.slug}/"))
    form = page.one("form", class_="desk")
    words = json.loads(form["data-words"])
    used = set(re.findall(r"""(?:words\.|say\(")([\w ]*\w)""", SCRIPT))
    used |= set(re.findall(r'"([^"]+)"', " ".join(re.findall(r"words\[(.*?)\]", SCRIPT))))
    assert {"queued", "on test", "see sample"} <= used <= set(words)
    assert words["WA"] == "Wrong answer"
    assert ".cpp" in json.loads(form["data-extensions"])["cpp"]


def test_drafts_are_whose_they_are(problem: Problem, contestant: User, signed_in: SignedIn, settings: Settings) -> None:
    settings.ALLOW_ANONYMOUS = True
    for browser, owner in ((signed_in(contestant), contestant.pk), (Client(), "")):
        page = Page.of(browser.get(f"/problems/{problem.slug}/"))
        assert page.one("form", class_="desk")["data-drafts"] == f"{owner}:{problem.slug}"


def test_the_editor_is_loaded_only_where_it_is_of_use(problem: Problem, contestant: User, signed_in: SignedIn) -> None:
    assert "editor.min.js" not in Page.of(Client().get(f"/problems/{problem.slug}/")).html
    assert "editor.min.js" in Page.of(signed_in(contestant).get(f"/problems/{problem.slug}/")).html
