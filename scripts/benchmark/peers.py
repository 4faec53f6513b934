"""The programs and packages that backprop is compared with, and which of them are here."""

from __future__ import annotations

import functools
import json
import shutil
import subprocess
from dataclasses import dataclass

from .machine import first_line
from .places import PROGRAM, PYTHON


@dataclass(frozen=True)
class Peer:
    """A program on the PATH, or packages of Python that are needed together."""

    # Of several packages their names in order, with "and" between them.
    name: str
    packages: tuple[str, ...] = ()
    program: str = ""
    # How the program is installed.
    install: str = ""
    # What asks the program for its version, if it can be asked.
    ask: str = "--version"

    @property
    def is_here(self) -> bool:
        if self.program:
            return shutil.which(self.program) is not None
        return all(package in python_packages() for package in self.packages)

    @property
    def remedy(self) -> str:
        """The command that installs what is missing of it."""
        if self.program:
            return self.install
        absent = [package for package in self.packages if package not in python_packages()]
        return f"{PYTHON} -m pip install {' '.join(absent)}"

    @property
    def version(self) -> str:
        """The version of the program or the package, or those of several packages in their order."""
        return " and ".join(self.versions)

    @property
    def label(self) -> str:
        """The names with their versions, as in `JAX 0.10.2 and pandas 3.1.1`."""
        names = self.name.split(" and ") if len(self.packages) > 1 else [self.name]
        return " and ".join(f"{name} {version}".strip() for name, version in zip(names, self.versions))

    @property
    def versions(self) -> list[str]:
        if self.program:
            return [program_version(self.program, self.ask) if self.ask else ""]
        return [python_packages()[package] for package in self.packages]


# backprop itself, and the library that it is made of.
BACKPROP = Peer("backprop", program=str(PROGRAM))
EMPTY_PYTHON = Peer("an empty Python", program="/usr/bin/python3", install="apt-get install python3")
GNUPLOT = Peer("gnuplot", program="gnuplot", install="apt-get install gnuplot-nox")
WABBIT = Peer("Vowpal Wabbit", program="vw", install="apt-get install vowpal-wabbit, where apt has it")
SHELL = Peer("a loop of sh", program="sh", install="apt-get install dash", ask="")
XARGS = Peer("xargs", program="xargs", install="apt-get install findutils")
JAX = Peer("JAX", ("jax",))
JAX_PANDAS = Peer("JAX and pandas", ("jax", "pandas"))
LMFIT = Peer("lmfit", ("lmfit",))
OPTUNA = Peer("Optuna", ("optuna",))
PANDAS = Peer("pandas", ("pandas",))
POLARS = Peer("Polars", ("polars",))
PYARROW = Peer("PyArrow", ("pyarrow",))
SCIPY = Peer("SciPy", ("scipy",))
SKLEARN = Peer("scikit-learn", ("scikit-learn",))
SKLEARN_PANDAS = Peer("scikit-learn and pandas", ("scikit-learn", "pandas"))
TORCH = Peer("PyTorch", ("torch",))
# The same package, but by another way.
TORCH_COMPILED = Peer("torch.compile", ("torch",))
TORCH_MATPLOTLIB = Peer("PyTorch and matplotlib", ("torch", "matplotlib"))


@functools.lru_cache(maxsize=None)
def python_packages() -> dict[str, str]:
    """The versions of all packages that the interpreter PYTHON has."""
    code = (
        "import importlib.metadata, json;"
        "found = importlib.metadata.distributions();"
        "print(json.dumps({d.metadata['Name'].lower(): d.version for d in found if d.metadata['Name']}))"
    )
    try:
        run = subprocess.run([PYTHON, "-c", code], capture_output=True, text=True)
    except OSError:
        return {}
    return json.loads(run.stdout) if run.returncode == 0 else {}


@functools.lru_cache(maxsize=None)
def program_version(program: str, ask: str) -> str:
    """The version without the program's name, as in `gnuplot 5.4 patchlevel 4`."""
    said = first_line([program, ask])
    return next((word for word in said.split() if word[:1].isdigit()), said)
