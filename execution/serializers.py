"""The shapes of what the API takes and gives, as its description shows them."""

from typing import Any

from rest_framework import serializers

from execution.availability import is_available
from execution.languages import Language
from execution.models import Submission
from execution.states import State
from execution.verdicts import Verdict

VERDICTS = [(verdict.value, verdict.words) for verdict in Verdict]


class Text(serializers.CharField):
    """A string and nothing else: DRF would take a number for its digits."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class PlainText(Text):
    """Text exactly as it came: a program's white space matters, and what it may hold is checked at intake."""

    def __init__(self, **options: Any) -> None:
        super().__init__(trim_whitespace=False, allow_blank=True, **options)
        self.validators = []  # no refusal of NUL here: intake says it in better words


class SourceFileSerializer(serializers.Serializer[Any]):
    name = Text(max_length=100)
    content = PlainText()


class RunRequestSerializer(serializers.Serializer[Any]):
    """One program: `code`, or `files`."""

    language = Text(max_length=32)
    code = PlainText(required=False)
    files = SourceFileSerializer(many=True, required=False)
    input = PlainText(default="")


class SubmissionRequestSerializer(serializers.Serializer[Any]):
    """One program for a problem: `code`, or `files`."""

    problem = Text(max_length=100)
    language = Text(max_length=32)
    code = PlainText(required=False)
    files = SourceFileSerializer(many=True, required=False)


class ArchiveRequestSerializer(serializers.Serializer[Any]):
    """One program for a problem, as a zip of its source files."""

    problem = Text(max_length=100)
    language = Text(max_length=32)
    archive = serializers.FileField()


class AcceptedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=State.choices)
    url = serializers.CharField()


class ProgressSerializer(serializers.Serializer[Any]):
    done = serializers.IntegerField()
    total = serializers.IntegerField()


class TestSerializer(serializers.Serializer[Any]):
    __test__ = False  # not pytest's

    number = serializers.IntegerField()
    verdict = serializers.ChoiceField(choices=VERDICTS)
    timeMs = serializers.IntegerField()
    memoryKb = serializers.IntegerField()
    isSample = serializers.BooleanField()
    detail = serializers.CharField()
    stdout = serializers.CharField(required=False)
    stderr = serializers.CharField(required=False)


class _JudgedSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    language = serializers.CharField()
    created = serializers.DateTimeField()
    status = serializers.ChoiceField(choices=State.choices)
    verdict = serializers.ChoiceField(choices=VERDICTS, allow_null=True)
    progress = ProgressSerializer()
    tests = TestSerializer(many=True)
    timeMs = serializers.IntegerField(allow_null=True)
    memoryKb = serializers.IntegerField(allow_null=True)
    compileOutput = serializers.CharField()
    failure = serializers.CharField(allow_null=True)
    place = serializers.IntegerField(allow_null=True, help_text="In the queue, while it is queued: 1 is the next one.")
    paused = serializers.BooleanField(help_text="It is queued, and judging is paused: it is judged later.")


class SubmissionSerializer(_JudgedSerializer):
    problem = serializers.CharField()
    score = serializers.FloatField(allow_null=True)


class RunSerializer(_JudgedSerializer):
    stdout = serializers.CharField()
    stderr = serializers.CharField()


class SourceSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    language = serializers.CharField()
    files = SourceFileSerializer(many=True)


class ListedSubmissionSerializer(serializers.ModelSerializer[Submission]):
    """A submission as everybody may see it: without its tests and its code."""

    problem = serializers.CharField(source="problem.slug")
    user = serializers.CharField(source="owner.username", default=None, allow_null=True)
    status = serializers.ChoiceField(source="current.state", choices=State.choices)
    verdict = serializers.SerializerMethodField()
    score = serializers.FloatField(source="current.score", allow_null=True)
    timeMs = serializers.IntegerField(source="current.time_ms", allow_null=True)
    memoryKb = serializers.IntegerField(source="current.memory_kb", allow_null=True)

    class Meta:
        model = Submission
        fields = ["id", "problem", "user", "language", "created", "status", "verdict", "score", "timeMs", "memoryKb"]

    def get_verdict(self, submission: Submission) -> str | None:
        return (submission.current.verdict if submission.current else "") or None


class LanguageSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    sourceName = serializers.CharField(source="source_name")
    timeFactor = serializers.FloatField(source="time_factor")
    timeExtraMs = serializers.IntegerField(source="time_extra_ms")
    memoryExtraKb = serializers.IntegerField(source="memory_extra_kb")
    available = serializers.SerializerMethodField(help_text="Whether it can be judged at present.")

    def get_available(self, language: Language) -> bool:
        return is_available(language.id)


class ErrorSerializer(serializers.Serializer[Any]):
    """The one shape of every error."""

    message = serializers.CharField()
    status = serializers.IntegerField()
    timestamp = serializers.DateTimeField()
    path = serializers.CharField()
    requestId = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        """`errors` is also a property of serializers, so it can't be declared like the others."""
        messages = serializers.ListField(child=serializers.CharField())
        return super().get_fields() | {"errors": serializers.DictField(child=messages, required=False)}
