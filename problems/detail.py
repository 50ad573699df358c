"""A problem as the API and the pages tell it: plain values under camelCase names, read from the database."""

import re
from typing import Any

from django.conf import settings
from django.urls import reverse

from problems import blobs
from problems.content import Asset, Statement, TestCase
from problems.models import Problem, ProblemVersion

Json = dict[str, Any]

MAX_SAMPLE_BYTES = 64 * 1024
# `<` is escaped in a statement's text, so this is an address and nothing else.
_ASSET = re.compile(r'(<img src="|<a href=")assets/')


def public_list() -> list[Json]:
    """All that everybody may read, by slug."""
    listed = ("slug", "title", "tags", "version__time_limit_ms", "version__memory_limit_mb", "version__credits_json")
    problems = Problem.objects.public().select_related("version").only(*listed)  # all tests of all would be much
    return [_listed(problem, problem.version) for problem in problems]


def of(problem: Problem) -> Json:
    """All there is to be read of one problem: of the version that counts, or of the newest while none does."""
    version = problem.version or problem.newest_version()
    told = _listed(problem, version) | {"ownerId": str(problem.owner_id), "isPublic": _is_published(problem)}
    return told | (_content(problem, version) if version else {"statements": [], "samples": [], "attachments": []})


def asset_url(problem: Problem, version: ProblemVersion, name: str = "") -> str:
    """Where a file of that version is; without a name, where they all are."""
    url = reverse("problem_asset", args=[problem.slug, version.number, name or "-"])
    return url if name else url.removesuffix("-")


def with_addresses(problem: Problem, version: ProblemVersion, html: str) -> str:
    """A statement's HTML as a page shows it: its pictures and files are those of that version."""
    return _ASSET.sub(rf"\g<1>{asset_url(problem, version)}", html)


def _is_published(problem: Problem) -> bool:
    return problem.is_public and problem.version_id is not None


def _listed(problem: Problem, version: ProblemVersion | None) -> Json:
    credits = version.credits if version else None
    return {
        "slug": problem.slug,
        "title": problem.title,
        "timeLimitMs": version.time_limit_ms if version else None,
        "memoryLimitMb": (version and version.memory_limit_mb) or settings.DEFAULT_MEMORY_MB,
        "source": credits.source if credits else "",
        "keywords": problem.tags,
    }


def _content(problem: Problem, version: ProblemVersion) -> Json:
    credits = version.credits
    return {
        "version": version.number,
        "trouble": version.trouble,
        "outputLimitMb": version.output_limit_mb or settings.DEFAULT_OUTPUT_MB,
        "languages": version.languages,
        "statements": [_statement(problem, version, statement) for statement in version.statements],
        "samples": [_sample(test) for test in version.test_cases if test.is_sample],
        "attachments": [_attachment(problem, version, asset) for asset in version.assets if asset.is_attachment],
        "credits": {
            "author": credits.author,
            "source": credits.source,
            "sourceUrl": credits.source_url,
            "license": credits.license,
            "rightsOwner": credits.rights_owner,
        },
    }


def _statement(problem: Problem, version: ProblemVersion, statement: Statement) -> Json:
    return {
        "language": statement.language,
        "title": statement.title,
        "html": with_addresses(problem, version, statement.html),
        "pdf": asset_url(problem, version, f"problem.{statement.language}.pdf") if statement.pdf else None,
        "inlineSamples": statement.inline_samples,
    }


def _sample(test: TestCase) -> Json:
    given, answer = test.shown_input or test.input, test.shown_answer or test.answer
    return {"number": test.number, "input": _text(given), "output": _text(answer)}


def _text(blob: str) -> str:
    """The content, cut where it is very long."""
    content = blobs.head(blob, MAX_SAMPLE_BYTES + 1)
    text = content[:MAX_SAMPLE_BYTES].decode(errors="ignore")
    return f"{text}…\n" if len(content) > MAX_SAMPLE_BYTES else text


def _attachment(problem: Problem, version: ProblemVersion, asset: Asset) -> Json:
    return {"name": asset.name.removeprefix("attachments/"), "url": asset_url(problem, version, asset.name)}
