"""Markdown (CommonMark with tables, footnotes and maths, as the format asks for) to HTML."""

import html
from collections.abc import Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from problems.statements import maths


def to_html(text: str) -> str:
    """The text as HTML. Raw HTML in it is shown as text; links and images are not looked at here."""
    return str(_parser.render(text))


def _inline(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return maths.span(tokens[index].content, display=False)


def _block(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return f"<p>{maths.span(tokens[index].content, display=True)}</p>\n"


def _fence(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return f"<pre><code>{html.escape(tokens[index].content)}</code></pre>\n"


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "typographer": False}).enable(["table", "strikethrough"])
    parser.use(dollarmath_plugin, allow_digits=True, double_inline=True).use(footnote_plugin)
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # markup.py judges addresses, and says so
    parser.add_render_rule("math_inline", _inline)
    parser.add_render_rule("math_inline_double", _block_inline)
    parser.add_render_rule("math_block", _block)
    parser.add_render_rule("fence", _fence)
    return parser


def _block_inline(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return maths.span(tokens[index].content, display=True)


_parser = _make_parser()
