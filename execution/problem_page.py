"""What the script of a problem's page (static/js/problem.js) is handed: its words, and what it tells files by."""

import json

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from execution.languages import LANGUAGES
from execution.verdicts import Verdict

WORDS = {
    "sending": _("Sending…"),
    "busy": _("Wait until what you sent last has come to its end."),
    "queued": _("Waiting in the queue"),
    "place": _("Waiting in the queue: place {place}"),
    "running": _("Being judged"),
    "run running": _("Running"),
    "count": _("Test {number} of {total}"),
    "failed": _("Not judged"),
    "stopped": _("No result yet"),
    "gone": _("Not found"),
    "refused": _("Not sent"),
    "unreachable": _("The server does not answer. Your program is kept in this browser: try again in a moment."),
    "on test": _("{verdict} on test {number}"),
    "see sample": _("See the sample below."),
    "secret": _("It is a secret test: what is in it is not shown."),
    "see compiler": _("See what the compiler says."),
    "ran": _("Ran to its end"),
    "figures": _("{time} ms, {memory} MB"),
    "input": _("Input"),
    "expected": _("Expected"),
    "printed": _("Printed"),
    "errors": _("Error output"),
    "compiler": _("Compiler"),
    "nothing": _("Nothing."),
    "loaded": _("{name} is in the editor now."),
    "file as it is": _("{name} is sent as it is, instead of what is in the editor."),
    "program": _("Program"),
    "leaving": _("Press Escape, then Tab, to leave the editor."),
}


def words_json() -> str:
    """In the reader's language; verdicts by their codes."""
    verdicts = {verdict.value: gettext(verdict.words) for verdict in Verdict}
    return json.dumps(verdicts | {key: str(words) for key, words in WORDS.items()}, ensure_ascii=False)


EXTENSIONS_JSON = json.dumps({language.id: language.extensions for language in LANGUAGES.values()})
