"""Whether an SVG is a picture only: no scripts, no foreign content, nothing fetched from elsewhere.

It is read by expat, without its own entities: a document type with an internal subset is refused, and expat fetches
nothing external of itself. What is found is refused, not mended: the picture is shown as it was drawn, or not at all.
"""

import re
from xml.parsers import expat

_SVG, _XHTML, _XLINK = "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml", "http://www.w3.org/1999/xlink"
_FORBIDDEN = {"script", "foreignobject", "iframe", "object", "embed", "audio", "video", "canvas", "handler", "listener"}
_ANIMATIONS = {"animate", "set", "animatetransform", "animatemotion"}
_LOCAL_REFERENCE = re.compile(r"\s*(#|data:image/(png|jpeg|gif);base64,)", re.IGNORECASE)
# What makes CSS fetch; a backslash can hide it. Attributes that have no name space may be CSS.
_FETCHES = r"url\(\s*['\"]?\s*(?!#|data:image/(?:png|jpeg|gif);base64,)|image-set|\\"
_ATTRIBUTE_FETCHES = re.compile(_FETCHES, re.IGNORECASE)
_STYLE_FETCHES = re.compile(rf"{_FETCHES}|@import|expression", re.IGNORECASE)
_HANDLER = re.compile(r"on[a-z]+", re.IGNORECASE)


class UnfitSvg(Exception):
    """What is wrong with the picture, for people."""


def check(content: bytes) -> None:
    """Raises UnfitSvg."""
    reader = _Reader()
    if content.startswith((b"\xfe\xff", b"\xff\xfe")):
        raise UnfitSvg("is not in UTF-8")
    try:
        reader.parser.Parse(content, True)
    except expat.ExpatError as error:
        raise UnfitSvg(f"is not well-formed SVG ({error})") from None
    if reader.root != f"{_SVG} svg":
        raise UnfitSvg("is not an SVG picture")


class _Reader:
    def __init__(self) -> None:
        self.root = ""
        self._depth = 0
        self._style_depth = 0  # of the style sheet that is being read, 0 if none is
        self._style: list[str] = []  # its parts
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.XmlDeclHandler = self._declaration
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.EntityDeclHandler = self._entity
        self.parser.ProcessingInstructionHandler = self._instruction
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _declaration(self, version: str, encoding: str | None, standalone: int) -> None:
        """Browsers may read some encodings otherwise than expat does."""
        if (encoding or "utf-8").lower() not in {"utf-8", "us-ascii"}:
            raise UnfitSvg(f"is not in UTF-8 but in {encoding}")

    def _doctype(self, name: str, system_id: str | None, public_id: str | None, has_internal_subset: int) -> None:
        if has_internal_subset:
            raise UnfitSvg("has a document type with declarations of its own")

    def _entity(self, *declaration: object) -> None:
        raise UnfitSvg("declares entities")

    def _instruction(self, target: str, data: str) -> None:
        raise UnfitSvg(f"has a processing instruction ({target[:40]})")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.root = self.root or name
        space, _, element = name.rpartition(" ")
        if element.lower() in _FORBIDDEN or space == _XHTML:
            raise UnfitSvg(f"has a {element[:40]} in it: a picture may not carry programs or foreign content")
        for attribute, value in attributes.items():
            namespace, _, local = attribute.rpartition(" ")
            self._attribute(element.lower(), local.lower(), value)
            if not namespace:
                self._css(local.lower(), value)
        self._depth += 1
        if element.lower() == "style" and not self._style_depth:
            self._style_depth = self._depth

    def _attribute(self, element: str, name: str, value: str) -> None:
        if name == "base":
            raise UnfitSvg("has a base address")
        if _HANDLER.fullmatch(name):
            raise UnfitSvg(f"has a script in the attribute {name[:40]}")
        if name in {"href", "src"} and not _LOCAL_REFERENCE.match(value) and element != "a":
            raise UnfitSvg(f"refers to something outside of itself ({value[:60]})")
        if name == "href" and element == "a" and not re.match(r"(#|https?://)", value.strip(), re.IGNORECASE):
            raise UnfitSvg(f"has a link to {value[:60]}")
        if element in _ANIMATIONS and name == "attributename" and "href" in value.lower():
            raise UnfitSvg("animates a reference")

    def _css(self, name: str, value: str) -> None:
        fetches = _STYLE_FETCHES if name == "style" else _ATTRIBUTE_FETCHES
        if name != "href" and fetches.search(value):
            raise UnfitSvg(f"refers to something outside of itself in the attribute {name[:40]}")

    def _end(self, name: str) -> None:
        if self._depth == self._style_depth:
            if _STYLE_FETCHES.search("".join(self._style)):
                raise UnfitSvg("has a style that refers to something outside of itself")
            self._style_depth, self._style = 0, []
        self._depth -= 1

    def _text(self, text: str) -> None:
        if self._style_depth:
            self._style.append(text)
