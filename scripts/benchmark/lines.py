"""The lines of the comparison: what each does, with whom, and how fast it should be."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import tables
from .machine import cores
from .peers import (
    BACKPROP, EMPTY_PYTHON, GNUPLOT, JAX, JAX_PANDAS, LMFIT, OPTUNA, PANDAS, POLARS, PYARROW, SCIPY, SHELL, SKLEARN,
    SKLEARN_PANDAS, TORCH, TORCH_COMPILED, TORCH_MATPLOTLIB, WABBIT, XARGS, Peer,
)
from .places import ENGINE, PEER_SCRIPTS, PROGRAM, PYTHON
from .races import Measure, Pace, Race, Side, Target

Races = Iterator[Race]


@dataclass(frozen=True)
class Line:
    """One line: a piece of work, and the races that are run with it."""

    work: str
    races: Callable[[pathlib.Path, Pace], Races]
    # About how many seconds it takes: with the tables that it needs and with backprop, and with each peer.
    base_seconds: float
    peer_seconds: dict[Peer, float]
    # Whether it needs scripts/bench-engine.
    needs_engine: bool = False

    @property
    def seconds(self) -> float:
        """About how many seconds it takes with the peers that are here."""
        return self.base_seconds + sum(time for peer, time in self.peer_seconds.items() if peer.is_here)


def backprop(*arguments: object, measure: Measure = Measure.PROCESS, manner: str = "") -> Side:
    """The program, as a whole process."""
    return Side([str(PROGRAM), *map(str, arguments)], BACKPROP, measure, manner)


def engine(work: str, threads: int, pace: Pace) -> Side:
    """The library's work, which it times itself."""
    return Side([str(ENGINE), work, str(threads), pace.seconds], BACKPROP, Measure.WORK)


def python(
    peer: Peer, script: str, *arguments: object, measure: Measure = Measure.WORK, manner: str = ""
) -> Side:
    """A script of scripts/peers."""
    command = [PYTHON, str(PEER_SCRIPTS / script), *map(str, arguments)]
    return Side(command, peer, measure, manner)


def empty_python() -> Side:
    return Side([EMPTY_PYTHON.program, "-c", "pass"], EMPTY_PYTHON)


def gnuplot(script: str, manner: str = "") -> Side:
    return Side(["gnuplot", str(PEER_SCRIPTS / script)], GNUPLOT, manner=manner)


def thread_counts() -> list[int]:
    """One thread and two, where there are two cores."""
    return [1, 2][: cores()]


def threads_of(count: int) -> str:
    return f"{count} thread" + "s" * (count > 1)


LESSON = ["train", "--lr", "0.01", "--epochs", "100"]


def lesson_png(folder: pathlib.Path, pace: Pace) -> Races:
    ours = backprop(*LESSON, "--plot", "l.png")
    yield Race("beside a process that does nothing", ours, [empty_python()], Target(1.0), turns=15)
    drawing = gnuplot("lesson.gp", manner="drawing alone")
    yield Race("beside drawing", ours, [drawing], turns=15)
    other = python(TORCH_MATPLOTLIB, "lesson_torch.py", "t.png", measure=Measure.PROCESS)
    yield Race("beside the same in Python", ours, [other], Target(200), turns=5)
    yield Race("peak memory", backprop(*LESSON, "--plot", "l.png", measure=Measure.MEMORY), limit=25)


def lesson_svg(folder: pathlib.Path, pace: Pace) -> Races:
    for part, arguments, share in (
        ("SVG", [*LESSON, "--plot", "l.svg"], 0.8),
        ("no plot", LESSON, 0.6),
        ("--version", ["--version"], 0.35),
    ):
        yield Race(part, backprop(*arguments), [empty_python()], Target(1 / share), turns=15)


def single_rows(formula: str, target: float, peers: list[Peer]) -> Callable[[pathlib.Path, Pace], Races]:
    def races(folder: pathlib.Path, pace: Pace) -> Races:
        others = [python(peer, "single_rows.py", MODULES[peer], formula, 1, pace.seconds) for peer in peers]
        yield Race("", engine(formula, 1, pace), others, Target(target, JAX))

    return races


MODULES = {JAX: "jax", SKLEARN: "sklearn", TORCH: "torch"}


def whole_run(folder: pathlib.Path, pace: Pace) -> Races:
    path = tables.million_rows(folder, 6)
    formula = "+".join(f"w{i}*x{i}" for i in range(1, 10)) + "+b"
    ours = backprop("train", "--data", path, "--model", formula, "--lr", "0.001", "--epochs", "1")
    others = [
        python(peer, "train_csv.py", module, path, measure=Measure.PROCESS)
        for peer, module in ((JAX_PANDAS, "jax"), (SKLEARN_PANDAS, "sklearn"))
    ]
    own = path.with_suffix(".vw")
    if WABBIT.is_here:
        tables.write_for_wabbit(path, own)
    flags = "--sgd --learning_rate 0.001 --power_t 0".split()
    others.append(Side(["vw", "--quiet", "--data", str(own), *flags], WABBIT, manner="its own format"))
    yield Race("", ours, others, Target(8), turns=5)


