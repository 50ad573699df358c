"""What an import makes: problems, versions, blobs; whose they are; and what two at once do."""

import io
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection

from accounts.models import User
from problems import blobs, cache, importer
from problems.content import CheckerFlags
from problems.importer import Stale, import_package, slug_of
from problems.models import Problem, ProblemVersion
from problems.package.errors import PackageError
from tests.problems.building import Files, as_directory, as_zip, dated, legacy, without

UNMEASURED = without(legacy(), ".timelimit")


@pytest.fixture
def package(tmp_path: Path) -> Any:
    """Writes a package's directory anew."""

    def write(files: Files, name: str = "next") -> Path:
        target = tmp_path / name
        for old in sorted(target.rglob("*"), reverse=True):
            old.unlink() if old.is_file() else old.rmdir()
        return as_directory(files, target)

    return write


class TestNew:
    @pytest.mark.parametrize("packed", ["directory", "zip", "zip with a top directory", "kpp"])
    def test_a_package_becomes_a_public_problem(self, author: User, tmp_path: Path, packed: str) -> None:
        if packed == "directory":
            path = as_directory(legacy(), tmp_path / "next")
        else:
            ending = "kpp" if packed == "kpp" else "zip"
            path = as_zip(legacy(), tmp_path / f"next.{ending}", top="other" if "top" in packed else "")
        report = import_package(path, author)
        made = Problem.objects.get()
        assert report.problem == made
        assert report.created
        assert (made.slug, made.title, made.owner, made.is_public) == ("next", "Next", author, True)
        assert made.version == report.version
        assert (report.version.number, report.version.time_limit_ms, report.version.memory_limit_mb) == (1, 1500, 64)
        assert report.summary == "version 1, 2 tests, 1 tagged submissions, 1.5 s"

    def test_tests_are_blobs_named_by_content(self, author: User, package: Any) -> None:
        tests = import_package(package(legacy()), author).version.test_cases
        assert [(test.number, test.name, test.is_sample) for test in tests] == [
            (1, "sample/1", True),
            (2, "secret/1", False),
        ]
        assert [(blobs.read(test.input), blobs.read(test.answer)) for test in tests] == [
            (b"1\n", b"2\n"),
            (b"41\n", b"42\n"),
        ]
        assert [test.input_bytes for test in tests] == [2, 3]

    def test_equal_files_are_stored_once_and_nothing_else_is_left(self, author: User, package: Any) -> None:
        twins = {"data/secret/2.in": "41\n", "data/secret/2.ans": "42\n"}
        import_package(package(legacy() | twins), author)
        stored = [path for path in blobs.root().rglob("*") if path.is_file()]
        assert len(stored) == len({path.read_bytes() for path in stored}) == 6  # four texts, one program, the package
        assert not list(blobs.root().glob(".*"))

    def test_a_file_that_disappeared_is_brought_back(self, author: User, package: Any) -> None:
        test = import_package(package(legacy()), author).version.test_cases[1]
        blobs.path(test.input).unlink()
        assert not import_package(package(legacy()), author).created
        assert blobs.read(test.input) == b"41\n"

    def test_it_may_be_private(self, author: User, package: Any) -> None:
        assert not import_package(package(legacy()), author, public=False).problem.is_public

    @pytest.mark.parametrize(("until", "is_public"), [("2999-01-01", False), ("2020-02-02T10:00:00Z", True)])
    def test_an_embargo_keeps_it_private(self, author: User, package: Any, until: str, is_public: bool) -> None:
        files = dated() | {"problem.yaml": f"name: A\nembargo_until: {until}\nlimits: {{time_limit: 1}}\n"}
        assert import_package(package(files), author).problem.is_public is is_public

    def test_without_any_name_the_slug_is_the_title(self, author: User, package: Any) -> None:
        files = without(dated(), "problem.yaml") | {"problem.yaml": "limits: {time_limit: 1}\n"}
        assert import_package(package(files), author).problem.title == "next"

    @pytest.mark.parametrize(
        ("name", "slug"),
        [
            ("next", "next"),
            ("Next.ZIP", "next"),
            ("a-b_c9.kpp", "a-b_c9"),
            ("A Plus B.zip", "a-plus-b"),
            ("2sat", "2sat"),
        ],
    )
    def test_names_make_slugs(self, name: str, slug: str) -> None:
        assert slug_of(name) == slug

    @pytest.mark.parametrize("name", ["", ".zip", "-a", "a-", "a--b", "é", "a.b", "../a", "a" * 101, "a\n", "<b>"])
    def test_names_that_make_none_are_refused(self, db: None, author: User, package: Any, name: str) -> None:
        with pytest.raises(PackageError, match="makes no slug"):
            slug_of(name)
        with pytest.raises(PackageError, match="makes no slug"):
            import_package(package(legacy()), author, slug=name)
        assert not Problem.objects.exists()

    def test_a_slug_may_be_given(self, author: User, package: Any) -> None:
        assert import_package(package(legacy(), "odd.name"), author, slug="given").problem.slug == "given"


