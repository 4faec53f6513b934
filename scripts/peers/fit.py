"""fit.py decay|peak FILE: fits a formula to the columns x and y of a CSV by SciPy's curve_fit, from near start values.

fit.py groups FILE: fits each group of 20 rows of a CSV of group, x and y alone, and prints the seconds that it took as a JSON array;
of every tenth group, times ten.
"""
import sys

import numpy
from scipy.optimize import curve_fit

import common


def decay(x, a, b, c):
    return a * numpy.exp(-b * x) + c


def peak(x, a, m, s, c):
    return a * numpy.exp(-((x - m) ** 2) / (2 * s**2)) + c


kind, path = sys.argv[1], sys.argv[2]
if kind == "groups":
    rows = numpy.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 2)).reshape(-1, 20, 2)[::10]
    columns = [(group[:, 0], group[:, 1]) for group in rows]
    common.report(lambda: [curve_fit(decay, x, y, p0=[1, 1, 0]) for x, y in columns], 2, share=10)
else:
    x, y = numpy.loadtxt(path, delimiter=",", skiprows=1, unpack=True)
    model, start = {"decay": (decay, [1, 1, 0]), "peak": (peak, [1, 4, 2, 0])}[kind]
    values, covariance = curve_fit(model, x, y, p0=start)
    print(values, numpy.sqrt(numpy.diag(covariance)))
