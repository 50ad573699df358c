"""Which SVG pictures are pictures only."""

import pytest

from problems.statements.svg import UnfitSvg, check

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
PIXEL = "data:image/png;base64,iVBORw0KGgo="


def picture(inside: str) -> bytes:
    return f"{HEAD}{inside}</svg>".encode()


@pytest.mark.parametrize(
    "content",
    [
        picture(""),
        picture("<style>.a { fill: url(#b); background: #fff }</style><g class='a' style='fill:red'/>"),
        picture("<style/><style>a{}</style>"),
        picture("<defs><clipPath id='a'/></defs><use href='#a'/><use xlink:href='#a' clip-path='url(#a)'/>"),
        picture(f"<image href='{PIXEL}'/><rect fill='url({PIXEL})'/>"),
        picture("<a href='https://x.org/'><text>a &lt;script&gt; &amp;</text></a>"),
        picture("<!-- <script/> --><text><![CDATA[<script>]]></text>"),
        picture("<text>onload=alert(1) url(http://x.org)</text>"),
        picture("<animate attributeName='r' from='1' to='5'/>"),
        picture("<g xmlns:i='http://inkscape.org' i:file='C:\\a.png' i:on='url(http://x)'/>"),
        b'<?xml version="1.0" encoding="UTF-8" standalone="no"?>\n' + picture("é"),
        b"\xef\xbb\xbf" + picture(""),
        b'<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
        + picture(""),
    ],
)
def test_a_picture_is_let_through(content: bytes) -> None:
    check(content)


@pytest.mark.parametrize(
    "inside",
    [
        *("<script/>", "<SCRIPT/>", "<g><script>1</script></g>", "<x:script xmlns:x='http://www.w3.org/2000/svg'/>"),
        *("<script xmlns='urn:other'/>", "<handler/>", "<listener/>", "<iframe/>", "<foreignObject/>", "<canvas/>"),
        *("<g onclick='1'/>", "<g ONCLICK='1'/>", "<animate onbegin='1'/>", "<g x:onload='1' xmlns:x='urn:x'/>"),
        *("<use href='http://x.org/a.svg#b'/>", "<use xlink:href='//x.org#b'/>", "<use href='a.svg#b'/>"),
        *("<image href='data:image/svg+xml,x'/>", "<image href='data:text/html,x'/>", "<feImage href='x.png'/>"),
        *("<a href='javascript:1'/>", "<a xlink:href=' java&#10;script:1'/>", "<a href='data:text/html,x'/>"),
        *("<a href='/logout'/>", "<set attributeName='href' to='x'/>", "<animate attributeName='xlink:href' to='x'/>"),
        *("<g fill='url(http://x.org/a)'/>", "<g fill='URL( \"//x.org\" )'/>", "<g filter='url(a.svg#b)'/>"),
        *("<g style='background: url(x)'/>", "<g style='background: image-set(\"x\")'/>", "<g fill='u\\72l(x)'/>"),
        *("<set attributeName='fill' to='url(//x.org)'/>", "<g xml:base='http://x.org/'/>"),
        *("<style>@import 'x'</style>", "<style>@IMPORT url(x)</style>", "<style>a{b:url('http://x')}</style>"),
        *("<style>@import 'x';<g/></style>", "<style><g>@import 'x'</g></style>", "<style>u\\72l(x)</style>"),
        *(
            "<style>@imp<!-- -->ort 'x'</style>",
            "<style>@&#105;mport 'x'</style>",
            "<style>a{b:image-set('x')}</style>",
        ),
        *("<style><style>x</style>@import 'x'</style>", "<?xml-stylesheet href='x'?>", "<?php echo 1?>"),
        *("<b xmlns='http://www.w3.org/1999/xhtml'>x</b>", "<h:img xmlns:h='http://www.w3.org/1999/xhtml'/>"),
    ],
)
def test_anything_else_is_refused(inside: str) -> None:
    with pytest.raises(UnfitSvg):
        check(picture(inside))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg",
        b"<svg/>",  # in no name space
        b"<html xmlns='http://www.w3.org/1999/xhtml'/>",
        b"<g xmlns='http://www.w3.org/2000/svg'><svg/></g>",
        picture("") + picture(""),
        picture("<g>"),
        picture("&nbsp;"),
        picture("\0"),
        b'<!DOCTYPE svg [<!ENTITY a "<script/>">]>' + picture("&a;"),
        b'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + picture("&a;"),
        b'<!DOCTYPE svg [<!ENTITY % a SYSTEM "http://x.org">%a;]>' + picture(""),
        b'<!DOCTYPE svg [<!ATTLIST g onload CDATA "alert(1)">]>' + picture("<g/>"),
        picture("").decode().encode("utf-16"),
        b'<?xml version="1.0" encoding="cp037"?>' + picture(""),
        b'<?xml version="1.0" encoding="iso-2022-jp"?>' + picture(""),
        b'<?xml version="1.0" encoding="latin-1"?>' + picture("\xe9"),
        picture("").replace(b">", b"\xff>", 1),
    ],
)
def test_what_is_no_sound_svg_is_refused(content: bytes) -> None:
    with pytest.raises(UnfitSvg):
        check(content)


@pytest.mark.timeout(10)
def test_depth_and_length_cost_little() -> None:
    check(picture("<g>" * 50_000 + "</g>" * 50_000))
    check(picture("<style>" + "a{b:c}" * 100_000 + "</style>"))