class TestAgain:
    def test_the_same_package_makes_no_new_version(self, author: User, package: Any, tmp_path: Path) -> None:
        first = import_package(package(legacy()), author)
        for path in (package(legacy()), as_zip(legacy(), tmp_path / "next.zip", top="next")):
            again = import_package(path, author)
            assert (again.created, again.version) == (False, first.version)
        assert again.summary == "version 1, unchanged, 2 tests, 1 tagged submissions, 1.5 s"

    @pytest.mark.parametrize(
        "change",
        [
            {"data/secret/1.ans": "43\n"},
            {"data/secret/1.desc": "Why.\n"},
            {".timelimit": "2\n"},
            {"problem.yaml": "name: Next\nvalidator_flags: case_sensitive\n"},
            {"problem_statement/problem.tex": "\\problemname{Next}\nOther words.\n"},
            {"submissions/accepted/next.py": "print(1 + int(input()))\n"},
            {"submissions/wrong_answer/same.py": "print(input())\n"},
            {"attachments/a.txt": "x"},
        ],
    )
    def test_any_change_makes_a_version_that_counts_at_once(self, author: User, package: Any, change: Files) -> None:
        first = import_package(package(legacy()), author)
        second = import_package(package(legacy() | change), author)
        assert (second.created, second.version.number) == (True, 2)
        assert second.problem.pk == first.problem.pk
        assert Problem.objects.get().version == second.version
        assert ProblemVersion.objects.get(pk=first.version.pk).test_cases == first.version.test_cases

    def test_going_back_is_a_version_too(self, author: User, package: Any) -> None:
        for number, files in enumerate((legacy(), legacy() | {".timelimit": "2\n"}, legacy()), 1):
            assert import_package(package(files), author).version.number == number

    def test_it_stays_hidden_or_published_as_it_was(self, author: User, package: Any) -> None:
        import_package(package(legacy()), author, public=False)
        assert not import_package(package(legacy() | {".timelimit": "2\n"}), author).problem.is_public
        Problem.objects.update(is_public=True)
        assert import_package(package(legacy()), author).problem.is_public
        assert not import_package(package(legacy()), author, public=False).problem.is_public

    @pytest.mark.parametrize("is_public", [True, False])
    def test_told_nothing_it_stays_as_it_is_and_a_new_one_is_private(
        self, author: User, package: Any, is_public: bool
    ) -> None:
        assert not import_package(package(legacy()), author, public=None).problem.is_public
        Problem.objects.update(is_public=is_public)
        changed = package(legacy() | {".timelimit": "2\n"})
        assert import_package(changed, author, public=None).problem.is_public is is_public

    def test_a_change_of_an_older_version_is_refused(self, author: User, package: Any) -> None:
        first = import_package(package(legacy()), author).version
        second = import_package(package(legacy() | {".timelimit": "2\n"}), author, changed=first).version
        with pytest.raises(Stale):
            import_package(package(legacy() | {".timelimit": "3\n"}), author, changed=first)
        assert Problem.objects.get().newest_version() == second

    def test_the_title_follows(self, author: User, package: Any) -> None:
        import_package(package(dated()), author)
        renamed = dated() | {"problem.yaml": "name: After\nlimits: {time_limit: 1}\n"}
        assert import_package(package(renamed), author).problem.title == "After"

    @pytest.mark.parametrize("who", ["stranger", "staff", "root"])
    def test_nobody_else_takes_the_slug_over(
        self, author: User, stranger: User, staff: User, package: Any, who: str
    ) -> None:
        import_package(package(legacy()), author)
        root = User.objects.create_superuser("root", password="x")
        other = {"stranger": stranger, "staff": staff, "root": root}[who]
        before = sorted(blobs.root().rglob("*"))
        with pytest.raises(PackageError, match="taken by somebody else"):
            import_package(package(legacy() | {"data/secret/1.in": "7\n"}), other)
        assert Problem.objects.get().owner == author
        assert ProblemVersion.objects.count() == 1
        assert sorted(blobs.root().rglob("*")) == before

    def test_a_refused_package_leaves_the_problem_as_it_was(self, author: User, package: Any) -> None:
        first = import_package(package(legacy()), author)
        before = sorted(blobs.root().rglob("*"))
        with pytest.raises(PackageError):
            import_package(package(without(legacy(), "data/secret/1.ans") | {"data/secret/2.in": "7\n"}), author)
        assert Problem.objects.get().version == first.version
        assert sorted(blobs.root().rglob("*")) == before

    def test_it_shows_at_once_in_the_cache(
        self, author: User, package: Any, django_capture_on_commit_callbacks: Any
    ) -> None:
        with django_capture_on_commit_callbacks(execute=True):
            import_package(package(legacy()), author)
        assert cache.problem_list()[0]["timeLimitMs"] == 1500
        with django_capture_on_commit_callbacks(execute=True):
            import_package(package(legacy() | {".timelimit": "2\n"}), author)
        assert cache.problem_list()[0]["timeLimitMs"] == 2000


