import re
import time
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from execution import capacity, pausing
from execution.capacity import WorkerStat
from execution.states import State
from health import samples, status
from health.samples import Sample
from problems.models import Problem
from tests.factories import make_submission
from tests.pages.reading import Page

PATH, DATA = "/staff/status/", "/staff/status/data/"


@pytest.fixture
def browser(staff: User) -> Client:
    browser = Client()
    browser.force_login(staff)
    return browser


def sample(ago: int, **figures: Any) -> Sample:
    values: dict[str, Any] = dict.fromkeys(Sample.__dataclass_fields__, 0) | figures
    return Sample(**values | {"at": int(time.time()) - ago})


@pytest.mark.django_db
class TestThePage:
    def test_it_is_for_staff(self, client: Client, contestant: User) -> None:
        for path in (PATH, DATA):
            assert client.get(path).status_code == 302
        client.force_login(contestant)
        for path in (PATH, DATA):
            assert client.get(path).status_code == 404
        assert PATH not in client.get("/").content.decode()

    def test_staff_are_shown_the_way(self, browser: Client) -> None:
        assert Page.of(browser.get("/")).one("a", href=PATH).text == "Status"
        assert Page.of(browser.get(PATH)).one("a", href=PATH)["aria-current"] == "page"

    def test_it_leads_to_what_staff_can_do(self, browser: Client) -> None:
        for path in ("/staff/judging/", "/staff/rejudgings/", "/authors/"):
            assert Page.of(browser.get(PATH)).one("a", href=path)

    def test_it_shows_how_things_stand(self, browser: Client, problem: Problem, contestant: User) -> None:
        capacity.announce(WorkerStat("a:1", "judge", ["python3"], 3, idle=2, running=1))
        make_submission(problem, contestant)
        make_submission(problem, contestant, state=State.RUNNING)
        samples.add(sample(30, judged=7))
        page = Page.of(browser.get(PATH))
        shown = {name: page.one("dd", data_value=name).text for name in ("waiting", "active", "judged", "idle", "busy")}
        assert shown == {"waiting": "1", "active": "1", "judged": "7", "idle": "2", "busy": "1"}
        assert page.one("dd", data_value="redis").text == page.one("dd", data_value="database").text == "up"

    def test_it_tells_what_is_paused(self, browser: Client, problem: Problem) -> None:
        def judging() -> str:
            return str(browser.get(DATA).json()["values"]["judging"])

        assert judging() == "on"
        pausing.pause(problem)
        assert judging() == "on, but 1 paused"
        pausing.pause(None)
        assert judging() == "paused"
        assert browser.get("/health/detailed").json()["paused"] == {"everything": True, "problems": 1}
        assert 'verdict_judging_paused{scope="everything"} 1.0' in browser.get("/metrics").content.decode()

    def test_it_can_be_read_as_a_table(self, browser: Client) -> None:
        samples.add(sample(40, waiting=3, oldest_wait=1.25, judged=4, running=2))
        samples.add(sample(20, waiting=5, oldest_wait=0.5, judged=6, running=1))
        page = Page.of(browser.get(PATH))
        assert len(page.all("tr")) == 1 + 12
        verdicts = [page.one("td", data_value=f"row-{row}-3").text for row in range(12)]
        assert sum(int(cell) for cell in verdicts if cell != status.UNKNOWN) == 10
        assert page.one("table")["aria-labelledby"] == page.all("svg")[0]["aria-describedby"]

    def test_the_script_finds_a_place_for_everything(self, browser: Client) -> None:
        page, body = Page.of(browser.get(PATH)), browser.get(DATA).json()
        assert {e["data-value"] for e in page.elements if e.get("data-value")} == set(body["values"])
        assert {e["data-path"] for e in page.elements if e.get("data-path")} == set(body["paths"])
        assert page.one("div", data_status=DATA)

    def test_nothing_is_inline(self, browser: Client) -> None:
        response = browser.get(PATH)
        page = Page.of(response)
        assert "script-src 'self'" in response["Content-Security-Policy"]
        assert [script["src"] for script in page.all("script")] == ["/static/js/status.js"]
        assert not page.all("style")
        assert not [e for e in page.elements if any(name == "style" or name.startswith("on") for name in e.attributes)]

    def test_without_redis_and_database_it_says_so(self, browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("health.report.queue", lambda: None)
        monkeypatch.setattr("health.report.workers", lambda: None)
        values = browser.get(DATA).json()["values"]
        assert (values["redis"], values["database"]) == ("down", "down")
        assert values["waiting"] == values["idle"] == values["oldest"] == "–"


class TestDrawing:
    def test_a_line_goes_from_left_to_right_and_is_broken_where_nothing_is_known(self) -> None:
        assert status._path([0, 5, None, 10], 10) == "M0 120.0h0L200 60.0h0M600 0.0h0"

    @pytest.mark.parametrize(("value", "top"), [(0, 5), (5, 5), (6, 10), (10, 10), (11, 20), (49, 50), (101, 200)])
    def test_the_upper_edge_is_a_round_number(self, value: float, top: int) -> None:
        assert status._ceiling(value) == top

    def test_samples_go_where_their_time_is(self) -> None:
        now = 1_000_000_000
        taken = [replace(sample(0), at=at) for at in (now, now - 30, now - 4000)]
        bins = status._split(taken, now, 30)
        assert len(bins) == 120
        assert [len(some) for some in bins[-2:]] == [1, 1]
        assert sum(map(len, bins)) == 2

    def test_points_stay_in_the_chart(self) -> None:
        path = status._path([float(n) for n in range(120)], status._ceiling(119))
        numbers = [(float(x), float(y)) for x, y in re.findall(r"[ML](\d+) ([\d.]+)h0", path)]
        assert len(numbers) == 120
        assert all(0 <= x <= status.WIDTH and 0 <= y <= status.HEIGHT for x, y in numbers)
