"""Characters that can't be seen, made visible: what turns the direction of a text round may hide what a program does.

Those are the controls, but for tab and line break, and all that Unicode calls format characters, line or paragraph
separators; and some letters that are drawn as nothing.
"""

import re
from html import escape

UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def revealed(text: str) -> str:
    """The text as HTML, in which unseen characters stand as their code points, in elements that scripts can undo."""
    return UNSEEN.sub(_code_point, escape(text.replace("\r\n", "\n")))


def _code_point(match: re.Match[str]) -> str:
    code = f"{ord(match[0]):04X}"
    return f'<span class="unseen" data-code="{code}">U+{code}</span>'
