"""What a ban ends, at once: sessions, tokens, what is queued; and what being let in again brings back: the log-in."""

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.contrib.sessions.models import Session
from django.test import Client
from knox.models import AuthToken

from accounts.banning import ban, unban
from accounts.models import User
from execution import intake
from execution.access import Viewer
from execution.admission import Sender
from execution.languages import LANGUAGES
from execution.models import Judgement, QueueCounter, Submission
from execution.presentation import polled
from execution.states import State
from problems.models import Problem
from tests.factories import NEXT_NUMBER

pytestmark = pytest.mark.django_db
PYTHON = LANGUAGES["python3"]
LOGIN = {"login": "contestant", "password": "correct horse battery"}


@pytest.fixture
def admin(staff: User) -> Client:
    """A superuser's browser."""
    staff.is_superuser = True
    staff.save()
    return signed_in(staff)


def signed_in(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def is_signed_in(browser: Client) -> bool:
    return browser.get("/accounts/tokens/").status_code == 200


def act(admin: Client, action: str, *users: User) -> str:
    data = {"action": action, "_selected_action": [str(user.pk) for user in users]}
    return admin.post("/admin/accounts/user/", data, follow=True).content.decode()


def submit(user: User, problem: Problem) -> Submission:
    files = intake.single_file(PYTHON, NEXT_NUMBER)
    return intake.submit(Sender(user, ""), problem, PYTHON, files)


def test_a_ban_ends_every_session_and_no_one_elses(admin: Client, contestant: User, stranger: User) -> None:
    theirs, other = [signed_in(contestant) for _ in range(2)], signed_in(stranger)
    assert "Banned: 1." in act(admin, "ban", contestant)
    assert not any(is_signed_in(browser) for browser in theirs)
    assert is_signed_in(other)
    assert Session.objects.count() == 2
    assert Client().post("/accounts/login/", LOGIN).headers["Location"] == "/accounts/inactive/"


def test_a_ban_ends_every_token(contestant: User) -> None:
    _, token = AuthToken.objects.create(contestant)
    headers = {"Authorization": f"Token {token}"}
    assert Client().post("/api/runs/", {}, "application/json", headers=headers).status_code == 400
    ban(contestant)
    response = Client().post("/api/runs/", {}, "application/json", headers=headers)
    assert response.status_code == 401


def test_a_ban_takes_what_is_queued_out_of_the_queue_visibly(
    contestant: User, stranger: User, problem: Problem, django_capture_on_commit_callbacks: Any
) -> None:
    queued, running, others = submit(contestant, problem), submit(contestant, problem), submit(stranger, problem)
    Judgement.objects.filter(submission=running).update(state=State.RUNNING)
    QueueCounter.objects.update(queued=2)
    assert polled(queued.pk, Viewer(contestant, ""))["status"] == "queued"
    with django_capture_on_commit_callbacks(execute=True):
        ban(contestant)
    states = [Judgement.objects.get(submission=each).state for each in (queued, running, others)]
    assert states == [State.FAILED, State.RUNNING, State.QUEUED]
    assert "account is closed" in polled(queued.pk, Viewer(contestant, ""))["failure"]
    assert QueueCounter.objects.get().queued == 1


def test_being_let_in_again_opens_nothing_that_was_open(admin: Client, contestant: User) -> None:
    browser = signed_in(contestant)
    _, token = AuthToken.objects.create(contestant)
    act(admin, "ban", contestant)
    assert "Unbanned: 1." in act(admin, "unban", contestant)
    assert not is_signed_in(browser)
    headers = {"Authorization": f"Token {token}"}
    assert Client().post("/api/runs/", {}, "application/json", headers=headers).status_code == 401
    assert browser.post("/accounts/login/", LOGIN)["Location"] == "/"
    assert is_signed_in(browser)


def test_making_a_user_inactive_by_hand_is_a_ban(admin: Client, contestant: User) -> None:
    _, _ = AuthToken.objects.create(contestant)
    data = {"username": "contestant", "date_joined_0": "2026-01-01", "date_joined_1": "00:00"}
    assert admin.post(f"/admin/accounts/user/{contestant.pk}/change/", data).status_code == 302
    contestant.refresh_from_db()
    assert not contestant.is_active
    assert not AuthToken.objects.exists()


def test_nobody_bans_themselves(admin: Client, staff: User) -> None:
    assert "Banned: 0." in act(admin, "ban", staff)
    assert is_signed_in(admin)


def test_staff_without_the_right_ban_nobody(staff: User, contestant: User) -> None:
    act(signed_in(staff), "ban", contestant)
    contestant.refresh_from_db()
    assert contestant.is_active


class TestStaffWhoMayChangeUsers:
    """They look after contestants; rights are a superuser's to give."""

    @pytest.fixture
    def helper(self, author: User) -> Client:
        author.is_staff = True
        author.save()
        author.user_permissions.set(Permission.objects.filter(content_type__app_label="accounts"))
        return signed_in(author)

    def test_they_ban_contestants_and_no_staff(self, helper: Client, contestant: User, staff: User) -> None:
        assert "Banned: 1." in act(helper, "ban", contestant, staff)
        staff.refresh_from_db()
        assert staff.is_active

    def test_they_let_no_banned_staff_in_again(self, helper: Client, contestant: User, staff: User) -> None:
        User.objects.filter(pk__in=[contestant.pk, staff.pk]).update(is_active=False)
        assert "Unbanned: 1." in act(helper, "unban", contestant, staff)
        staff.refresh_from_db()
        assert not staff.is_active

    def test_they_touch_no_superuser_who_is_no_staff(self, helper: Client, staff: User) -> None:
        User.objects.filter(pk=staff.pk).update(is_staff=False, is_superuser=True)
        assert "Banned: 0." in act(helper, "ban", staff)

    def test_they_give_no_rights(self, helper: Client, contestant: User) -> None:
        data = {"username": "renamed", "date_joined_0": "2026-01-01", "date_joined_1": "00:00", "is_active": "on"}
        path = f"/admin/accounts/user/{contestant.pk}/change/"
        assert helper.post(path, data | {"is_staff": "on", "is_superuser": "on"}).status_code == 302
        contestant.refresh_from_db()
        assert (contestant.username, contestant.is_staff, contestant.is_superuser) == ("renamed", False, False)

    def test_they_touch_no_staff(self, helper: Client, author: User, staff: User) -> None:
        for user in (staff, author):
            for action in ("change", "password", "delete"):
                data = {"password1": "x" * 12, "password2": "x" * 12, "is_superuser": "on", "post": "yes"}
                assert helper.post(f"/admin/accounts/user/{user.pk}/{action}/", data).status_code == 403
        assert User.objects.filter(is_staff=True, is_superuser=False).count() == 2


def test_a_ban_can_be_repeated(contestant: User) -> None:
    for _ in range(2):
        ban(contestant)
    unban(contestant)
    assert contestant.is_active
