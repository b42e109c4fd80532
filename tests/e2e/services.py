"""Cores that a service of the system takes from the kernel. The setting is
only pretended, and in place of the service the helper's wrapper stores what
the kernel wrote, as the service would."""

import kernel_cores
import harness
from evidence import helper_of
from harness import Mismatch, expect
from pretend import with_settings

FOLDERS = ["mount -t tmpfs none /var/lib",
           "mkdir -p /var/lib/systemd/coredump /var/lib/apport/coredump"]
SYSTEMD = "|/usr/lib/systemd/systemd-coredump %P %u %g %s %t %c %h %d %F"
APPORT = "|/usr/share/apport/apport -p%p -s%s -c%c -d%d -P%P -u%u -g%g -F%F"


def storing(launcher, folder, command):
    """An environment with a helper that first stores the core of $2, as if a
    service had done it."""
    path = folder / "helper"
    path.write_text(f"#!/bin/sh\ncore='{folder}/core'\n"
                    "name=core.dies_quietly.0.b00t.$2.1732000000000000\n"
                    f"[ \"$1\" != --dead ] || {command}\n"
                    f"exec '{helper_of(launcher)}' \"$@\"\n")
    path.chmod(0o700)
    return {"HBTEST_POSTMORTEM": str(path)}


def expect_stored(launcher, folder, pattern, command):
    served = with_settings(launcher, *FOLDERS, core_pattern=pattern)
    if served is None:
        return "no mounts of our own"
    where, result = kernel_cores.crash(
        served, folder, "here", env=storing(launcher, folder, command))
    kernel_cores.expect_captured(result, "stacks")
    kernel_cores.expect_captured(result, "dump")
    expect("dump", (where / "core.zst").exists(), True)
    if "!die_quietly" not in result["signature"]["text"]:
        raise Mismatch(f"blamed is {result['signature']['text']!r}")
    kernel_cores.expect_nothing_left(folder)
    return None


def what_systemd_stores_is_collected(launcher, folder):
    return expect_stored(
        launcher, folder, SYSTEMD,
        'zstd -q --rm "$core" -o "/var/lib/systemd/coredump/$name.zst"')


def what_systemd_stores_unpacked_is_collected(launcher, folder):
    return expect_stored(launcher, folder, SYSTEMD,
                         'mv "$core" "/var/lib/systemd/coredump/$name"')


def what_apport_stores_is_collected(launcher, folder):
    return expect_stored(launcher, folder, APPORT,
                         'mv "$core" "/var/lib/apport/coredump/$name"')


def expect_named(launcher, folder, pattern, words, doctor):
    served = with_settings(launcher, *FOLDERS, core_pattern=pattern)
    if served is None:
        return "no mounts of our own"
    result = kernel_cores.crash(served, folder, "here")[1]
    kernel_cores.expect_reason(result, words)
    kernel_cores.expect_nothing_left(folder, "core")
    ended = harness.launch(served, folder, ["--doctor"])
    row, = [line for line in ended.stdout.decode().splitlines()
            if " kernel_cores " in line]
    if not row.startswith("no ") or doctor not in row:
        raise Mismatch(f"the doctor says {row!r}")
    if "sysctl -w kernel.core_pattern=core.%p" not in row:
        raise Mismatch(f"the doctor gives no command: {row!r}")
    return None


def a_service_that_is_not_known_is_named(launcher, folder):
    return expect_named(launcher, folder, "|/opt/their/catcher %p",
                        "a program that is not known",
                        "core_pattern is of catcher")


def a_server_is_named(launcher, folder):
    return expect_named(launcher, folder, "@/run/their.socket", "a server",
                        "core_pattern is of a server")


def no_cores_at_all_is_named(launcher, folder):
    return expect_named(launcher, folder, "", "core_pattern is empty",
                        "core_pattern is empty")


CASES = [
    what_systemd_stores_is_collected,
    what_systemd_stores_unpacked_is_collected,
    what_apport_stores_is_collected,
    a_service_that_is_not_known_is_named,
    a_server_is_named,
    no_cores_at_all_is_named,
]

if __name__ == "__main__":
    ARGS = harness.options(__doc__).parse_args()
    WHY = kernel_cores.obstacle(ARGS.launcher)
    if WHY is not None:
        harness.UNPROVEN.append("skip: " + WHY)
        CASES = []
    else:
        kernel_cores.have_usual_limit()
    harness.run_cases(CASES, harness.Launcher(ARGS.launcher, ARGS.programs),
                      ARGS)
