"""What becomes of a renderer's HTML, whichever it was: script is refused, addresses are judged, samples put in.

Both renderers escape `<`, `>` and `"` in text and in attributes, so that a tag is what looks like one.
"""

import re
from collections.abc import Sequence
from html import escape, unescape
from urllib.parse import urlsplit

from problems.package.errors import Findings, PackageError
from problems.statements import maths, sanitizer
from problems.statements.assets import PDF, Assets

MAX_CHARACTERS = 4 << 20

_CODE = re.compile(r"<(code|pre)\b.*?</\1>", re.DOTALL)
# Named one by one, since prose about "a < b" may go on with "only = 3". It is all shown as text in any case.
_HANDLERS = (
    "on(?:abort|animation|before|begin|blur|change|click|context|copy|cut|dbl|drag|drop|end|error|focus|hash|input|"
    "invalid|key|load|message|mouse|page|paste|pointer|popstate|repeat|reset|resize|scroll|select|show|submit|toggle|"
    "touch|transition|unload|wheel)[a-z]*"
)
_SCRIPT = re.compile(
    r"&lt;\s*(?:script|iframe|foreignobject|object\s|embed\s|meta\s)"
    r"|&lt;[a-z](?:[^&]|&quot;|&amp;){0,300}?[\s/]"
    rf"(?:{_HANDLERS}\s{{0,9}}=|(?:href|src)\s{{0,9}}=\s{{0,9}}\S{{0,6}}javascript:)",
    re.IGNORECASE,
)
_RAW_HTML = re.compile(
    r"&lt;/?(?:br|img|table|tr|td|p|div|sub|sup|center|b|i|u|ul|li|span|font|a)\b(?:[^&]|&quot;){0,200}&gt;",
    re.IGNORECASE,
)
_IMAGE = re.compile(r"<img\b([^>]*)>")
_LINK = re.compile(r'<a href="([^"]*)"')
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
_WIDTH = re.compile(r"width:\s*([0-9]+)(?:\.[0-9]+)?%")
_ALIGN = re.compile(r'style="text-align:\s*(left|right|center);?"')
_HEADING = re.compile(r"<(/?)h([1-6])\b")
_SAMPLE = re.compile(r'(?:<div class="samplebox">\s*)?<p>\{\{(nextsample|remainingsamples)\}\}</p>(?:\s*</div>)?')
_LEFT_SAMPLE = re.compile(r"\{\{(?:nextsample|remainingsamples)\}\}")
_SAFE_SCHEMES = {"http", "https", "mailto"}
_SCRIPT_SCHEMES = {"javascript", "vbscript", "data"}

Sample = tuple[int, str, str]  # number, input, answer


class Finisher:
    """Finishes statements of one package; `samples` are all there are, `assets` collects what is shown."""

    def __init__(self, assets: Assets, samples: Sequence[Sample], findings: Findings) -> None:
        self._assets = assets
        self._samples = samples
        self._findings = findings

    def finish(self, where: str, html: str) -> tuple[str, list[int]]:
        """The HTML as it may stand in a page, and the numbers of the samples in it. Raises PackageError."""
        self._refuse_script(where, html)
        html = _ALIGN.sub(r'align="\1"', html)
        html = _LINK.sub(lambda match: self._link(where, match[1]), html)
        html = _IMAGE.sub(lambda match: self._image(where, match[1]), html)
        html, shown = self._with_samples(where, _with_lower_headings(html))
        finished = sanitizer.clean(maths.readable(html)).strip()
        if len(finished) > MAX_CHARACTERS:
            raise PackageError(where, f"becomes more than {MAX_CHARACTERS >> 20} million characters of HTML")
        return finished, shown

    def _refuse_script(self, where: str, html: str) -> None:
        prose = _CODE.sub("", html)
        if found := _SCRIPT.search(prose):
            raise PackageError(where, f"has a script in it ({unescape(found[0])[:60].strip()})")
        if found := _RAW_HTML.search(prose):
            self._findings.warn(where, f"has HTML in it, which is shown as text: {unescape(found[0])[:40]}")

    def _image(self, where: str, attributes: str) -> str:
        values = {name: unescape(value) for name, value in _ATTRIBUTE.findall(attributes)}
        source, alt = values.get("src", ""), escape(values.get("alt", ""))
        asset = None if _scheme(source) else self._assets.image(source)
        if asset is None:
            self._findings.warn(where, f"the picture {source[:80]} is not in the package and is not shown")
            return f"<em>{alt or escape(source)}</em>"
        url = escape(self._assets.url(asset))
        if asset.content_type == PDF:
            return f'<a href="{url}">{escape(asset.name)}</a>'
        width = _WIDTH.search(values.get("style", ""))
        hint = f' width="{width[1]}%"' if width else ""
        return f'<img src="{url}" alt="{"" if alt == "image" else alt}"{hint}>'

    def _link(self, where: str, address: str) -> str:
        target = unescape(address).strip()
        scheme = _scheme(target)
        if scheme in _SCRIPT_SCHEMES:
            raise PackageError(where, f"has a script in it (a link to {target[:60]})")
        if scheme in _SAFE_SCHEMES or target.startswith("#fn"):
            return f'<a href="{address}"'
        if not scheme and (asset := self._assets.linked(target)):
            return f'<a href="{escape(self._assets.url(asset))}"'
        if not target.startswith("#"):
            self._findings.warn(where, f"the link to {target[:80]} leads nowhere and was taken out")
        return "<a"

    def _with_samples(self, where: str, html: str) -> tuple[str, list[int]]:
        left, shown = list(self._samples), list[int]()

        def put(match: re.Match[str]) -> str:
            count = 1 if match[1] == "nextsample" else len(left)
            if count > len(left):
                raise PackageError(where, "asks for a further sample (nextsample), but there is none left")
            taken, left[:] = left[:count], left[count:]
            shown.extend(number for number, _, _ in taken)
            return "".join(_sample(*sample) for sample in taken)

        html = _SAMPLE.sub(put, html)
        if found := _LEFT_SAMPLE.search(_CODE.sub("", html)):
            self._findings.warn(where, f"{found[0]} must be a paragraph of its own, and is shown as text")
        return html, shown


def _sample(number: int, given: str, answer: str) -> str:
    parts = (("input", given), ("output", answer))
    figures = (
        f"<figure><figcaption>Sample {kind} {number}</figcaption><pre>{escape(text)}</pre></figure>"
        for kind, text in parts
    )
    return f'<div class="sample">{"".join(figures)}</div>'


def _scheme(address: str) -> str:
    """The address's scheme, "" if it has none: an address that is none at all has a scheme of its own."""
    try:
        return urlsplit(re.sub(r"[\x00-\x20]", "", address)).scheme.lower()
    except ValueError:
        return "invalid"


def _with_lower_headings(html: str) -> str:
    """The page's own title is the one of the first level."""
    if "<h1" not in html:
        return html
    return _HEADING.sub(lambda match: f"<{match[1]}h{min(int(match[2]) + 1, 6)}", html)
