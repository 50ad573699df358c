"""The API of problems. Anybody may read what is public, without signing in."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from problems import cache
from problems.models import Problem
from problems.serializers import ListedProblemSerializer, ProblemSerializer


class ProblemListView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(operation_id="problems_list", responses=ListedProblemSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The public problems, by slug."""
        return Response(cache.problem_list())


class ProblemView(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="problems_retrieve",
        responses={200: ProblemSerializer, 404: OpenApiResponse(description="None of that slug, or none for you.")},
    )
    def get(self, request: Request, slug: str) -> Response:
        """One problem: statements, samples, limits, credits."""
        try:
            return Response(cache.problem_detail(slug, request.user))
        except Problem.DoesNotExist:
            raise NotFound from None
