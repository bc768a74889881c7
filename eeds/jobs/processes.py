"""Child processes that do not outlive their parent."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1

Command = Sequence[str | Path]


def die_with_parent(number: signal.Signals) -> Callable[[], None]:
    """What a child runs before it becomes its program: ask Linux for a signal when the parent is gone.

    The kernel counts the thread that forked as the parent: start children from the main thread. Other systems have
    nothing like it; there, a parent killed with -9 leaves its children behind.
    """
    parent = os.getpid()

    def request_signal() -> None:
        end_with_parent(number)
        if os.getppid() != parent:  # it died before we could ask
            os.kill(os.getpid(), signal.SIGKILL)

    return request_signal


def end_with_parent(number: signal.Signals) -> None:
    """Have this process sent a signal when its parent is gone, where the system can do that."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)


def spawn(
    command: Command,
    *,
    when_orphaned: signal.Signals,
    output: IO[bytes] | int | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a command in a process group of its own (Ctrl-C in the terminal is for the parent to pass on).

    With `user` it runs as that uid and its primary group, which only root may ask for.
    """
    return subprocess.Popen(  # noqa: S603 - our own programs
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=env,
        cwd=cwd,
        process_group=0,
        # the request for the signal must come after the change of user, which would take it back
        preexec_fn=die_with_parent(when_orphaned),
        user=user,
        group=None if user is None else pwd.getpwuid(user).pw_gid,
        extra_groups=None if user is None else [],
    )


def stop(process: subprocess.Popen[bytes], number: signal.Signals, seconds: float) -> None:
    """Ask a child to end with a signal, and end it after so many seconds."""
    if process.poll() is None:
        process.send_signal(number)
    await_end(process, seconds)


def await_end(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Give a child that has been asked to end so many seconds, then end it."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
