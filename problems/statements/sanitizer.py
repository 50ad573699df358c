"""The allow-list that every statement passes last. What is not on it is dropped, with its attributes and addresses.

No inline style, no class but those that our style sheets know, no id but a footnote's: a statement can neither hide
nor imitate a part of the page around it.
"""

import re

import nh3

_TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "div", "section"),
    *("ul", "ol", "li", "dl", "dt", "dd", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    *(
        "em",
        "strong",
        "b",
        "i",
        "u",
        "s",
        "del",
        "sub",
        "sup",
        "small",
        "span",
        "kbd",
        "a",
        "img",
        "figure",
        "figcaption",
    ),
}
_ATTRIBUTES = {
    "a": {"href", "id"},
    "img": {"src", "alt", "width"},
    "li": {"id"},
    "ol": {"start", "type"},
    "span": {"data-tex"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan"},
}
_CLASSES = {
    "span": {"math", "inline", "display", "smallcaps"},
    "div": {"center", "sample", "epigraph"},
    "figure": {"illustration"},
    "section": {"footnotes"},
}
_FOOTNOTE = re.compile(r"fn(ref)?:?[0-9]{1,4}")
_ASSET = re.compile(r"assets/[^/\\?#]+")
_ADDRESS = re.compile(r"#fn|(https?|mailto):", re.IGNORECASE)
_WIDTH = re.compile(r"[0-9]{1,4}%?")


def clean(html: str) -> str:
    """The HTML with only what may be there."""
    return nh3.clean(
        html,
        tags=_TAGS,
        clean_content_tags={"script", "style"},
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        allowed_classes=_CLASSES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Images come from the package alone, links go there, to a footnote or away from here; widths are numbers."""
    if name == "src":
        return value if _ASSET.fullmatch(value) else None
    if name == "href":
        return value if _ASSET.fullmatch(value) or _ADDRESS.match(value) else None
    if name == "id":
        return value if _FOOTNOTE.fullmatch(value) else None
    if name == "width":
        return value if _WIDTH.fullmatch(value) else None
    return value
