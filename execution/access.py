"""Who may see which submission; the permission table's half that concerns submissions, in one place.

What somebody may not see does not exist for them: callers answer 404.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Self
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse

from accounts.models import User
from execution.models import Kind, Submission

View = Callable[..., HttpResponse]


@dataclass(frozen=True)
class Viewer:
    """Who looks: a signed-in user, or nobody with a session."""

    user: User | None
    session: str

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        if isinstance(request.user, User):
            return cls(request.user, "")
        return cls(None, request.session.session_key or "")

    @property
    def is_staff(self) -> bool:
        return self.user is not None and self.user.is_staff


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whose a submission is: what access to it depends on, small enough to stand in a cache beside the answer."""

    kind: str
    owner: str
    session: str
    setter: str

    @classmethod
    def of(cls, submission: Submission) -> Self:
        """Of a submission whose problem is loaded, or that has none."""
        setter = submission.problem.owner_id if submission.problem else None
        return cls(submission.kind, _text(submission.owner_id), submission.session, _text(setter))

    def is_open_to(self, viewer: Viewer) -> bool:
        """Whether the viewer may read it with its code: its sender, its problem's setter (runs excepted), staff."""
        if viewer.is_staff or self.was_sent_by(viewer):
            return True
        return viewer.user is not None and self.kind != Kind.RUN and self.setter == str(viewer.user.pk)

    def may_cancel(self, viewer: Viewer) -> bool:
        """Its sender may, and staff."""
        return viewer.is_staff or self.was_sent_by(viewer)

    def was_sent_by(self, viewer: Viewer) -> bool:
        if viewer.user is not None:
            return self.owner == str(viewer.user.pk)
        return bool(viewer.session) and not self.owner and self.session == viewer.session


def staff_only(view: View) -> View:
    """For staff; whoever isn't signed in may do so first, for others there is no such page."""

    @login_required
    @wraps(view)
    def for_staff(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_staff:
            raise Http404
        return view(request, *args, **kwargs)

    return for_staff


def listed_for(viewer: Viewer) -> QuerySet[Submission]:
    """Whose verdict the viewer may see in lists: one's own, those on public or own problems, all for staff."""
    # Not by their kind: nearly all have it, but SQLite, not knowing that, would use its index and no better one.
    submissions = Submission.objects.exclude(kind__in=[Kind.RUN, Kind.JURY])
    if viewer.is_staff:
        return submissions
    public = Q(problem__is_public=True, problem__version__isnull=False)
    if viewer.user is not None:
        return submissions.filter(public | Q(owner=viewer.user) | Q(problem__owner=viewer.user))
    return submissions.filter(public)


def find(submission_id: UUID, viewer: Viewer) -> Submission:
    """The submission with its problem and current judgement. Raises DoesNotExist also where it isn't the viewer's."""
    submission = Submission.objects.select_related("problem", "current", "owner").get(pk=submission_id)
    if not Ownership.of(submission).is_open_to(viewer):
        raise Submission.DoesNotExist
    return submission


def _text(value: Any) -> str:
    return "" if value is None else str(value)
