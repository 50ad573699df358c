"""The shape of the API's answers about problems, for its description; `problems.detail` makes them."""

from rest_framework import serializers


class ListedProblemSerializer(serializers.Serializer[object]):
    slug = serializers.SlugField()
    title = serializers.CharField()
    timeLimitMs = serializers.IntegerField(allow_null=True, help_text="CPU time; null until it has been measured.")
    memoryLimitMb = serializers.IntegerField()
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    keywords = serializers.ListField(child=serializers.CharField())


class StatementSerializer(serializers.Serializer[object]):
    language = serializers.CharField(help_text="Like en or pt-BR.")
    title = serializers.CharField()
    html = serializers.CharField(
        allow_blank=True,
        help_text='Sanitised. A formula is <span class="math inline" data-tex="…"> (or math display) in a plain form.',
    )
    pdf = serializers.CharField(allow_null=True, help_text="The address of the statement as a PDF.")
    inlineSamples = serializers.ListField(
        child=serializers.IntegerField(), help_text="Numbers of the samples that stand in the HTML already."
    )


class SampleSerializer(serializers.Serializer[object]):
    number = serializers.IntegerField()
    input = serializers.CharField(help_text="At most 64 KiB of it.")
    output = serializers.CharField(help_text="At most 64 KiB of it.")


class AttachmentSerializer(serializers.Serializer[object]):
    name = serializers.CharField()
    url = serializers.CharField()


class CreditsSerializer(serializers.Serializer[object]):
    author = serializers.CharField(allow_blank=True)
    source = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    sourceUrl = serializers.CharField(allow_blank=True)
    license = serializers.CharField()
    rightsOwner = serializers.CharField(allow_blank=True)


class ProblemSerializer(ListedProblemSerializer):
    ownerId = serializers.UUIDField()
    isPublic = serializers.BooleanField()
    trouble = serializers.CharField(allow_blank=True, help_text="Why its time limit can't be measured, if so.")
    version = serializers.IntegerField()
    outputLimitMb = serializers.IntegerField()
    languages = serializers.ListField(child=serializers.CharField(), help_text="Those it may be solved in; none: all.")
    statements = StatementSerializer(many=True)
    samples = SampleSerializer(many=True)
    attachments = AttachmentSerializer(many=True)
    credits = CreditsSerializer()