class TestUnmeasured:
    def test_it_waits_unpublished_until_its_limit_is_set(self, author: User, package: Any) -> None:
        report = import_package(package(UNMEASURED), author)
        assert report.summary.endswith("time limit to be measured")
        assert report.problem.version is None
        assert not Problem.objects.public().exists()
        report.version.set_time_limit(2000)
        made = Problem.objects.public().get()
        assert made.version == report.version
        assert made.version.time_limit_ms == 2000

    def test_an_older_version_counts_meanwhile(self, author: User, package: Any) -> None:
        first = import_package(package(legacy()), author).version
        second = import_package(package(UNMEASURED), author).version
        assert Problem.objects.get().version == first
        second.set_time_limit(2000)
        assert Problem.objects.get().version == second

    def test_a_measured_limit_of_an_old_version_does_not_bring_it_back(self, author: User, package: Any) -> None:
        first = import_package(package(UNMEASURED), author).version
        second = import_package(package(legacy()), author).version
        first.set_time_limit(2000)
        assert Problem.objects.get().version == second
        assert ProblemVersion.objects.get(number=1).time_limit_ms == 2000

    def test_importing_it_again_does_not_forget_the_measured_limit(self, author: User, package: Any) -> None:
        import_package(package(UNMEASURED), author).version.set_time_limit(2000)
        again = import_package(package(UNMEASURED), author)
        assert (again.created, again.version.time_limit_ms) == (False, 2000)

    def test_a_limit_taken_out_of_the_package_is_measured_anew(self, author: User, package: Any) -> None:
        import_package(package(legacy()), author)
        report = import_package(package(UNMEASURED), author)
        assert (report.created, report.version.time_limit_ms) == (True, None)

    @pytest.mark.parametrize("limit", [0, -1, 120_001])
    def test_limits_out_of_bounds_are_refused(self, author: User, package: Any, limit: int) -> None:
        version = import_package(package(UNMEASURED), author).version
        with pytest.raises(ValueError, match="time limit"):
            version.set_time_limit(limit)
        assert Problem.objects.get().version is None


