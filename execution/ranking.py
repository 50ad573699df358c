"""The ranking: points, then problems solved, then who was there first. `execution.standing` says what gives points."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from execution.models import Rank

PAGE_SIZE = 50


@require_safe
def ranking(request: HttpRequest) -> HttpResponse:
    """Page by page, and where the reader is."""
    rows = Rank.objects.filter(user__is_active=True).select_related("user")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    own = place_of(request.user) if isinstance(request.user, User) else None
    context = {
        "page": page,
        "rows": list(enumerate(page, page.start_index())),
        "own": own,
        "own_page": (own - 1) // PAGE_SIZE + 1 if own else None,
    }
    return render(request, "execution/ranking.html", context)


def place_of(user: User) -> int | None:
    """From 1; None where they have solved nothing yet, as far as is known."""
    rank = Rank.objects.filter(user=user).first()
    if rank is None:
        return None
    same_points = Q(points=rank.points)
    same_solved = same_points & Q(solved=rank.solved)
    same_moment = same_solved & Q(last_solved_at=rank.last_solved_at)
    ahead = (
        Q(points__gt=rank.points)
        | same_points & Q(solved__gt=rank.solved)
        | same_solved & Q(last_solved_at__lt=rank.last_solved_at)
        | same_moment & Q(user__lt=user.pk)
    )
    return Rank.objects.filter(ahead, points__gte=rank.points, user__is_active=True).count() + 1
