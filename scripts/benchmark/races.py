"""Races: the same work done by backprop and by its peers, in turns, so that noise falls on all alike."""

from __future__ import annotations

import enum
import json
import os
import pathlib
import shlex
import signal
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from .peers import BACKPROP, Peer
from .places import ROOT

# A command that takes longer than this is taken to hang.
LIMIT_SECONDS = 900


class Failure(Exception):
    """A command that did not do its work; the message is what it said last."""


class Measure(enum.Enum):
    """What is measured of a command."""

    PROCESS = enum.auto()  # the seconds of the whole process, from outside
    WORK = enum.auto()  # the seconds of the work alone, which the process times itself, again and again
    MEMORY = enum.auto()  # the most MB that the process has resident

    @property
    def unit(self) -> str:
        return "MB" if self is Measure.MEMORY else "s"


@dataclass(frozen=True)
class Side:
    """A command that takes part, and how it is measured."""

    command: list[str]
    peer: Peer = BACKPROP
    measure: Measure = Measure.PROCESS
    # What tells this side from others of the same peer.
    manner: str = ""

    @property
    def name(self) -> str:
        return f"{self.peer.name}, {self.manner}" if self.manner else self.peer.name

    @property
    def label(self) -> str:
        """The name with the peer's version."""
        return f"{self.peer.label}, {self.manner}" if self.manner else self.peer.label


@dataclass(frozen=True)
class Target:
    """How many times as fast as the best peer backprop should be."""

    ratio: float
    # The peer that the target speaks of; without it, any will do.
    peer: Peer | None = None


@dataclass(frozen=True)
class Race:
    """Work that backprop and its peers do."""

    part: str  # what tells it from the other races of its line
    ours: Side
    others: list[Side] = field(default_factory=list)
    target: Target | None = None
    # The most that backprop itself may take, in the unit of the measure.
    limit: float | None = None
    turns: int = 3


@dataclass
class Values:
    """What was measured of a side."""

    values: list[float] = field(default_factory=list)
    # So many times as much as was done would be the whole work.
    share: float = 1

    @property
    def best(self) -> float:
        return min(self.values)

    @property
    def median(self) -> float:
        return statistics.median(self.values)


@dataclass
class Result:
    """What came of a race."""

    race: Race
    measured: dict[str, Values] = field(default_factory=dict)  # by the side's name
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def ours(self) -> Values | None:
        return self.measured.get(self.race.ours.name)

    @property
    def ranking(self) -> list[Side]:
        """The peers that have finished, the best first."""
        finished = [side for side in self.race.others if side.name in self.measured]
        return sorted(finished, key=lambda side: self.measured[side.name].median)

    @property
    def missing(self) -> list[Peer]:
        return [side.peer for side in self.race.others if not side.peer.is_here]

    def ratio(self, side: Side) -> float | None:
        """How many times as much as backprop a peer takes, by the medians."""
        if self.ours is None or side.name not in self.measured:
            return None
        return self.measured[side.name].median / self.ours.median

    @property
    def is_reached(self) -> bool | None:
        """Whether the target or the limit is met; nothing where that cannot be told."""
        race = self.race
        if race.limit is not None:
            return None if self.ours is None else self.ours.median <= race.limit
        if race.target is None or not self.ranking:
            return None
        speaks_of = race.target.peer
        if speaks_of and speaks_of not in [side.peer for side in self.ranking]:
            return None
        ratio = self.ratio(self.ranking[0])
        return None if ratio is None else ratio >= race.target.ratio


@dataclass(frozen=True)
class Pace:
    """How thoroughly races are run."""

    is_quick: bool = False

    def turns(self, race: Race) -> int:
        return max(1, race.turns // 4) if self.is_quick else race.turns

    @property
    def seconds(self) -> str:
        """How long a process repeats work that it times itself."""
        return "0.5" if self.is_quick else "2"


def run(race: Race, folder: pathlib.Path, pace: Pace, say: Callable[[str], None], keep: Result) -> None:
    """Runs the sides that are installed, in turns; what they took is in `keep` even if it is interrupted."""
    sides = [race.ours, *(side for side in race.others if side.peer.is_here)]
    turns = pace.turns(race)
    for turn in range(turns):
        for side in sides:
            if side.name in keep.failed:
                continue
            say(f"{side.name}, turn {turn + 1} of {turns}" if turns > 1 else side.name)
            try:
                values, share = measure(side, folder, is_first=turn == 0)
            except Failure as failure:
                keep.failed[side.name] = f"{failure}"
                keep.measured.pop(side.name, None)
                continue
            found = keep.measured.setdefault(side.name, Values(share=share))
            found.values += values
        if keep.race.ours.name in keep.failed:
            return


def measure(side: Side, folder: pathlib.Path, is_first: bool) -> tuple[list[float], float]:
    """What a side takes this time, and its share of the whole."""
    if side.measure is Measure.PROCESS:
        return [time_of_process(side.command, folder, warms_up=is_first)], 1
    if side.measure is Measure.MEMORY:
        return [memory_of_process(side.command, folder)], 1
    said = output(side.command, folder)
    try:
        found = json.loads(said)
        return [float(value) for value in found["seconds"]], float(found.get("share", 1))
    except (ValueError, KeyError, TypeError):
        raise Failure(f"printed no times, but {said[:80]!r}") from None


def time_of_process(command: list[str], folder: pathlib.Path, warms_up: bool) -> float:
    """The seconds of a whole process."""
    report = folder / "time.json"
    clock = ["hyperfine", "--shell=none", "--runs", "1", "--warmup", "1" if warms_up else "0"]
    clock += ["--style", "none", "--output", "null", "--export-json", str(report)]
    try:
        output([*clock, shlex.join(command)], folder)
    except Failure:
        output(command, folder)  # says what is wrong in the program's own words
        raise
    return json.loads(report.read_text())["results"][0]["times"][0]


def memory_of_process(command: list[str], folder: pathlib.Path) -> float:
    """The peak resident memory in MB; small ones are at least those of a Python."""
    code = (
        "import resource, subprocess, sys;"
        "code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode;"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
    )
    return int(output([sys.executable, "-c", code, *command], folder)) / 1024


def output(command: list[str], folder: pathlib.Path) -> str:
    """What a command prints.

    It has a process group of its own, which is ended with it: when it takes too long, and when this
    process is interrupted.
    """
    try:
        process = subprocess.Popen(
            command, cwd=folder, text=True, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )
    except OSError as error:
        raise Failure(f"cannot be started: {error.strerror}") from None
    try:
        said, complaint = process.communicate(timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        raise Failure(f"has not ended after {LIMIT_SECONDS} s") from None
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.returncode != 0:
        last = complaint.strip().splitlines()[-1:] or ["no message"]
        raise Failure(f"{last[0][:200]} ({ending(process.returncode)})")
    return said


def ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"ended by {signal.Signals(-code).name}"


def build_engine() -> None:
    """Builds the library's side where that is needed."""
    builder = subprocess.run([str(ROOT / "scripts" / "bench-engine" / "build")], stdout=sys.stderr)
    if builder.returncode != 0:
        raise Failure("scripts/bench-engine/build failed")
