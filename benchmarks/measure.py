"""Runs a command and says how long it took and how much memory it held at most."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Measured:
    """What a command printed, its wall-clock and CPU seconds, its peak resident memory in bytes."""

    output: str
    seconds: float
    cpu_seconds: float
    peak_bytes: int


def measured(command: Sequence[str], folder: Path | None = None) -> Measured:
    """Run a command to its end; ends this program with its last words where it fails.

    The peak is that of the process and the children it waited for, taken from wait4: getrusage of
    all children would show the larger of the two programs compared for both. A process starts with
    the peak of the one that started it, so nothing large may be imported here.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors, cwd=folder)
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        said = output.read().decode()
        if process.returncode:
            last = (errors.read().decode() + said).strip().splitlines()[-20:]
            sys.exit("\n".join([f"failed with {process.returncode}: {' '.join(command)}", *last]))
    in_kibibytes = 1 if sys.platform == "darwin" else 1024
    cpu_seconds = used.ru_utime + used.ru_stime
    return Measured(said, seconds, cpu_seconds, used.ru_maxrss * in_kibibytes)


def print_comparison(platform: Measured, peer: Measured) -> None:
    """Seconds, CPU seconds, peak memory and their ratios, as a small table."""
    print(f"{'':<16}{'seconds':>10}{'CPU s':>10}{'peak MB':>10}")
    for name, result in (("aar run", platform), ("plain pandas", peer)):
        print(
            f"{name:<16}{result.seconds:>10.1f}{result.cpu_seconds:>10.1f}"
            f"{result.peak_bytes / 1e6:>10.0f}"
        )
    seconds = platform.seconds / peer.seconds
    cpu = platform.cpu_seconds / peer.cpu_seconds
    memory = platform.peak_bytes / peer.peak_bytes
    print(f"{'ratio':<16}{seconds:>10.1f}{cpu:>10.1f}{memory:>10.1f}")


def print_limits(platform: Measured, seconds: float, peak_bytes: float) -> None:
    """Whether the run kept within what the platform promises on two cores."""
    kept = platform.seconds < seconds and platform.peak_bytes < peak_bytes
    print(
        f"promised on two cores: under {seconds:.0f} s and {peak_bytes / 1e9:.0f} GB: "
        f"{'kept' if kept else 'NOT KEPT'}"
    )
