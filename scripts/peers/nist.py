#!/usr/bin/env python3
"""Digits that other fitters get right of NIST's nonlinear problems, from both starts, with their defaults.

Prints a table in Markdown: the least digits over the parameters (the log relative error) from NIST's first and second
start, of gnuplot, SciPy's curve_fit and lmfit; a dash where a fitter reports a failure, and a star where it reports a
success with fewer than four digits.
"""

import json
import math
import pathlib
import re
import shutil
import subprocess
import tempfile
import warnings

import numpy as np

FOLDER = pathlib.Path(__file__).resolve().parent.parent.parent / "Tests/FittingTests/Fixtures/nist"
FUNCTIONS = {name: getattr(np, name) for name in ("exp", "log", "sin", "cos", "sqrt", "pi")}
FUNCTIONS |= {"atan": np.arctan, "__builtins__": {}}
# Parameters that may change places, and those whose signs may change together: the curve is the same.
PLACES = {
    "Gauss": [("b3", "b4", "b5"), ("b6", "b7", "b8")],
    "Lanczos": [("b1", "b2"), ("b3", "b4"), ("b5", "b6")],
    "MGH17": [("b2", "b4"), ("b3", "b5")],
    "ENSO": [("b4", "b5", "b6"), ("b7", "b8", "b9")],
}
SIGNS = {"Gauss": ["b5", "b8"], "Eckerle4": ["b1", "b2"]}


def digits(problem, values):
    """The least digits that agree with the certified values; equivalent answers count."""
    from itertools import permutations

    name = problem["name"].rstrip("123") if problem["name"][:3] in ("Gau", "Lan") else problem["name"]
    certified = dict(zip(problem["parameters"], problem["certified"]))
    found = dict(zip(problem["parameters"], values))
    for signless in SIGNS.get(name, []):
        found[signless], certified[signless] = abs(found[signless]), abs(certified[signless])
    best = 0.0
    groups = PLACES.get(name, [])
    for order in permutations(groups):
        swapped = dict(found)
        for old, new in zip(groups, order):
            for a, b in zip(old, new):
                swapped[a] = found[b]
        errors = [abs(swapped[p] - c) / abs(c) for p, c in certified.items()]
        worst = max(errors) if all(map(math.isfinite, errors)) else 1
        best = max(best, min(11, -math.log10(worst)) if worst > 0 else 11)
    return best


def read(problem):
    rows = np.genfromtxt(FOLDER / problem["csv"], delimiter=",", names=True)
    columns = {name: rows[name] for name in problem["predictors"]}
    y = rows[problem["response"]]
    return columns, np.log(y) if problem["response_transform"] else y


def function(problem, columns):
    names = ", ".join(problem["parameters"])
    body = problem["model"].replace("^", "**")
    return eval(f"lambda x, {names}: {body}", {**FUNCTIONS, **columns})


def curve_fit(problem, start):
    from scipy.optimize import curve_fit

    columns, y = read(problem)
    x = next(iter(columns.values()))
    others = {name: values for name, values in columns.items() if name != "x"}
    try:
        return curve_fit(function(problem, others), x, y, p0=start)[0]
    except RuntimeError:
        return None


def lmfit(problem, start):
    import lmfit

    columns, y = read(problem)
    x = next(iter(columns.values()))
    others = {name: values for name, values in columns.items() if name != "x"}
    model = lmfit.Model(function(problem, others))
    try:
        result = model.fit(y, model.make_params(**dict(zip(problem["parameters"], start))), x=x)
    except ValueError:
        return None
    return [result.params[name].value for name in problem["parameters"]] if result.success else None


def gnuplot(problem, start):
    model = problem["model"].replace("^", "**")
    variables = ",".join(problem["predictors"])
    if problem["predictors"] == ["x1", "x2"]:
        model, variables = model.replace("x1", "x").replace("x2", "y"), "x,y"
    # 1/2 is 0 in gnuplot.
    model = re.sub(r"(?<![\w.])(\d+)(?![\w.])", r"\1.0", model)
    response = len(problem["predictors"]) + 1
    used = ":".join(str(i + 1) for i in range(response - 1))
    used += f":(log(${response}))" if problem["response_transform"] else f":{response}"
    lines = [f"f({variables}) = {model}", "set datafile separator ','", "set fit quiet logfile '/dev/null'"]
    lines += [f"{name} = {value!r}" for name, value in zip(problem["parameters"], start)]
    lines.append(f"fit f({variables}) '{FOLDER / problem['csv']}' skip 1 using {used} via "
                 + ",".join(problem["parameters"]))
    lines.append("print sprintf('" + " ".join(["%.17g"] * len(start)) + "', " + ",".join(problem["parameters"]) + ")")
    lines.append("print FIT_CONVERGED")
    with tempfile.NamedTemporaryFile("w", suffix=".gp") as script:
        script.write("\n".join(lines) + "\n")
        script.flush()
        run = subprocess.run(["gnuplot", script.name], capture_output=True, text=True)
    told = run.stderr.strip().split("\n")
    if run.returncode != 0 or told[-1] != "1":
        return None
    return [float(value) for value in told[-2].split()]


def main():
    warnings.simplefilter("ignore")
    np.seterr(all="ignore")
    problems = json.loads((FOLDER / "problems.json").read_text())["problems"]
    fitters = {"curve_fit": curve_fit, "lmfit": lmfit}
    if shutil.which("gnuplot"):
        fitters = {"gnuplot": gnuplot} | fitters
    print("| problem | " + " | ".join(fitters) + " |\n| --- |" + " --- |" * len(fitters))
    counts = {name: [0, 0, 0, 0.0] for name in fitters}
    for problem in problems:
        cells = []
        for name, fit in fitters.items():
            both = []
            for start in ("start1", "start2"):
                values = fit(problem, problem[start])
                if values is None:
                    both.append("–")
                    continue
                score = digits(problem, values)
                counts[name][0] += score >= 9
                counts[name][1] += score >= 6
                counts[name][2] += score < 4
                counts[name][3] += score
                both.append(f"{score:.1f}" + ("*" if score < 4 else ""))
            cells.append(", ".join(both))
        print(f"| {problem['name']} | " + " | ".join(cells) + " |", flush=True)
    runs = 2 * len(problems)
    for row, title in enumerate(["nine digits", "six digits", "fewer than four with a success"]):
        print(f"| {title}, of {runs} | " + " | ".join(str(counts[name][row]) for name in fitters) + " |")
    print("| mean digits | " + " | ".join(f"{counts[name][3] / runs:.1f}" for name in fitters) + " |")


main()
