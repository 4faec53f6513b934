"""The tables that are worked on; each is written once, into the folder of the run."""

from __future__ import annotations

import math
import pathlib
import random
from collections.abc import Callable


def million_rows(folder: pathlib.Path, digits: int) -> pathlib.Path:
    """A CSV of a million rows, x1 to x9 and y, each with so many digits."""
    path = folder / f"rows{digits}.csv"
    if path.exists():
        return path
    draw = random.Random(1).gauss
    unfinished = path.with_suffix(".part")
    with unfinished.open("w") as file:
        file.write(",".join(f"x{i}" for i in range(1, 10)) + ",y\n")
        for _ in range(1_000_000):
            x = [draw(0, 1) for _ in range(9)]
            y = 0.5 + sum((i + 1) / 10 * value for i, value in enumerate(x))
            file.write(",".join(f"{value:.{digits}g}" for value in [*x, y]) + "\n")
    return unfinished.rename(path)


def write_for_wabbit(table: pathlib.Path, path: pathlib.Path) -> None:
    """Writes the rows of a CSV in the format of Vowpal Wabbit."""
    with table.open() as rows, path.open("w") as file:
        next(rows)
        for row in rows:
            *x, y = row.strip().split(",")
            fields = " ".join(f"x{i}:{value}" for i, value in enumerate(x, 1))
            file.write(f"{y} | {fields}\n")


def curve_with_noise(
    path: pathlib.Path, rows: int, curve: Callable[[float], float], groups: int = 1
) -> pathlib.Path:
    """A CSV of x from 0 to 10 and a curve of it with noise; of several groups, each with its own scale."""
    noise = random.Random(2)
    with path.open("w") as file:
        file.write("group,x,y\n" if groups > 1 else "x,y\n")
        for group in range(groups):
            scale = noise.uniform(0.5, 1.5)
            prefix = f"g{group}," if groups > 1 else ""
            for row in range(rows):
                x = 10 * row / (rows - 1)
                file.write(f"{prefix}{x:.8g},{scale * curve(x) + noise.gauss(0, 0.02):.8g}\n")
    return path


def decay(x: float) -> float:
    return 2 * math.exp(-0.8 * x) + 0.3


def peak(x: float) -> float:
    return 3 * math.exp(-((x - 5) ** 2) / 2.88) + 0.5


def million_points(path: pathlib.Path) -> pathlib.Path:
    """A CSV of epochs and a falling loss with noise."""
    with path.open("w") as file:
        file.write("epoch,loss\n")
        state = 1
        for epoch in range(1_000_000):
            state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
            file.write(f"{epoch},{2 / (1 + epoch / 5e4) + (state >> 40) / 1e8!r}\n")
    return path