def network(
    size: str, targets: list[tuple[float, Peer | None]], peers: list[Peer]
) -> Callable[[pathlib.Path, Pace], Races]:
    """The races of a network, with one thread and more, for each of which there is a target."""

    def races(folder: pathlib.Path, pace: Pace) -> Races:
        for threads, (ratio, peer) in zip(thread_counts(), targets):
            others = [python(other, "network.py", MODULES[other], size, threads, pace.seconds) for other in peers]
            yield Race(threads_of(threads), engine(size, threads, pace), others, Target(ratio, peer))

    return races


def full_batch(folder: pathlib.Path, pace: Pace) -> Races:
    for precision, threads, ratio in (("float32", 1, 1.15), ("float32", 2, 1.2), ("float64", 1, 1.2)):
        if threads not in thread_counts():
            continue
        others = [
            python(peer, "full_batch.py", kind, precision, threads, pace.seconds)
            for peer, kind in ((TORCH_COMPILED, "compile"), (TORCH, "torch"), (JAX, "jax"))
        ]
        ours = engine(f"formula{precision[-2:]}", threads, pace)
        yield Race(f"{precision}, {threads_of(threads)}", ours, others, Target(ratio))


def reading(folder: pathlib.Path, pace: Pace) -> Races:
    for digits, ratio in ((6, 2.0), (17, 1.5)):
        path = tables.million_rows(folder, digits)
        for threads in thread_counts():
            # pandas has one thread.
            peers = {PANDAS: "pandas", POLARS: "polars"} if threads == 1 else {POLARS: "polars", PYARROW: "pyarrow"}
            others = [
                python(peer, "read_csv.py", module, path, threads, pace.seconds)
                for peer, module in peers.items()
            ]
            ours = engine(f"read:{path}", threads, pace)
            yield Race(f"{digits} digits, {threads_of(threads)}", ours, others, Target(ratio))


def small_fit(folder: pathlib.Path, pace: Pace) -> Races:
    path = tables.curve_with_noise(folder / "small.csv", 20, tables.decay)
    ours = backprop("fit", "--data", path, "--target", "y", "--model", "a*exp(-b*x)+c")
    yield Race("beside gnuplot", ours, [gnuplot("fit.gp")], Target(1.0), turns=10)
    others = [
        python(peer, "fit.py", module, "decay", path, measure=Measure.PROCESS)
        for peer, module in ((SCIPY, "scipy"), (LMFIT, "lmfit"))
    ]
    yield Race("beside the same in Python", ours, others, Target(30), turns=10)


def million_points(folder: pathlib.Path, pace: Pace) -> Races:
    path = tables.million_points(folder / "million.csv")
    for extension, target in (("svg", Target(15)), ("png", None)):
        ours = backprop("plot", path, "--output", f"m.{extension}")
        manner = "" if extension == "svg" else "SVG"
        yield Race(extension.upper(), ours, [gnuplot("million.gp", manner)], target)


def large_fit(folder: pathlib.Path, pace: Pace) -> Races:
    path = tables.curve_with_noise(folder / "peak.csv", 1_000_000, tables.peak)
    flags = ["fit", "--data", path, "--target", "y", "--model", "a*exp(-(x-m)^2/(2*s^2))+c", "--threads"]

    def other(measure: Measure) -> Side:
        return python(SCIPY, "fit.py", "scipy", "peak", path, measure=measure)

    for threads in thread_counts():
        yield Race(threads_of(threads), backprop(*flags, threads), [other(Measure.PROCESS)])
    yield Race(
        "peak memory", backprop(*flags, 1, measure=Measure.MEMORY), [other(Measure.MEMORY)], turns=1
    )


def group_fit(folder: pathlib.Path, pace: Pace) -> Races:
    path = tables.curve_with_noise(folder / "groups.csv", 20, tables.decay, groups=10_000)
    flags = ["fit", "--data", path, "--target", "y", "--model", "a*exp(-b*x)+c", "--by", "group", "--quiet"]
    other = python(SCIPY, "fit.py", "scipy", "groups", path, pace.seconds, manner="without reading")
    for threads in thread_counts():
        yield Race(threads_of(threads), backprop(*flags, "--threads", threads), [other])


def first_step(folder: pathlib.Path, pace: Pace) -> Races:
    for name in ("linear", "nonlinear", "small", "digits", "large"):
        yield Race(name, engine(f"first-step:{name}", 1, pace), turns=1)


