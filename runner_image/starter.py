"""Has programs started by small processes of ours, which fork faster and leaner than the agent does.

Such a process is root's and asleep between two requests. A request is one packet: the command's words, each with a NUL
after it, and the program's three streams as descriptors. The answer is one packet, too (native/program.h). What was
started is the agent's own child.
"""

import array
import os
import signal
import socket
import struct
from collections.abc import Mapping, Sequence

from runner_image.refusal import StartError

_ANSWER = struct.Struct("=iiq")  # struct answer: pid, errno, nanoseconds
_SECONDS = 10.0  # for an answer
_CHILDS_END = 3
_DEFAULT_SIGNALS = (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ)  # Python ignores the last two


class Starter:
    """A process that starts programs. `pid` is its own. What it has to say itself goes where the agent's words go."""

    def __init__(self, command: list[str], environment: Mapping[str, str]) -> None:
        """Raises StartError."""
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.settimeout(_SECONDS)
        pipes = [os.pipe() for _ in range(2)]  # nobody uses them; but pipes is what its programs will have
        streams = [(pipes[0][0], 0), (pipes[1][1], 1), (theirs.fileno(), _CHILDS_END)]
        try:
            self.pid = os.posix_spawnp(
                command[0],
                command,
                environment,
                file_actions=[(os.POSIX_SPAWN_DUP2, fd, number) for fd, number in streams],
                setsigdef=_DEFAULT_SIGNALS,
            )
        except OSError as error:
            raise StartError(f"{command[0]}: {error.strerror}") from error
        finally:
            theirs.close()
            for fd in (end for pipe in pipes for end in pipe):
                os.close(fd)
        self._answer()

    def start(self, argv: Sequence[str], streams: Sequence[int]) -> tuple[int, int]:
        """Start a program; its pid, and the CPU time that starting it took: nanoseconds. Raises StartError."""
        request = b"".join(os.fsencode(word) + b"\0" for word in argv)
        descriptors = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", streams))
        try:
            self._socket.sendmsg([request], [descriptors])
        except OSError as error:
            raise StartError(f"the starter is gone: {error.strerror}") from error
        return self._answer()

    def _answer(self) -> tuple[int, int]:
        try:
            pid, error, setup_ns = _ANSWER.unpack(self._socket.recv(_ANSWER.size))
        except (OSError, struct.error) as problem:
            raise StartError(f"the starter doesn't answer: {problem}") from problem
        if error:
            raise StartError(os.strerror(error))
        return pid, setup_ns
