"""Formulas: the TeX in an attribute, for KaTeX, around a form that reads well without it.

    <span class="math inline" data-tex="n \\le 10^5"><em>n</em> ≤ 10<sup>5</sup></span>

Both renderers write `<span class="math inline">\\(…\\)</span>` (or `math display` and `\\[…\\]`) first. Pandoc knows
how to say simple formulas in plain HTML; others show their TeX.
"""

import html
import json
import re
from collections.abc import Sequence

from problems.statements import pandoc

_FORMULA = re.compile(r'<span class="math (inline|display)">\\[(\[](.*?)\\[)\]]</span>', re.DOTALL)
_READABLE = re.compile(r'<span class="math inline">(.*?)</span>', re.DOTALL)
_API_VERSION = [1, 23, 1]  # of pandoc's JSON


def span(tex: str, *, display: bool) -> str:
    """A formula as the renderers write it."""
    opening, closing = (r"\[", r"\]") if display else (r"\(", r"\)")
    return f'<span class="math {"display" if display else "inline"}">{opening}{html.escape(tex)}{closing}</span>'


def readable(text: str) -> str:
    """The HTML with its formulas in the form above. Raises PandocStopped."""
    formulas = list(dict.fromkeys(html.unescape(match[2]) for match in _FORMULA.finditer(text)))
    forms = dict(zip(formulas, _plain_forms(formulas), strict=True))

    def replacement(match: re.Match[str]) -> str:
        tex = html.unescape(match[2])
        return f'<span class="math {match[1]}" data-tex="{html.escape(tex.strip())}">{forms[tex]}</span>'

    return _FORMULA.sub(replacement, text)


def _plain_forms(formulas: Sequence[str]) -> list[str]:
    """Each formula in plain HTML, or as its TeX where that can't be."""
    fallback = [html.escape(tex.strip()) for tex in formulas]
    if not formulas:
        return []
    blocks = [{"t": "Plain", "c": [{"t": "Math", "c": [{"t": "InlineMath"}, tex]}]} for tex in formulas]
    document = json.dumps({"pandoc-api-version": _API_VERSION, "meta": {}, "blocks": blocks})
    try:
        converted = _READABLE.findall(pandoc.convert(document, "json").html)
    except pandoc.PandocRefused:
        return fallback
    if len(converted) != len(formulas):
        return fallback
    return [form if not form.startswith("$") else plain for form, plain in zip(converted, fallback, strict=True)]