RATES = "0.001,0.002"
SEEDS = 500


def sweep(folder: pathlib.Path, pace: Pace) -> Races:
    lesson = ["train", "--epochs", "100"]
    ours = backprop("sweep", "--lr", RATES, "--seed", f"0..{SEEDS - 1}", "--", *lesson)
    runs = folder / "runs"
    runs.mkdir()
    train = f"{PROGRAM} {' '.join(lesson)} --lr $lr --seed $seed > runs/$lr-$seed.csv"
    loops = f"for lr in {RATES.replace(',', ' ')}; do for seed in $(seq 0 {SEEDS - 1}); do"
    (folder / "loop.sh").write_text(f"{loops} {train}; done; done\n")
    (folder / "run.sh").write_text(f"lr=$1 seed=$2; {train}\n")
    (folder / "xargs.sh").write_text(
        f"{loops} echo $lr $seed; done; done | xargs -n 2 -P {cores()} sh run.sh\n"
    )
    loop = Side(["sh", "loop.sh"], SHELL)
    yield Race("beside a loop of backprop train", ours, [loop], Target(20))
    shared = Side(["sh", "xargs.sh"], XARGS, manner="on all cores")
    yield Race("beside the loop on all cores", ours, [shared])
    others = [
        python(OPTUNA, "sweep.py", kind, RATES, SEEDS, manner=f"{manner}, without its start")
        for kind, manner in (("enqueue", "runs enqueued"), ("grid", "GridSampler"))
    ]
    yield Race("beside Optuna", ours, others, Target(50))
    grid = python(SKLEARN, "sweep.py", "sklearn", RATES, SEEDS, manner="GridSearchCV without its start")
    yield Race("beside scikit-learn", ours, [grid])


LINES = {
    "1": Line(
        "the lesson, whole process, CSV and PNG", lesson_png, 1,
        {EMPTY_PYTHON: 1, GNUPLOT: 2, TORCH_MATPLOTLIB: 18},
    ),
    "2": Line("the lesson without PNG, whole process", lesson_svg, 1, {EMPTY_PYTHON: 1}),
    "3": Line(
        "one row per step, 9 inputs, a linear formula, a million rows",
        single_rows("linear", 1.3, [JAX, SKLEARN, TORCH]), 9, {JAX: 13, SKLEARN: 13, TORCH: 18}, True,
    ),
    "4": Line(
        "the same with another formula",
        single_rows("nonlinear", 0.9, [JAX, TORCH]), 9, {JAX: 13, TORCH: 20}, True,
    ),
    "5": Line(
        "line 3 with reading the CSV, whole process", whole_run, 15,
        {JAX_PANDAS: 12, SKLEARN_PANDAS: 15, WABBIT: 20},
    ),
    "6": Line(
        "network 9-64-64-1, Adam, batch 256, a million rows",
        network("small", [(1.3, JAX), (2.0, JAX)], [JAX, SKLEARN, TORCH]), 25,
        {JAX: 35, SKLEARN: 50, TORCH: 70}, True,
    ),
    "7": Line(
        "network 64-128-10, Adam, batch 32, 50 epochs of 1797 rows",
        network("digits", [(1.5, JAX)], [JAX, SKLEARN, TORCH]), 8, {JAX: 12, SKLEARN: 15, TORCH: 30}, True,
    ),
    "8": Line(
        "network 784-512-512-10, batch 128, 20,000 rows",
        network("large", [(1.1, None), (1.2, None)], [JAX, TORCH]), 25, {JAX: 60, TORCH: 80}, True,
    ),
    "9": Line(
        "a gradient of a formula over a million rows", full_batch, 25,
        {TORCH_COMPILED: 80, TORCH: 45, JAX: 40}, True,
    ),
    "10": Line(
        "reading a CSV, a million rows of 10", reading, 50, {PANDAS: 25, POLARS: 30, PYARROW: 15}, True
    ),
    "11": Line("a fit of 20 rows, whole process", small_fit, 1, {GNUPLOT: 1, SCIPY: 7, LMFIT: 17}),
    "12": Line("a million points from CSV, whole process", million_points, 4, {GNUPLOT: 12}),
    "13": Line("a fit of a million rows, whole process", large_fit, 8, {SCIPY: 15}),
    "14": Line("fits of 10,000 groups of 20 rows", group_fit, 4, {SCIPY: 18}),
    "15": Line("from a formula's text to the end of its first step", first_step, 15, {}, True),
    "16": Line(
        "a sweep of 1,000 runs of the lesson, whole process", sweep, 2,
        {SHELL: 16, XARGS: 12, OPTUNA: 18, SKLEARN: 15},
    ),
}
