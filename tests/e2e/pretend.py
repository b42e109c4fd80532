"""Systems that are not the one we run on: another user, a filter, settings of
the kernel that read otherwise. For one process each; nothing is changed."""

import ctypes
import functools
import os
import shutil
import struct
import subprocess
import traceback

import harness
from harness import Mismatch

NOBODY = 65534


def obstacle(launcher):
    """Why nobody else can run the launcher; None if it can be done."""
    if os.geteuid() != 0:
        return "all tests run without rights here"
    for path in (launcher.command[-1], harness.ROOT):
        for folder in (os.path.abspath(path), *map(
                str, harness.pathlib.Path(os.path.abspath(path)).parents)):
            if not os.stat(folder).st_mode & 1:
                return f"another user may not enter {folder}"
    return None


def become_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def as_nobody(case):
    """The case in a process of another user, who owns its folder."""
    @functools.wraps(case)
    def run(launcher, folder):
        why = obstacle(launcher)
        if why is not None:
            return why
        os.chown(folder, NOBODY, NOBODY)
        ours, theirs = os.pipe()
        pid = os.fork()
        if pid == 0:
            said = ""
            try:
                become_nobody()
                said = "skip " + (case(launcher, folder) or "")
            except BaseException:  # whatever it is, it is told by the parent
                said = "fail " + traceback.format_exc()
            os.write(theirs, said.encode())
            os._exit(0)
        os.close(theirs)
        with os.fdopen(ours, "rb") as file:
            said = file.read().decode()
        os.waitpid(pid, 0)
        if not said.startswith("skip "):
            raise Mismatch(said)
        return said[5:]
    run.__name__ += "_as_nobody"
    return run


class Instructions(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ushort), ("first", ctypes.c_void_p)]


PTRACE = 101
READ_MEMORY = 310  # process_vm_readv


def forbid(first, second):
    """Two system calls, as containers do."""
    libc = ctypes.CDLL(None, use_errno=True)
    filters = struct.pack(
        "HBBI" * 5,
        0x20, 0, 0, 0,           # the number of the call
        0x15, 2, 0, first,
        0x15, 1, 0, second,
        0x06, 0, 0, 0x7fff0000,  # all others are fine
        0x06, 0, 0, 0x50001)     # EPERM
    buffer = ctypes.create_string_buffer(filters)
    program = Instructions(5, ctypes.addressof(buffer))
    if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(
            22, 2, ctypes.byref(program), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "cannot install a filter")


def forbid_tracing():
    forbid(PTRACE, READ_MEMORY)


def forbid_reading():
    forbid(READ_MEMORY, READ_MEMORY)


def with_settings(launcher, *commands, **settings):
    """The launcher where the kernel's settings read so (they stay as they
    are), after these commands of a shell; None where that cannot be done."""
    lines = ["mount -t tmpfs none /proc/sys/kernel"]
    for name, value in {"core_pattern": "core", "core_uses_pid": "0",
                        **settings}.items():
        path = "/proc/sys/kernel/" + name.replace("__", "/")
        lines.append(f"mkdir -p {os.path.dirname(path)}")
        lines.append(f"echo '{value}' >{path}")
    before = ["unshare", "-m", "/bin/sh", "-c",
              " && ".join([*lines, *commands, 'exec "$@"']), "sh"]
    if os.geteuid() != 0 or shutil.which("unshare") is None or subprocess.run(
            [*before, "true"], capture_output=True, check=False).returncode:
        return None
    found = harness.Launcher(";".join(launcher.command), launcher.programs)
    found.command = [*before, *launcher.command]
    return found
