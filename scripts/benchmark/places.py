"""Where the repository has what is measured."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PEER_SCRIPTS = ROOT / "scripts" / "peers"
BUILT = ROOT / ".build" / "release" / "backprop"
PROGRAM = pathlib.Path(os.environ.get("BACKPROP", BUILT)).resolve()
ENGINE = ROOT / ".build-bench" / "release" / "bench-engine"
PYTHON = os.environ.get("PYTHON", "python3")
