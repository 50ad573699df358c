"""The API of submissions, runs and languages (design: POST answers 202 at once; reading is cached)."""

from collections.abc import Callable
from datetime import UTC
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError as DjangoValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.utils.decorators import method_decorator
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import generics, serializers
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from execution import access, archives, intake, presentation
from execution.access import Viewer
from execution.admission import Sender
from execution.languages import LANGUAGES, Language
from execution.listing import with_outcome
from execution.models import Kind, SourceFile, Submission
from execution.serializers import (
    AcceptedSerializer,
    ArchiveRequestSerializer,
    ErrorSerializer,
    LanguageSerializer,
    ListedSubmissionSerializer,
    RunRequestSerializer,
    RunSerializer,
    SourceSerializer,
    SubmissionRequestSerializer,
    SubmissionSerializer,
)
from execution.states import State
from execution.verdicts import Verdict
from judge.web.parsers import BoundedJSONParser
from judge.web.rates import RATE_HEADERS, tells_rates
from problems.models import Problem

T = TypeVar("T")

JSON = BoundedJSONParser.media_type
REFUSALS: dict[int, Any] = dict.fromkeys((400, 401, 411, 413, 415, 429, 503), ErrorSerializer)
SENDING_HEADERS = [
    OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[202], description="What was accepted."),
    OpenApiParameter(
        "Retry-After", int, OpenApiParameter.HEADER, response=[429, 503], description="Seconds to wait at least."
    ),
    *(
        OpenApiParameter(name, int, OpenApiParameter.HEADER, response=[202, 429], description=meaning)
        for name, meaning in RATE_HEADERS.items()
    ),
]
READ_ERRORS: dict[int, Any] = {404: ErrorSerializer}
CANCEL_ERRORS: dict[int, Any] = READ_ERRORS | {409: ErrorSerializer}


class NewestFirst(CursorPagination):
    """Pages that stay put while new submissions come in."""

    page_size = 50
    ordering = ("-created", "-id")

    def decode_cursor(self, request: Request) -> Any:
        """DRF trusts that a cursor's position is one; a made-up one is 404 like every other bad cursor."""
        cursor = super().decode_cursor(request)
        try:
            if cursor is not None and cursor.position is not None:
                Submission._meta.get_field("created").to_python(cursor.position).astimezone(UTC)
        except (DjangoValidationError, OverflowError):
            raise NotFound(self.invalid_cursor_message) from None
        return cursor


