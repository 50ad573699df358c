"""`script/messages`: the texts of the pages, and their translations.

Sources mark the texts (English). They are collected in a directory of links, so that a check can collect them anew and
change nothing. The compiled catalogues are committed, so that Verdict needs no gettext to run.
"""

import gettext
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher.console import Console, Failure
from launcher.home import ROOT

LANGUAGES = ("zh_Hans",)
SOURCES = ("accounts", "execution", "health", "judge", "problems", "templates")
PACKAGE = "gettext"  # Debian's
_MADE = re.compile(r'^"POT-Creation-Date:.*\n', re.MULTILINE)


def messages(console: Console) -> int:
    """Collect and compile; 1 where something is still to be translated."""
    if not is_possible():
        raise Failure(f"This needs gettext: apt-get install {PACKAGE}")
    make()
    for line in (open_ends := wanting()):
        console.say(line)
    return 1 if open_ends else 0


def make() -> None:
    """Collect the texts, and compile what is translated of them."""
    with _collected() as locale:
        for language in LANGUAGES:
            if _without_date(_po(locale, language)) != _without_date(_po(ROOT / "locale", language)):
                shutil.copy(_po(locale, language), _po(ROOT / "locale", language))
    for language in LANGUAGES:
        _compile(_po(ROOT / "locale", language), _mo(language))


def is_possible() -> bool:
    return all(shutil.which(tool) for tool in ("xgettext", "msgmerge", "msgfmt", "msgattrib"))


def wanting() -> list[str]:
    """What is wrong with the translations as they are, in words; none if they are whole."""
    with _collected() as locale:
        return [line for language in LANGUAGES for line in _wanting(locale, language)]


def _wanting(locale: Path, language: str) -> Iterator[str]:
    fresh, kept = _po(locale, language), _po(ROOT / "locale", language)
    if _without_date(fresh) != _without_date(kept):
        yield f"{kept.relative_to(ROOT)} is not of these sources: run script/messages."
    for flag, words in (("--untranslated", "is not translated"), ("--only-fuzzy", "is only guessed (fuzzy)")):
        for text in _ids(subprocess.check_output(["msgattrib", flag, "--no-wrap", fresh], text=True)):
            yield f"{language}: {text} {words}."
    compiled = locale / "compiled.mo"
    _compile(kept, compiled)
    if not _mo(language).is_file() or _catalogue(compiled) != _catalogue(_mo(language)):
        yield f"{_mo(language).relative_to(ROOT)} is not of its django.po: run script/messages."


@contextmanager
def _collected() -> Iterator[Path]:
    """A copy of locale/ with the texts that the sources have now."""
    with tempfile.TemporaryDirectory(prefix="verdict-messages-") as name:
        copy = Path(name)
        for source in SOURCES:
            (copy / source).symlink_to(ROOT / source)
        shutil.copytree(ROOT / "locale", copy / "locale")
        command = [sys.executable, "-m", "django", "makemessages", "--symlinks", "--no-location", "--no-wrap"]
        command += ["--no-obsolete", *(f"--locale={language}" for language in LANGUAGES)]
        done = subprocess.run(command, cwd=copy, env=_without_settings(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failure(f"The texts could not be collected:\n{done.stderr}")
        yield copy / "locale"


def _without_settings() -> dict[str, str]:
    return {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}


def _compile(po: Path, mo: Path) -> None:
    done = subprocess.run(["msgfmt", "--check", "-o", mo, po], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Failure(done.stderr)


def _po(locale: Path, language: str) -> Path:
    return locale / language / "LC_MESSAGES" / "django.po"


def _mo(language: str) -> Path:
    return _po(ROOT / "locale", language).with_suffix(".mo")


def _without_date(po: Path) -> str:
    return _MADE.sub("", po.read_text())


def _catalogue(mo: Path) -> dict[object, str]:
    with mo.open("rb") as file:
        texts: dict[object, str] = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    return {key: text for key, text in texts.items() if key}  # but for the head


def _ids(po: str) -> list[str]:
    """The texts of a catalogue, but for its head; of each the first line."""
    return [text for text in re.findall(r'^msgid (".*")$', po, re.MULTILINE) if text != '""']
