"""What script/check says of translations: of those that there are, and of what can be wrong with them."""

from pathlib import Path

import pytest

from launcher import messages

PO = Path("zh_Hans/LC_MESSAGES/django.po")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of one template, whole."""
    for source in messages.SOURCES:
        (tmp_path / source).mkdir()
    (tmp_path / "templates/a.html").write_text('{% load i18n %}{% translate "Good" %}{% translate "Bad" %}')
    (tmp_path / "locale" / PO).parent.mkdir(parents=True)
    head = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
    (tmp_path / "locale" / PO).write_text(f'{head}\nmsgid "Good"\nmsgstr "好"\n\nmsgid "Bad"\nmsgstr "坏"\n')
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    messages.make()
    return tmp_path


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_ours_are_whole() -> None:
    assert messages.wanting() == []


def test_a_whole_one_wants_nothing(tree: Path) -> None:
    assert messages.wanting() == []


def test_a_new_text_is_missed(tree: Path) -> None:
    rewrite(tree / "templates/a.html", "Bad", "Worse")
    assert any("Worse" in line for line in messages.wanting())
    assert "locale/zh_Hans/LC_MESSAGES/django.po is not of these sources: run script/messages." in messages.wanting()
    messages.make()
    assert len(messages.wanting()) == 1


def test_a_text_without_a_translation_is_missed(tree: Path) -> None:
    rewrite(tree / "locale" / PO, "坏", "")
    messages.make()
    assert messages.wanting() == ['zh_Hans: "Bad" is not translated.']


def test_a_guess_is_no_translation(tree: Path) -> None:
    rewrite(tree / "locale" / PO, 'msgid "Bad"', '#, fuzzy\nmsgid "Bad"')
    messages.make()
    assert messages.wanting() == ['zh_Hans: "Bad" is only guessed (fuzzy).']


def test_what_is_compiled_is_of_what_is_written(tree: Path) -> None:
    rewrite(tree / "locale" / PO, "坏", "不好")
    assert messages.wanting() == ["locale/zh_Hans/LC_MESSAGES/django.mo is not of its django.po: run script/messages."]
    messages.make()
    assert messages.wanting() == []
