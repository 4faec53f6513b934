"""What is printed of the results, and written as CSV."""

from __future__ import annotations

import csv
import datetime
import math
import sys
import time
from collections.abc import Iterable
from typing import TextIO

from .lines import Line
from .machine import Machine
from .peers import Peer
from .races import Measure, Result, Side, Values

HEADER = ["line", "work", "best peer", "ratio", "target", "reached"]
CSV_HEADER = [
    "date", "backprop", "cpu", "cores", "simd", "system", "load", "line", "work", "part", "peer", "peer_version",
    "is_best", "ratio", "ratio_of_best_times", "target", "target_peer", "is_reached", "unit", "median", "best",
    "limit", "peer_median", "peer_best", "sampled", "note",
]


class Report:
    """All results so far, by lines."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.started = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
        self.lines: list[tuple[str, Line, list[Result], list[str]]] = []

    def begin(self, number: str, line: Line) -> None:
        self.lines.append((number, line, [], []))

    def add(self, result: Result) -> None:
        """Adds a result to the line that was begun last."""
        self.lines[-1][2].append(result)

    def fail(self, message: str) -> None:
        """Says why the line that was begun last has no results, or no more of them."""
        self.lines[-1][3].append(message)

    @property
    def results(self) -> list[Result]:
        return [result for _, _, results, _ in self.lines for result in results]

    def print(self, output: TextIO) -> None:
        """The table, and below it what is missing from it and why."""
        output.write(f"\n{self.machine}; {self.started[:10]}\n")
        output.write("The ratio is the best peer's median over that of backprop: above 1, backprop is faster.\n\n")
        rows = [HEADER]
        for number, line, results, failures in self.lines:
            parts = [result for result in results if result.race.part]
            own = next((cells(result) for result in results if not result.race.part), [""] * 4)
            rows.append([number, line.work, *own])
            rows += [["", f"  {result.race.part}", *cells(result)] for result in parts]
            if failures:
                rows.append(["", "  failed", "", "", "", ""])
        widths = [max(len(row[column]) for row in rows) for column in range(len(HEADER))]
        for row in rows:
            aligned = [
                cell.rjust(width) if column in (0, 3, 4) else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(row, widths))
            ]
            output.write("  ".join(aligned).rstrip() + "\n")
        self.print_remarks(output)
        output.flush()

    def print_remarks(self, output: TextIO) -> None:
        if any(is_sampled(result) for result in self.results):
            output.write("\nsampled: the peer did a part of the work, and its time is multiplied.\n")
        if missing := unique(peer for result in self.results for peer in result.missing):
            output.write("\nNot installed, and so left out:\n")
            for peer in missing:
                output.write(f"  {peer.name}: {peer.remedy}\n")
        complaints = [
            f"  line {number}{', ' + result.race.part if result.race.part else ''}: {name}: {message}"
            for number, _, results, _ in self.lines
            for result in results
            for name, message in result.failed.items()
        ]
        complaints += [f"  line {number}: {text}" for number, _, _, failures in self.lines for text in failures]
        if complaints:
            output.write("\nFailed:\n" + "\n".join(complaints) + "\n")

    def write_csv(self, output: TextIO) -> None:
        """One row for each peer of each race, and for each race that has none."""
        writer = csv.DictWriter(output, CSV_HEADER, lineterminator="\n")
        writer.writeheader()
        machine = self.machine
        common = {
            "date": self.started, "backprop": machine.backprop, "cpu": machine.cpu, "cores": machine.cores,
            "simd": machine.simd, "system": machine.system, "load": machine.load,
        }
        for number, line, results, failures in self.lines:
            for result in results:
                for row in csv_rows(result):
                    writer.writerow({**common, "line": number, "work": line.work, **row})
            for text in failures:
                writer.writerow({**common, "line": number, "work": line.work, "note": f"failed: {text}"})
        output.flush()


def csv_rows(result: Result) -> list[dict[str, object]]:
    race, ours = result.race, result.ours
    shared: dict[str, object] = {
        "part": race.part,
        "target": f"{race.target.ratio:.3g}" if race.target else "",
        "target_peer": race.target.peer.name if race.target and race.target.peer else "",
        "is_reached": {True: "yes", False: "no", None: ""}[result.is_reached],
        "unit": race.ours.measure.unit, "limit": "" if race.limit is None else race.limit,
    }
    if ours:
        shared |= {"median": f"{ours.median:.6g}", "best": f"{ours.best:.6g}"}
    elif race.ours.name in result.failed:
        shared["note"] = f"backprop failed: {result.failed[race.ours.name]}"
    if not race.others:
        return [shared]
    rows = []
    for side in race.others:
        row = {**shared, "peer": side.name, "peer_version": side.peer.version if side.peer.is_here else ""}
        values = result.measured.get(side.name)
        if values:
            row |= {"peer_median": f"{values.median:.6g}", "peer_best": f"{values.best:.6g}"}
            row["sampled"] = "" if values.share == 1 else f"1/{values.share:g}"
            row["is_best"] = "yes" if side == result.ranking[0] else "no"
            if ours:
                row["ratio"] = f"{values.median / ours.median:.4g}"
                row["ratio_of_best_times"] = f"{values.best / ours.best:.4g}"
        elif not side.peer.is_here:
            row["note"] = f"not installed: {side.peer.remedy}"
        elif side.name in result.failed:
            row["note"] = f"failed: {result.failed[side.name]}"
        rows.append(row)
    return rows


def cells(result: Result) -> list[str]:
    """Best peer, ratio, target and whether it is reached, as the table has them."""
    race = result.race
    reached = {True: "yes", False: "no", None: ""}[result.is_reached]
    if race.limit is not None:
        target = f"at most {amount(race.limit, race.ours.measure)}"
    elif race.target:
        target = figure(race.target.ratio) + (f" ({race.target.peer.name})" if race.target.peer else "")
    else:
        target = ""
    if race.ours.name in result.failed:
        return ["backprop failed", "", target, ""]
    if result.ours is None:
        return ["interrupted", "", target, ""]
    if not race.others:
        return ["(no peer)", amount(result.ours.median, race.ours.measure), target, reached]
    if not result.ranking:
        return [without_peer(result), "", target, ""]
    best = result.ranking[0]
    name = best.label + (" (sampled)" if result.measured[best.name].share != 1 else "")
    ratio = result.measured[best.name].median / result.ours.median
    return [name, figure(ratio), target, reached]


def without_peer(result: Result) -> str:
    if all(side.peer in result.missing for side in result.race.others):
        return "no peer installed"
    return "peers failed" if result.failed else "interrupted"


def print_details(number: str, line: Line, result: Result, output: TextIO) -> None:
    """All sides of a race with their times."""
    race = result.race
    title = f"{number}. {line.work}" + (f", {race.part}" if race.part else "")
    output.write(f"\n{title}\n  {'':52}{'best':>10}{'median':>10}{'ratio best':>12}{'median':>9}\n")
    for side in [race.ours, *race.others]:
        if side.name in result.failed:
            output.write(f"  {side.name:52}  failed: {result.failed[side.name]}\n")
        elif not side.peer.is_here:
            output.write(f"  {side.name:52}  not installed: {side.peer.remedy}\n")
        elif values := result.measured.get(side.name):
            output.write(f"  {side.name:52}{details(values, result.ours, side)}\n")
    output.flush()


def details(values: Values, ours: Values | None, side: Side) -> str:
    text = f"{amount(values.best, side.measure):>10}{amount(values.median, side.measure):>10}"
    if ours:
        text += f"{figure(values.best / ours.best):>12}{figure(values.median / ours.median):>9}"
    return text + (f"  sampled: 1/{values.share:g}" if values.share != 1 else "")


def is_sampled(result: Result) -> bool:
    return any(values.share != 1 for values in result.measured.values())


def amount(value: float, measure: Measure) -> str:
    """Seconds or megabytes for people."""
    if measure is Measure.MEMORY:
        return f"{value:.0f} MB"
    for unit, factor in (("s", 1), ("ms", 1e3)):
        if value * factor >= 1:
            return f"{figure(value * factor)} {unit}"
    return f"{figure(value * 1e6)} us"


def figure(value: float) -> str:
    """Three digits that count."""
    decimals = max(0, 2 - math.floor(math.log10(value))) if value > 0 else 0
    return f"{value:,.{min(decimals, 3)}f}"


def unique(peers: Iterable[Peer]) -> list[Peer]:
    """Peers with different commands of installation, in order."""
    return list({peer.remedy: peer for peer in peers}.values())


def duration(seconds: float) -> str:
    """A time for people: 40 s, 12 min, 1 h 5 min."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


