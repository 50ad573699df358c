"""Rejudging by staff in the browser, and who may."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from execution import rejudging
from execution.models import Pause, Rejudging, Stage, Submission
from problems.models import Problem
from tests.execution.rejudges import begun, judge_all, judged, stage, verdict_of, wrong
from tests.factories import make_problem
from tests.pages.reading import Page

pytestmark = pytest.mark.django_db

LIST = "/staff/rejudgings/"


@pytest.fixture
def browser(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client


class TestPages:
    def test_a_preview_is_begun_looked_at_and_applied(
        self, browser: Client, problem: Problem, contestant: User, staff: User
    ) -> None:
        submissions = [judged(problem, contestant, verdict) for verdict in ("WA", "WA", "AC")]
        page = Page.of(browser.post(LIST, {"problem": problem.slug, "preview": "1"}, follow=True))
        row = Rejudging.objects.get()
        assert (row.is_preview, row.by, row.words) == (True, staff, "problem next-number")
        assert [button["value"] for button in page.all("button", name="do")] == ["cancel"]
        judge_all()
        page = Page.of(browser.get(row.get_absolute_url()))
        assert [line.text for line in page.all("tr")[1:3]] == ["WA AC 2", "AC AC 1"]
        assert sum(f"/submissions/{each.pk}/" in page.html for each in submissions) == 2
        assert [button["value"] for button in page.all("button", name="do")] == ["apply", "cancel"]
        page = Page.of(browser.post(row.get_absolute_url(), {"do": "apply"}, follow=True))
        assert "The new results count now." in page.text
        assert set(map(verdict_of, submissions)) == {"AC"}
        assert not page.all("button", name="do")
        page = Page.of(browser.post(row.get_absolute_url(), {"do": "cancel"}, follow=True))
        assert "Nothing was changed" in page.text
        assert "problem next-number" in Page.of(browser.get(LIST)).text

    def test_without_a_preview_it_counts_at_once(self, browser: Client, problem: Problem, contestant: User) -> None:
        submission = judged(problem, contestant)
        browser.post(LIST, {"user": "contestant"})
        judge_all(wrong)
        assert verdict_of(submission) == "WA"
        page = Page.of(browser.post(LIST, {"user": "contestant"}, follow=True))
        assert "0 of 1" in page.text
        form = page.one("form", method="post", class_="actions")
        page = Page.of(browser.post(form["action"], {"do": "cancel"}, follow=True))
        assert "It is cancelled." in page.text

    def test_that_it_was_cut_short_is_said(self, browser: Client, problem: Problem, contestant: User) -> None:
        judged(problem, contestant)
        row = begun(problem=problem.slug)
        pages = (row.get_absolute_url(), LIST)
        for is_cut_short in (False, True):
            Rejudging.objects.filter(pk=row.pk).update(is_cut_short=is_cut_short)
            found = [Page.of(browser.get(path)).text for path in pages]
            assert ["cut off" in found[0], "cut short" in found[1]] == [is_cut_short] * 2

    def test_what_takes_a_while_is_said(
        self, browser: Client, problem: Problem, contestant: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rejudging, "SETTLING_SECONDS", 0)
        monkeypatch.setattr(rejudging, "_BATCH", 1)
        for _ in range(2):
            judged(problem, contestant)
        row = begun(problem=problem.slug, is_preview=True)
        judge_all()
        page = Page.of(browser.post(row.get_absolute_url(), {"do": "apply"}, follow=True))
        assert "It is being applied." in page.text
        assert "takes a while" in page.text

    def test_nothing_to_do_is_said(self, browser: Client, problem: Problem) -> None:
        page = Page.of(browser.post(LIST, {"problem": problem.slug}, follow=True))
        assert "Nothing was begun" in page.text

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"problem": "no-such"},
            {"problem": "a\0b"},
            {"user": "nobody"},
            {"user": "no\0body"},
            {"verdict": "XX"},
            {"language": "cobol"},
            {"since": "x"},
            {"since": "0001-01-01T00:00+14:00"},
            {"until": "2026-13-01T00:00"},
        ],
    )
    def test_nonsense_is_refused(self, browser: Client, data: dict[str, str], problem: Problem, stranger: User) -> None:
        judged(problem, stranger)
        assert browser.post(LIST, data).status_code == 400
        assert not Rejudging.objects.exists()

    def test_they_are_for_staff(self, cast: dict[str, Client], problem: Problem, contestant: User) -> None:
        judged(problem, contestant)
        row = begun(problem=problem.slug)
        paths = {LIST: {"problem": problem.slug}, row.get_absolute_url(): {"do": "cancel"}}
        for name in ("anonymous", "contestant", "author"):
            for path, data in paths.items():
                for response in (cast[name].get(path), cast[name].post(path, data)):
                    assert response.status_code == (302 if name == "anonymous" else 404)
                    if name == "anonymous":
                        assert response["Location"].startswith("/accounts/login/")
        assert stage(row) == Stage.RUNNING

    def test_they_need_their_csrf_token(self, staff: User, problem: Problem, contestant: User) -> None:
        judged(problem, contestant)
        client = Client(enforce_csrf_checks=True)
        client.force_login(staff)
        assert client.post(LIST, {"problem": problem.slug}).status_code == 403
        assert not Rejudging.objects.exists()

    def test_what_is_not_there_is_404(self, browser: Client) -> None:
        assert browser.get(f"{LIST}{uuid4()}/").status_code == 404

    def test_the_page_of_many_costs_few_queries(
        self, many: list[Submission], problem: Problem, staff: User, client: Client, django_assert_max_num_queries: Any
    ) -> None:
        row = begun(problem=problem.slug, is_preview=True)
        rejudging.advance()
        client.force_login(staff)
        with django_assert_max_num_queries(7):
            page = Page.of(client.get(f"{row.get_absolute_url()}?all&page=3"))
        assert len(page.all("time")) == 101
        assert "0 of 300" in page.text


class TestAdmin:
    @pytest.mark.parametrize("action", ["rejudge", "preview"])
    def test_chosen_submissions_are_rejudged(
        self, browser: Client, problem: Problem, contestant: User, staff: User, action: str
    ) -> None:
        chosen, _ = judged(problem, contestant), judged(problem, contestant)
        response = browser.post(
            "/admin/execution/submission/", {"action": action, "_selected_action": [str(chosen.pk)]}
        )
        row = Rejudging.objects.get()
        assert response["Location"] == row.get_absolute_url()
        assert (row.is_preview, row.by, row.words) == (action == "preview", staff, "1 chosen submissions")
        assert [rejudge.submission for rejudge in row.rejudges.all()] == [chosen]

    @pytest.mark.parametrize("action", ["rejudge", "preview"])
    def test_chosen_problems_are_rejudged(
        self, browser: Client, problem: Problem, author: User, contestant: User, action: str
    ) -> None:
        chosen = [problem, make_problem(author, "other"), make_problem(author, "empty")]
        for each in (*chosen[:2], make_problem(author, "not-chosen")):
            judged(each, contestant)
        data = {"action": action, "_selected_action": [str(each.pk) for each in chosen]}
        page = browser.post("/admin/problems/problem/", data, follow=True).content.decode()
        assert sorted(row.words for row in Rejudging.objects.all()) == ["problem next-number", "problem other"]
        assert set(Rejudging.objects.values_list("is_preview", flat=True)) == {action == "preview"}
        assert "empty: Nothing was begun" in page

    def test_chosen_problems_are_paused_and_resumed(self, browser: Client, problem: Problem) -> None:
        for action, is_paused in (("pause_judging", True), ("resume_judging", False)):
            browser.post("/admin/problems/problem/", {"action": action, "_selected_action": [str(problem.pk)]})
            assert Pause.objects.filter(problem=problem).exists() is is_paused

    def test_it_leads_to_the_pages(self, browser: Client) -> None:
        assert browser.get("/admin/execution/rejudging/")["Location"] == LIST
        assert browser.get("/admin/execution/pause/")["Location"] == "/staff/judging/"

    def test_it_is_for_staff(self, client: Client, problem: Problem, contestant: User) -> None:
        client.force_login(contestant)
        submission = judged(problem, contestant)
        data = {"action": "rejudge", "_selected_action": [str(submission.pk)]}
        client.post("/admin/execution/submission/", data)
        client.post("/admin/problems/problem/", {"action": "rejudge", "_selected_action": [str(problem.pk)]})
        for name in ("rejudging", "pause"):
            assert "/staff/" not in client.get(f"/admin/execution/{name}/")["Location"].split("?")[0]
        assert not Rejudging.objects.exists()
