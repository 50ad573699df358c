"""A problem as its page shows it to one reader."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest
from django.utils.translation.trans_real import parse_accept_lang_header

from problems.cache import problem_detail
from problems.models import Problem

Json = dict[str, Any]

# Of the languages that contests are held in, in themselves; others are named by their code.
_LANGUAGE_NAMES = {
    "ar": "العربية",
    "cs": "Čeština",
    "da": "Dansk",
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "hu": "Magyar",
    "is": "Íslenska",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "nl": "Nederlands",
    "no": "Norsk",
    "pl": "Polski",
    "pt": "Português",
    "pt-br": "Português (Brasil)",
    "ru": "Русский",
    "sv": "Svenska",
    "tr": "Türkçe",
    "uk": "Українська",
    "vi": "Tiếng Việt",
    "zh": "中文",
}


def problem_context(request: HttpRequest, slug: str) -> Json:
    """The problem, its statement in the reader's language, the names of the others, and what else its page needs.

    Raises Http404 for what isn't there or isn't for the reader.
    """
    try:
        problem = problem_detail(slug, request.user)
    except Problem.DoesNotExist:
        raise Http404 from None
    statements = problem["statements"]
    statement = chosen_statement(request, statements) if statements else {}
    inline = statement.get("inlineSamples", [])
    return {
        "problem": problem,
        "statement": statement,
        "languages": [(item["language"], language_name(item["language"])) for item in statements],
        "samples": [sample for sample in problem["samples"] if sample["number"] not in inline],
        "has_maths": "data-tex=" in statement.get("html", ""),
        "source_url": _web_address(problem.get("credits", {}).get("sourceUrl", "")),
    }


def chosen_statement(request: HttpRequest, statements: list[Json]) -> Json:
    """The statement in the language asked for (`?lang=`), or chosen for the site, or that the browser prefers, or in
    English, or the first. Where there is none for its region, one in the same language will do: zh-TW for zh-CN."""
    preferred = [language for language, _ in parse_accept_lang_header(request.headers.get("Accept-Language", ""))]
    chosen = [request.GET.get("lang", ""), request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")]
    for wanted in [code.lower() for code in [*chosen, *preferred, "en"] if code]:
        for shortened in (str, _without_region):
            for statement in statements:
                if shortened(statement["language"].lower()) == shortened(wanted):
                    return statement
    return statements[0]


def _without_region(code: str) -> str:
    return code.partition("-")[0]


def _web_address(address: str) -> str:
    """An address a link may lead to, "" for any other: packages may name anything."""
    return address if address.lower().startswith(("https://", "http://")) else ""


def language_name(code: str) -> str:
    """A natural language's own name."""
    return _LANGUAGE_NAMES.get(code.lower()) or _LANGUAGE_NAMES.get(code.partition("-")[0].lower(), code)
