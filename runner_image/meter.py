"""What a run is measured by."""

import abc


class Meter(abc.ABC):
    """Readings that only grow, or are compared with one another: a run is the difference between two.

    `rest_bytes` is the memory held when nothing had run yet.
    """

    rest_bytes = 0

    @abc.abstractmethod
    def cpu_ns(self) -> int:
        """CPU time of every process but the agent, so far: nanoseconds."""

    @abc.abstractmethod
    def memory_bytes(self) -> int:
        """Memory held just now: bytes."""

    @abc.abstractmethod
    def oom_kills(self) -> int:
        """How many processes the kernel has killed for want of memory."""
