"""Files of packages are served to those who may read the problem, as nothing that could act in our name."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from problems import blobs
from problems.content import Asset, plain
from problems.models import Problem
from tests.factories import make_problem, make_version

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def an_asset(name: str, content: bytes, content_type: str, is_attachment: bool = False) -> Asset:
    return Asset(name, blobs.put(BytesIO(content)), content_type, is_attachment)


@pytest.fixture
def assets(_settings_for_tests: None) -> Any:
    return plain(
        [
            an_asset("p.svg", SVG, "image/svg+xml"),
            an_asset("problem.en.pdf", b"%PDF-1.7", "application/pdf"),
            an_asset("attachments/page.html", b"<script>", "text/html", is_attachment=True),
            an_asset("attachments/a.svg", SVG, "image/svg+xml", is_attachment=True),
            an_asset("odd.html", b"<script>", "text/html"),
        ]
    )


@pytest.fixture
def shown(author: User, assets: Any) -> Problem:
    return make_problem(author, assets_json=assets)


def url(name: str, number: int = 1, slug: str = "next-number") -> str:
    return reverse("problem_asset", args=[slug, number, name])


class TestWhatIsServed:
    def test_a_picture_may_be_kept_and_can_do_nothing(self, client: Client, shown: Problem) -> None:
        response = client.get(url("p.svg"))
        assert response.status_code == 200
        assert response.getvalue() == SVG
        assert response["Content-Type"] == "image/svg+xml"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["X-Frame-Options"] == "DENY"
        assert "default-src 'none'" in response["Content-Security-Policy"]
        assert "sandbox" in response["Content-Security-Policy"]
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"

    def test_a_pdf_may_stand_in_a_frame_of_ours(self, client: Client, shown: Problem) -> None:
        response = client.get(url("problem.en.pdf"))
        assert response["Content-Type"] == "application/pdf"
        assert response["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
        assert "script" not in response["Content-Security-Policy"]
        response.getvalue()

    @pytest.mark.parametrize("name", ["attachments/page.html", "attachments/a.svg", "odd.html"])
    def test_all_else_is_bytes_to_download(self, client: Client, shown: Problem, name: str) -> None:
        response = client.get(url(name))
        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"] == f'attachment; filename="{name.rpartition("/")[2]}"'
        response.getvalue()

    @pytest.mark.parametrize(
        "path", ["none.svg", "attachments/none", "../../secret", "..%2f..%2fetc/passwd", "%00", "a.svg"]
    )
    def test_nothing_else_is_there(self, client: Client, shown: Problem, path: str) -> None:
        assert client.get(f"/problems/next-number/assets/1/{path}").status_code == 404

    @pytest.mark.parametrize("method", ["post", "put", "delete"])
    def test_it_is_read_only(self, client: Client, shown: Problem, method: str) -> None:
        assert getattr(client, method)(url("p.svg")).status_code == 405


class TestWhoMayRead:
    @pytest.mark.parametrize(
        ("reader", "is_public", "status"),
        [
            (None, True, 200),
            ("contestant", True, 200),
            ("author", True, 200),
            ("staff", True, 200),
            (None, False, 404),
            ("contestant", False, 404),
            ("author", False, 200),
            ("staff", False, 200),
        ],
    )
    def test_each_cell(
        self, client: Client, request: Any, author: User, assets: Any, reader: str | None, is_public: bool, status: int
    ) -> None:
        make_problem(author, is_public=is_public, assets_json=assets)
        if reader:
            client.force_login(request.getfixturevalue(reader))
        response = client.get(url("p.svg"))
        assert response.status_code == status
        if status == 200:
            assert response["Cache-Control"].startswith("public" if is_public else "private")
        response.getvalue()

    def test_a_version_that_does_not_count_yet_is_its_setters(
        self, client: Client, author: User, shown: Problem, assets: Any
    ) -> None:
        make_version(shown, number=2, assets_json=assets, time_limit_ms=None)
        assert client.get(url("p.svg", number=2)).status_code == 404
        client.force_login(author)
        response = client.get(url("p.svg", number=2))
        assert response.status_code == 200
        response.getvalue()

    def test_what_was_taken_out_before_publishing_stays_out(
        self, client: Client, author: User, shown: Problem, assets: Any
    ) -> None:
        kept = [asset for asset in assets if asset["blob"] != assets[0]["blob"]]
        shown.adopt(make_version(shown, number=2, assets_json=kept))
        removed = url(assets[0]["name"], number=1)
        assert client.get(removed).status_code == 404
        client.force_login(author)
        response = client.get(removed)
        assert (response.status_code, response["Cache-Control"].split(",")[0]) == (200, "private")
        response.getvalue()

    def test_pages_from_before_a_new_version_keep_their_pictures(
        self, client: Client, shown: Problem, assets: Any
    ) -> None:
        shown.adopt(make_version(shown, number=2, assets_json=assets))
        for number in (1, 2):
            response = client.get(url("p.svg", number=number))
            assert response.status_code == 200
            response.getvalue()