class Progress:
    """Says on standard error what is being done; on a terminal in a line that is written over."""

    def __init__(self, expected: dict[str, float]) -> None:
        """`expected` has the seconds of each line, in the order in which they are measured."""
        self.expected = expected
        self.began = self.line_began = time.monotonic()
        self.line = ""
        self.is_live = sys.stderr.isatty()

    def begin(self, line: str) -> None:
        """Begins a line, and without a terminal says so."""
        self.end()
        self.line = line
        self.line_began = time.monotonic()
        if not self.is_live:
            self.write(f"bench: {self.place}\n")

    def say(self, doing: str) -> None:
        if self.is_live:
            self.write(f"\r\x1b[K{self.place}: {doing}")

    def end(self) -> None:
        """Ends the line that was begun last, and without a terminal says how long it took."""
        self.clear()
        if self.line and not self.is_live:
            self.write(f"  took {duration(time.monotonic() - self.line_began)}\n")
        self.line = ""

    def clear(self) -> None:
        if self.is_live:
            self.write("\r\x1b[K")

    @property
    def place(self) -> str:
        lines = list(self.expected)
        number = lines.index(self.line)
        return f"line {self.line} ({number + 1} of {len(lines)}, {duration(self.seconds_left)} left)"

    @property
    def seconds_left(self) -> float:
        """What is expected from now on, by how the lines before this one kept to what was expected of them."""
        lines = list(self.expected)
        number = lines.index(self.line)
        before = sum(self.expected[line] for line in lines[:number])
        pace = max(0.3, (self.line_began - self.began) / before) if before > 0 else 1
        spent = time.monotonic() - self.line_began
        own = max(0.0, pace * self.expected[self.line] - spent)
        return own + pace * sum(self.expected[line] for line in lines[number + 1 :])

    def write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()
