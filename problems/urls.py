"""The files of problems' statements and tests."""

from django.urls import path, register_converter

from problems import assets, testfiles


class TestFileKind:
    """Input or answer."""

    regex = "in|ans"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(TestFileKind, "test_file_kind")

urlpatterns = [
    path("problems/<slug:slug>/assets/<int:number>/<path:name>", assets.asset, name="problem_asset"),
    path("problems/<slug:slug>/tests/<int:number>.<test_file_kind:kind>", testfiles.test_file, name="problem_test"),
]