@method_decorator(tells_rates, name="dispatch")
class SubmissionListView(generics.ListAPIView[Submission]):
    """GET lists submissions with their verdicts, newest first; POST submits a program: JSON, or a form with a zip."""

    permission_classes = [AllowAny]
    parser_classes = [BoundedJSONParser, MultiPartParser]
    serializer_class = ListedSubmissionSerializer
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[Submission]:
        submissions = access.listed_for(Viewer.of(self.request))
        for parameter, narrow in _FILTERS.items():
            if (value := self.request.query_params.get(parameter)) is not None:
                submissions = narrow(submissions, value.replace("\0", ""))  # which PostgreSQL refuses
        return submissions.select_related("problem", "owner", "current")

    @extend_schema(
        parameters=[OpenApiParameter(name) for name in ("problem", "user")]
        + [OpenApiParameter("status", enum=State.values), OpenApiParameter("verdict", enum=list(Verdict))],
        responses={200: ListedSubmissionSerializer(many=True), 400: ErrorSerializer},
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @extend_schema(
        request={JSON: SubmissionRequestSerializer, MultiPartParser.media_type: ArchiveRequestSerializer},
        parameters=SENDING_HEADERS,
        responses={202: AcceptedSerializer} | REFUSALS,
    )
    def post(self, request: Request) -> Response:
        sender = Sender.of(request)
        is_form = (request.content_type or "").startswith(MultiPartParser.media_type)
        fields = _valid(ArchiveRequestSerializer if is_form else SubmissionRequestSerializer, request)
        language = intake.language_named(fields["language"])
        problem = _problem(fields["problem"], request)
        files = _files(language, fields)
        return _accepted(intake.submit(sender, problem, language, files))


class SubmissionView(APIView):
    """One submission: its state, and what became of it on every test."""

    permission_classes = [AllowAny]

    @extend_schema(responses={200: SubmissionSerializer} | READ_ERRORS)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(_or_404(lambda: presentation.polled(pk, Viewer.of(request))))


class SourceView(APIView):
    """A submission's files."""

    permission_classes = [AllowAny]

    @extend_schema(responses={200: SourceSerializer} | READ_ERRORS)
    def get(self, request: Request, pk: UUID) -> Response:
        submission = _or_404(lambda: access.find(pk, Viewer.of(request)))
        return Response({"id": str(submission.pk), "language": submission.language, "files": submission.files})


class CancelView(APIView):
    """Takes a submission out of the queue."""

    permission_classes = [AllowAny]
    is_run = False

    @extend_schema(request=None, responses={200: SubmissionSerializer} | CANCEL_ERRORS)
    def post(self, request: Request, pk: UUID) -> Response:
        viewer = Viewer.of(request)
        if (_or_404(lambda: access.find(pk, viewer)).kind == Kind.RUN) != self.is_run:
            raise Http404
        _or_404(lambda: intake.cancel(pk, viewer))
        return Response(presentation.polled(pk, viewer, is_run=self.is_run))


@extend_schema_view(post=extend_schema(request=None, responses={200: RunSerializer} | CANCEL_ERRORS))
class CancelRunView(CancelView):
    """Takes a run out of the queue."""

    is_run = True


@method_decorator(tells_rates, name="dispatch")
class RunListView(APIView):
    """Runs a program on one's own input; nothing is judged."""

    permission_classes = [AllowAny]

    @extend_schema(
        request=RunRequestSerializer, parameters=SENDING_HEADERS, responses={202: AcceptedSerializer} | REFUSALS
    )
    def post(self, request: Request) -> Response:
        sender = Sender.of(request)
        fields = _valid(RunRequestSerializer, request)
        language = intake.language_named(fields["language"])
        files = _files(language, fields)
        text = intake.checked_input(fields["input"])
        return _accepted(intake.run(sender, language, files, text))


class RunView(APIView):
    """One run: its state, and what it printed."""

    permission_classes = [AllowAny]

    @extend_schema(responses={200: RunSerializer} | READ_ERRORS)
    def get(self, request: Request, pk: UUID) -> Response:
        return Response(_or_404(lambda: presentation.polled(pk, Viewer.of(request), is_run=True)))


class LanguageListView(APIView):
    """The languages that programs may be written in."""

    permission_classes = [AllowAny]
    authentication_classes = []

    @extend_schema(responses={200: LanguageSerializer(many=True)})
    def get(self, request: Request) -> Response:
        return Response(LanguageSerializer(LANGUAGES.values(), many=True).data)


def _valid(serializer_class: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _problem(slug: str, request: Request) -> Problem:
    unknown = ValidationError({"problem": [f"There is no problem {slug!r}."]})
    try:
        problem = Problem.objects.with_version_to_submit_to().get(slug=slug)
    except Problem.DoesNotExist:
        raise unknown from None
    if not problem.is_visible_to(request.user):
        raise unknown
    return problem


def _files(language: Language, fields: dict[str, Any]) -> list[SourceFile]:
    """The program, given as one text, as several files or as a zip of them."""
    if "archive" in fields:
        return archives.zipped_files(language, fields["archive"].read(), "archive")
    if ("code" in fields) == ("files" in fields):
        raise ValidationError({"code": ["Give either code or files."]})
    if "code" in fields:
        return intake.single_file(language, fields["code"])
    return intake.checked_files(
        language, [SourceFile(name=file["name"], content=file["content"]) for file in fields["files"]]
    )


def _accepted(submission: Submission) -> Response:
    url = submission.api_url
    body = {"id": str(submission.pk), "status": State.QUEUED, "url": url}
    return Response(body, status=202, headers={"Location": url})


def _or_404(find: Callable[[], T]) -> T:
    try:
        return find()
    except Submission.DoesNotExist:
        raise Http404 from None


def _choice(parameter: str, choices: list[str], value: str) -> str:
    if value not in choices:
        raise ValidationError({parameter: [f"One of {', '.join(choices)}."]})
    return value


_FILTERS: dict[str, Callable[[QuerySet[Submission], str], QuerySet[Submission]]] = {
    "problem": lambda submissions, slug: submissions.filter(problem__slug=slug),
    "user": lambda submissions, name: submissions.filter(owner__username=name),
    "status": lambda submissions, state: with_outcome(submissions, state=_choice("status", State.values, state)),
    "verdict": lambda submissions, verdict: with_outcome(
        submissions, verdict=_choice("verdict", list(Verdict), verdict)
    ),
}
