"""train_csv.py jax|sklearn FILE: reads a CSV of x1 to x9 and y, then an epoch of plain SGD by single rows."""
import sys

import pandas

kind, path = sys.argv[1], sys.argv[2]
rate = 0.001
table = pandas.read_csv(path, dtype="float32")
x, y = table.iloc[:, :9].to_numpy(), table["y"].to_numpy()

if kind == "jax":
    import jax
    import jax.numpy as jnp

    def loss(p, x, y):
        return (jnp.dot(p[0], x) + p[1] - y) ** 2

    def step(p, row):
        value, slopes = jax.value_and_grad(loss)(p, *row)
        return jax.tree_util.tree_map(lambda p, g: p - rate * g, p, slopes), value

    epoch = jax.jit(lambda p, x, y: jax.lax.scan(step, p, (x, y)))
    p, losses = epoch((jnp.zeros(9), jnp.zeros(())), jnp.array(x), jnp.array(y))
    print(float(losses[-1]), file=sys.stderr)
else:
    from sklearn.linear_model import SGDRegressor

    SGDRegressor(
        max_iter=1, tol=None, penalty=None, learning_rate="constant", eta0=rate, shuffle=False
    ).fit(x, y)
