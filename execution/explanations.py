"""What became of a program, for those who meet it for the first time."""

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from execution.verdicts import Verdict

_VERDICTS: dict[str, Promise] = {
    Verdict.WA: _("It ran to its end, but printed something other than was expected."),
    Verdict.TLE: _(
        "It took more time than the limit allows. Look for a way with fewer steps, or for a loop that never ends."
    ),
    Verdict.MLE: _(
        "It used more memory than the limit allows. Look at the size of its arrays, and at what it never lets go."
    ),
    Verdict.OLE: _(
        "It printed more than it may. Look for a loop that prints without end, or for output meant for you alone."
    ),
    Verdict.CE: _("It could not be compiled, so that no test was run."),
}
_WAITED = _(
    "It used little time itself, but the clock ran out: it waited. Look for input that it reads and that never comes."
)

_SIGNALS: dict[str, Promise] = {
    "SIGSEGV": _(
        "It used memory that isn't its own. Most often an index is beyond the end of an array, a pointer leads nowhere "
        "(null, or already freed), or a recursion is so deep that the stack is full."
    ),
    "SIGBUS": _("It used an address that there is no memory for. Most often a pointer leads nowhere."),
    "SIGABRT": _(
        "It gave up by itself. Most often an exception was not caught, an assert failed, or memory was freed twice or "
        "written beyond its end."
    ),
    "SIGFPE": _("It divided a whole number by zero, or took a remainder by zero."),
    "SIGILL": _("It came to an instruction that there isn't: often a function that ends without its return."),
    "SIGTRAP": _("Its run time stopped it. Most often it had no memory left."),
    "SIGKILL": _("It was killed. Most often it started too many processes or threads, or it killed itself."),
    "SIGSYS": _("It asked the system for something that programs may not do here, such as using the network."),
    "SIGPIPE": _("It went on writing to somewhere that nobody reads from any more."),
    "SIGXFSZ": _("It wrote a file that is larger than files may be here."),
}

# By language and exit code; "" stands for all others.
_EXIT_CODES: dict[tuple[str, int], Promise] = {
    ("python3", 1): _("Most often an exception was not caught: the last line of its error output says which."),
    ("pypy3", 1): _("Most often an exception was not caught: the last line of its error output says which."),
    ("java", 1): _("Most often an exception was not caught: the first line of its error output says which."),
    ("javascript", 1): _("Most often an error was not caught: its error output says which, and where."),
    ("go", 2): _("It panicked: its error output says why. An index out of range does that, or a nil map or pointer."),
    ("rust", 101): _("It panicked: its error output says why. An index out of range does that, or unwrap on None."),
    ("", 126): _("That code usually says that something which was to be started may not be run."),
    ("", 127): _("That code usually says that something which was to be started was not found."),
    ("", 134): _("That code usually stands for SIGABRT: it gave up by itself, such as at a failed assert."),
    ("", 136): _("That code usually stands for SIGFPE: it divided by zero."),
    ("", 137): _("That code usually stands for SIGKILL: it was killed, most often for want of memory."),
    ("", 139): _("That code usually stands for SIGSEGV: it used memory that isn't its own."),
}
_ANY_EXIT_CODE = _(
    "A program that ends well ends with exit code 0. In C and C++ that is what main returns: let it return 0."
)


def verdict_explained(verdict: str, detail: str, language: str) -> str:
    """What a verdict other than AC means; `detail` is that of the test which decided it (`engine.TestOutcome`)."""
    if verdict == Verdict.RE:
        ended = gettext("It did not run to its end, but stopped with %(ending)s.") % {"ending": detail}
        return f"{ended} {ending_explained(detail, language)}".strip()
    if verdict == Verdict.TLE and detail:
        return str(_WAITED)
    return str(_VERDICTS[verdict])


def ending_explained(detail: str, language: str) -> str:
    """What an ending ("SIGSEGV", "exit code 1": `execution.compilation.ending`) usually means; "" if that isn't known.

    `language` is the code of the language that the program is written in.
    """
    if detail in _SIGNALS:
        return str(_SIGNALS[detail])
    code = detail.removeprefix("exit code ")
    if code == detail or not code.isdecimal():
        return gettext("It was ended by a signal.") if detail.startswith("signal ") else ""
    known = _EXIT_CODES.get((language, int(code))) or _EXIT_CODES.get(("", int(code)))
    return str(known or _ANY_EXIT_CODE)
