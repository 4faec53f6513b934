"""fit.py scipy|lmfit decay|peak FILE: fits a formula to the columns x and y of a CSV, from near start values.

fit.py scipy groups FILE SECONDS: fits each group of 20 rows of a CSV of group, x and y alone, and prints what that
took; of every tenth group, times ten.
"""
import sys

import numpy

import common


def decay(x, a, b, c):
    return a * numpy.exp(-b * x) + c


def peak(x, a, m, s, c):
    return a * numpy.exp(-((x - m) ** 2) / (2 * s**2)) + c


package, kind, path = sys.argv[1:4]
model, start = {"peak": (peak, [1, 4, 2, 0])}.get(kind, (decay, [1, 1, 0]))
if kind == "groups":
    from scipy.optimize import curve_fit

    rows = numpy.loadtxt(path, delimiter=",", skiprows=1, usecols=(1, 2)).reshape(-1, 20, 2)[::10]
    columns = [(group[:, 0], group[:, 1]) for group in rows]
    fit_all = lambda: [curve_fit(model, x, y, p0=start) for x, y in columns]
    common.report(fit_all, float(sys.argv[4]), share=10)
else:
    x, y = numpy.loadtxt(path, delimiter=",", skiprows=1, unpack=True)
    if package == "lmfit":
        import lmfit

        names = ["a", "b", "c"] if kind == "decay" else ["a", "m", "s", "c"]
        result = lmfit.Model(model).fit(y, x=x, **dict(zip(names, start)))
        print(result.best_values, {name: result.params[name].stderr for name in names})
    else:
        from scipy.optimize import curve_fit

        values, covariance = curve_fit(model, x, y, p0=start)
        print(values, numpy.sqrt(numpy.diag(covariance)))
