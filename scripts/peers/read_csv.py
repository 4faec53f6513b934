"""Reads a CSV of doubles: read_csv.py pandas|polars|pyarrow FILE THREADS SECONDS"""
import os
import sys

from common import report

peer, path, threads, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])

if peer == "pandas":
    import pandas

    report(lambda: pandas.read_csv(path), seconds)
elif peer == "polars":
    os.environ["POLARS_MAX_THREADS"] = str(threads)
    import polars

    report(lambda: polars.read_csv(path), seconds)
elif peer == "pyarrow":
    import pyarrow
    import pyarrow.csv

    pyarrow.set_cpu_count(threads)
    options = pyarrow.csv.ReadOptions(use_threads=threads > 1)
    report(lambda: pyarrow.csv.read_csv(path, read_options=options), seconds)
