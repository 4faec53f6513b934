"""single_rows.py jax|sklearn|torch FORMULA THREADS SECONDS: an epoch of plain SGD by single rows.

A million rows of 9 inputs; FORMULA is linear or nonlinear. torch does 4,000 of the rows and its
time is multiplied.
"""
import sys

from common import one_thread_of_xla, report

kind, formula, threads, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
if kind == "jax":
    one_thread_of_xla(threads)
import numpy as np

random = np.random.default_rng(0)
rows, rate = 1_000_000, 0.001
x = random.standard_normal((rows, 9)).astype(np.float32)
y = (x @ ((np.arange(9) + 1) / 10) + 0.5).astype(np.float32)

if kind == "jax":
    import jax
    import jax.numpy as jnp

    def loss(p, x, y):
        line = jnp.dot(p[0], x) + p[1]
        return (line - y) ** 2 if formula == "linear" else (p[2] * jnp.exp(-p[3] * x[0]) + line - y) ** 2

    def step(p, row):
        value, slopes = jax.value_and_grad(loss)(p, *row)
        return jax.tree_util.tree_map(lambda p, g: p - rate * g, p, slopes), value

    epoch = jax.jit(lambda p, x, y: jax.lax.scan(step, p, (x, y)))
    start = (jnp.zeros(9), jnp.zeros(()), jnp.zeros(()), jnp.zeros(()))
    x, y = jnp.array(x), jnp.array(y)
    report(lambda: jax.block_until_ready(epoch(start, x, y)), seconds)
elif kind == "sklearn":
    from sklearn.linear_model import SGDRegressor

    model = SGDRegressor(
        max_iter=1, tol=None, penalty=None, learning_rate="constant", eta0=rate, shuffle=False
    )
    report(lambda: model.fit(x, y), seconds)
else:
    import torch

    SHARE = 250
    torch.set_num_threads(threads)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    w, b = torch.zeros(9, requires_grad=True), torch.zeros((), requires_grad=True)
    a, c = torch.zeros((), requires_grad=True), torch.zeros((), requires_grad=True)
    optimizer = torch.optim.SGD([w, b] if formula == "linear" else [w, b, a, c], lr=rate)

    def some_rows():
        for i in range(rows // SHARE):
            optimizer.zero_grad()
            line = (x[i] * w).sum() + b
            if formula != "linear":
                line = a * torch.exp(-c * x[i, 0]) + line
            ((line - y[i]) ** 2).backward()
            optimizer.step()

    report(some_rows, seconds, share=SHARE)
