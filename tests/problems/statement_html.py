"""What tests of statements share: the HTML of one, and what in HTML could do harm."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

from problems.package.reader import Package

Make = Callable[..., Package]


def html(package: Package) -> str:
    return package.statements[0].html


class _Reader(HTMLParser):
    """Notes what could do harm in a browser, whichever way it is written."""

    def __init__(self) -> None:
        super().__init__()
        self.harm: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in {"script", "style", "iframe", "object", "embed", "form", "input", "base", "meta", "link", "svg"}:
            self.harm.append(tag)
        for name, value in attrs:
            if name.startswith("on") or name in {"style", "srcdoc", "formaction", "srcset", "background"}:
                self.harm.append(f"{tag} {name}")
            allowed = r"assets/[^/\\?#]+|#fn.*" if name == "src" else r"assets/[^/\\?#]+|#fn.*|(https?|mailto):.*"
            if name in {"src", "href"} and not re.fullmatch(allowed, value or "", re.IGNORECASE):
                self.harm.append(f"{tag} {name}={value}")


def harm(text: str) -> list[str]:
    reader = _Reader()
    reader.feed(text)
    return reader.harm
