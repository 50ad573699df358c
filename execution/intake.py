"""Takes submissions and runs in: checks them, finds them a place, and queues them; and takes them out again."""

import re
from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework.exceptions import APIException, ValidationError

from execution import admission, presentation, queueing
from execution.access import Ownership, Viewer, find
from execution.admission import Sender
from execution.availability import is_available, why_not
from execution.languages import LANGUAGES, Language
from execution.models import Judgement, Kind, SourceFile, Submission
from execution.states import ADMITTED, Priority, State
from problems.models import Problem, ProblemVersion

CANCELLED = "Cancelled by its sender."
CANCELLED_BY_STAFF = "Cancelled by the staff."
MAX_FILES = 20
MAX_INPUT_BYTES = 64 * 1024
MAX_NAME = 100  # of a file with its directories: characters
_FILE_NAME = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.+-]*/){0,7}[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_NAMING = f"Letters, digits, '_', '-', '+' and '.' will do, {MAX_NAME} at most, in up to 7 directories."


class NotQueued(APIException):
    """409: what isn't queued any more can't be taken out of the queue."""

    status_code = 409
    default_detail = "It is not queued any more."


def language_named(name: str) -> Language:
    """Raises ValidationError for an unknown one."""
    language = LANGUAGES.get(name)
    if language is None:
        known = ", ".join(sorted(LANGUAGES))
        raise ValidationError({"language": [f"There is no language {name!r}. There are: {known}."]})
    return language


def checked_files(language: Language, files: Sequence[SourceFile], field: str = "files") -> list[SourceFile]:
    """The files, if they are valid: at most 64 KiB of UTF-8 without NUL in all. Raises ValidationError."""
    names = [file["name"] for file in files]
    if not files or not any(file["content"].strip() for file in files):
        raise ValidationError({field: ["The program is empty."]})
    if len(files) > MAX_FILES:
        raise ValidationError({field: [f"At most {MAX_FILES} files."]})
    if len(set(names)) < len(names):
        raise ValidationError({field: ["Two files have the same name."]})
    for name in names:
        if len(name) > MAX_NAME or not _FILE_NAME.fullmatch(name):
            raise ValidationError({field: [f"Not a file name: {name!r:.120}. {_NAMING}"]})
    if both := {name for name in names if any(other.startswith(f"{name}/") for other in names)}:
        raise ValidationError({field: [f"{min(both)!r} is both a file and a directory."]})
    if language.entry(names) is None:
        raise ValidationError({field: [f"No file is a {language.name} program: name one like {language.source_name}."]})
    size = sum(len(_utf8(file["content"], field)) for file in files)
    if size > settings.MAX_SOURCE_BYTES:
        raise ValidationError({field: [f"The program has {size} bytes; {settings.MAX_SOURCE_BYTES} are allowed."]})
    return list(files)


def single_file(language: Language, code: str) -> list[SourceFile]:
    """A program that is one text, as the list of files that it makes. Raises ValidationError."""
    return checked_files(language, [{"name": language.source_name, "content": code}], field="code")


def checked_input(text: str) -> str:
    """A run's own input. Raises ValidationError."""
    if len(_utf8(text, "input")) > MAX_INPUT_BYTES:
        raise ValidationError({"input": [f"At most {MAX_INPUT_BYTES} bytes."]})
    return text


def submit(sender: Sender, problem: Problem, language: Language, files: list[SourceFile]) -> Submission:
    """Accept a submission whose files were checked, if the problem, the rate and the queue take it.

    Raises ValidationError where the problem takes none, or none in that language, TooManyRequests and Busy.
    """
    if problem.version is None:
        raise ValidationError({"problem": ["It takes no submissions until its time limit has been measured."]})
    allowed = problem.version.languages
    if allowed and language.id not in allowed:
        raise ValidationError({"language": [f"This problem is to be solved in {', '.join(sorted(allowed))}."]})
    submission = Submission(
        kind=Kind.SUBMISSION,
        problem=problem,
        owner=sender.user,
        session=sender.session,
        language=language.id,
        files=files,
    )
    return _accept(sender, submission, problem.version, Priority.SUBMISSION)


def run(sender: Sender, language: Language, files: list[SourceFile], text: str) -> Submission:
    """Accept a run on the sender's own input. Raises ValidationError, TooManyRequests and Busy."""
    submission = Submission(
        kind=Kind.RUN, owner=sender.user, session=sender.session, language=language.id, files=files, input=text
    )
    return _accept(sender, submission, None, Priority.RUN)


def cancel(submission_id: UUID, viewer: Viewer) -> Submission:
    """Take a submission or a run out of the queue.

    Raises Submission.DoesNotExist where the viewer may not, NotQueued if it isn't there any more.
    """
    submission = find(submission_id, viewer)
    ownership = Ownership.of(submission)
    if not ownership.may_cancel(viewer):
        raise Submission.DoesNotExist
    why = CANCELLED if ownership.was_sent_by(viewer) else CANCELLED_BY_STAFF
    queued = Judgement.objects.filter(submission=submission, state=State.QUEUED, priority__in=ADMITTED)
    with transaction.atomic():
        admission.give_place_back()
        if queued.update(state=State.FAILED, failure=why, finished_at=timezone.now()) != 1:
            raise NotQueued
        presentation.publish(submission_id)
    return submission


def _accept(sender: Sender, submission: Submission, version: ProblemVersion | None, priority: Priority) -> Submission:
    if not is_available(submission.language):
        raise ValidationError({"language": [why_not(submission.language)]})
    admission.check_rate(sender)
    admission.check_open(submission.problem)
    take_place = admission.place_for(sender)
    with transaction.atomic():
        take_place()
        queueing.enqueue(submission, version, priority)
    return submission


def _utf8(text: str, field: str) -> bytes:
    if "\0" in text:
        raise ValidationError({field: ["It contains a NUL character."]})
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise ValidationError({field: ["It is not valid Unicode text."]}) from None