class TestTwoAtOnce:
    @pytest.mark.django_db(transaction=True)
    def test_each_gets_its_own_number(self, author: User, tmp_path: Path) -> None:
        paths = [
            as_directory(legacy() | {"data/secret/1.desc": f"{index}\n"}, tmp_path / str(index) / "next")
            for index in range(4)
        ]
        failures: list[BaseException] = []
        start = threading.Barrier(len(paths))

        def run(path: Path) -> None:
            try:
                start.wait()
                import_package(path, author)
            except BaseException as error:
                failures.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=[path]) for path in paths]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert sorted(ProblemVersion.objects.values_list("number", flat=True)) == [1, 2, 3, 4]
        assert Problem.objects.get().version == ProblemVersion.objects.get(number=4)

    @pytest.mark.parametrize("collisions", [2, 3])
    def test_a_number_that_was_taken_meanwhile_is_tried_again(
        self, author: User, package: Any, monkeypatch: pytest.MonkeyPatch, collisions: int
    ) -> None:
        left = [IntegrityError()] * collisions
        save = importer._save

        def unlucky(*args: Any) -> Any:
            if left:
                raise left.pop()
            return save(*args)

        monkeypatch.setattr(importer, "_save", unlucky)
        if collisions < 3:
            assert import_package(package(legacy()), author).created
        else:
            with pytest.raises(PackageError, match="next: is being imported by others"):
                import_package(package(legacy()), author)

    def test_a_file_that_changes_while_it_is_read_is_noticed(
        self, author: User, package: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = package(legacy())
        store = importer._store

        def change_first(noted: Any) -> None:
            (path / "data/secret/1.in").write_text("666\n")
            store(noted)

        monkeypatch.setattr(importer, "_store", change_first)
        with pytest.raises(PackageError, match=r"data/secret/1\.in: changed while"):
            import_package(path, author)
        assert not Problem.objects.exists()


class TestCommand:
    def run(self, *args: Any, **options: Any) -> tuple[str, str]:
        out, errors = io.StringIO(), io.StringIO()
        try:
            call_command("import_problem", *map(str, args), stdout=out, stderr=errors, no_color=True, **options)
        except CommandError as error:
            errors.write(f"CommandError: {error}\n")
        return out.getvalue(), errors.getvalue()

    def test_a_line_for_each_package(self, author: User, package: Any) -> None:
        out, errors = self.run(package(legacy(), "a"), package(UNMEASURED, "b"), owner="author")
        assert out.splitlines() == [
            "a: version 1, 2 tests, 1 tagged submissions, 1.5 s",
            "b: version 1, 2 tests, 1 tagged submissions, time limit to be measured",
        ]
        assert errors == ""

    def test_the_others_are_imported_where_one_is_refused(self, author: User, package: Any) -> None:
        bad = package(without(legacy(), "data/secret/1.ans"), "bad")
        out, errors = self.run(package(legacy(), "a"), bad, package(legacy(), "c"), owner="author")
        assert [line.split(":")[0] for line in out.splitlines()] == ["a", "c"]
        assert "bad: refused: data/secret/1.in: has no .ans beside it (data/secret/1.ans)" in errors
        assert "CommandError: 1 of 3 packages refused" in errors

    def test_notes_are_told(self, author: User, package: Any) -> None:
        _, errors = self.run(package(legacy() | {"problem.yaml": "name: A\nmood: good\n"}), owner="author")
        assert errors == "next: note: problem.yaml: mood is not known and was passed over\n"

    def test_private_and_slug(self, author: User, package: Any) -> None:
        out, _ = self.run(package(legacy()), owner="author", slug="other", private=True)
        assert out == "other: version 1, 2 tests, 1 tagged submissions, 1.5 s, private\n"
        assert not Problem.objects.get(slug="other").is_public

    def test_a_slug_is_for_one(self, author: User, package: Any) -> None:
        assert "one package at a time" in self.run(package(legacy(), "a"), package(legacy(), "b"), slug="x")[1]

    def test_the_owner_is_the_first_superuser_unless_told(self, author: User, package: Any) -> None:
        assert "there is no superuser yet" in self.run(package(legacy()))[1]
        root = User.objects.create_superuser("root", password="x")
        self.run(package(legacy()))
        assert Problem.objects.get().owner == root
        assert "there is no user 'nobody'" in self.run(package(legacy()), owner="nobody")[1]


def test_the_flags_that_all_tests_have_are_the_versions(author: User, package: Any) -> None:
    """Groups with other flags keep them with their tests."""
    flags = {
        "data/sample/test_group.yaml": "output_validator_args: [float_tolerance, 1e-6]\n",
        "data/secret/test_group.yaml": "output_validator_args: [float_tolerance, 1e-6]\n",
        "data/secret/strict.in": "1\n",
        "data/secret/strict.ans": "1\n",
        "data/secret/strict.yaml": "output_validator_args: [case_sensitive]\n",
    }
    version = import_package(package(dated() | flags), author).version
    lenient = CheckerFlags(float_absolute_tolerance=1e-6, float_relative_tolerance=1e-6)
    assert version.checker == lenient
    assert [version.checker_of(test) for test in version.test_cases] == [
        lenient,
        lenient,
        CheckerFlags(case_sensitive=True),
    ]
