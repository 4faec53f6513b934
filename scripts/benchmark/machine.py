"""The machine that is measured on."""

from __future__ import annotations

import os
import pathlib
import platform
import subprocess
import time
from dataclasses import dataclass

from .places import PROGRAM, ROOT

AVX2 = {"avx2", "fma", "bmi1", "bmi2", "f16c", "movbe"}
AVX512 = AVX2 | {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
# Seconds of `spin` on the machine whose times the estimates are.
REFERENCE_SPIN = 0.038


@dataclass(frozen=True)
class Machine:
    """What a figure has to be read with."""

    cpu: str
    cores: int
    simd: str
    system: str
    backprop: str
    # How many processes wanted to run in the minute before.
    load: float

    def __str__(self) -> str:
        cores = f"{self.cores} core" + "s" * (self.cores > 1)
        return f"{self.backprop} on {self.cpu}, {cores}, {self.simd}, {self.system}"


def describe(load: float) -> Machine:
    return Machine(cpu(), cores(), simd(), system(), version(), round(load, 2))


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def cpu() -> str:
    return cpu_info().get("model name", "") or platform.processor() or platform.machine()


def simd() -> str:
    """The level of the kernels that backprop chooses, as Autograd/Execution/SIMDLevel.swift has them."""
    if asked := os.environ.get("BACKPROP_SIMD"):
        return asked
    flags = set(cpu_info().get("flags", "").split())
    return "avx512" if AVX512 <= flags else "avx2" if AVX2 <= flags else "baseline"


def system() -> str:
    try:
        lines = pathlib.Path("/etc/os-release").read_text().splitlines()
        fields = dict(line.split("=", 1) for line in lines if "=" in line)
        return fields["PRETTY_NAME"].strip('"')
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}"


def version() -> str:
    """What `backprop --version` says, and the commit if the program is built from this folder."""
    said = first_line([str(PROGRAM), "--version"]) or "backprop"
    if ROOT not in PROGRAM.parents:
        return said
    commit = first_line(["git", "-C", str(ROOT), "describe", "--always", "--dirty"])
    return f"{said} ({commit})" if commit else said


def first_line(command: list[str]) -> str:
    """The first line that a command prints, or nothing if there is no such command or it fails."""
    try:
        run = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except OSError:
        return ""
    return run.stdout.partition("\n")[0].strip() if run.returncode == 0 else ""


def slowness() -> float:
    """How many times as long this machine takes as the one whose times the estimates are."""
    return min(10.0, max(0.5, min(spin() for _ in range(3)) / REFERENCE_SPIN))


def spin() -> float:
    began = time.perf_counter()
    total = 0
    for number in range(1_000_000):
        total += number & 3
    return time.perf_counter() - began


def cpu_info() -> dict[str, str]:
    """What the kernel says of the first core."""
    try:
        text = pathlib.Path("/proc/cpuinfo").read_text()
    except OSError:
        return {}
    first = text.split("\n\n", 1)[0]
    pairs = (line.split(":", 1) for line in first.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, value in pairs}
