"""network.py torch|jax|sklearn small|digits|large THREADS SECONDS: epochs of training a ReLU network.

small: 9-64-64-1, squared error, Adam, batch 256, an epoch of 1M rows. digits: 64-128-10, cross-entropy, Adam,
batch 32, 50 epochs of 1797 rows. large: 784-512-512-10, cross-entropy, plain SGD, batch 128, an epoch of 20k
rows. torch and sklearn do a tenth of the small one's rows and their time is multiplied.
"""
import sys
import warnings

from common import one_thread_of_xla, report

kind, size, threads, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
if kind == "jax":
    one_thread_of_xla(threads)
import numpy as np

widths, batch, rows, epochs, is_adam = {
    "small": ((9, 64, 64, 1), 256, 1_000_000, 1, True),
    "digits": ((64, 128, 10), 32, 1797, 50, True),
    "large": ((784, 512, 512, 10), 128, 20_000, 1, False),
}[size]
is_classifier = widths[-1] > 1
random = np.random.default_rng(0)
rows = rows // batch * batch
x = random.standard_normal((rows, widths[0])).astype(np.float32)
y = random.integers(0, 10, rows) if is_classifier else x.sum(1, keepdims=True) / 10
rate = 0.001

if kind == "jax":
    import jax
    import jax.numpy as jnp

    def outputs(p, x):
        for w, b in p[:-1]:
            x = jax.nn.relu(x @ w + b)
        return x @ p[-1][0] + p[-1][1]

    def loss(p, x, y):
        z = outputs(p, x)
        if is_classifier:
            return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(z), y[:, None], 1))
        return jnp.mean((z - y) ** 2)

    each = jax.tree_util.tree_map

    def step(state, first):
        p, m, v, t = state
        part = lambda all: jax.lax.dynamic_slice_in_dim(all, first, batch)
        value, g = jax.value_and_grad(loss)(p, part(x), part(y))
        if not is_adam:
            return (each(lambda p, g: p - rate * g, p, g), m, v, t), value
        t = t + 1
        m = each(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = each(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        long, root = rate / (1 - 0.9**t), jnp.sqrt(1 - 0.999**t)
        p = each(lambda p, m, v: p - long * m / (jnp.sqrt(v) / root + 1e-8), p, m, v)
        return (p, m, v, t), value

    x, y = jnp.array(x), jnp.array(y)
    p = [
        (jnp.array(random.uniform(-(a**-0.5), a**-0.5, (a, b)), jnp.float32), jnp.zeros(b))
        for a, b in zip(widths, widths[1:])
    ]
    zeros = each(jnp.zeros_like, p)
    firsts = jnp.tile(jnp.arange(0, rows, batch), epochs)
    train = jax.jit(lambda state: jax.lax.scan(step, state, firsts))
    report(lambda: jax.block_until_ready(train((p, zeros, zeros, jnp.float32(0)))), seconds)
elif kind == "sklearn":
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    warnings.filterwarnings("ignore")
    share = 10 if size == "small" else 1
    maker = MLPClassifier if is_classifier else MLPRegressor
    network = maker(
        hidden_layer_sizes=widths[1:-1], solver="adam" if is_adam else "sgd", momentum=0, alpha=0,
        batch_size=batch, max_iter=epochs, tol=0, n_iter_no_change=epochs, shuffle=False,
    )
    part = slice(rows // share)
    report(lambda: network.fit(x[part], y[part].ravel()), seconds, share)
else:
    import torch

    torch.set_num_threads(threads)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    layers = []
    for a, b in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(a, b), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers[:-1])
    optimizer = (torch.optim.Adam if is_adam else torch.optim.SGD)(network.parameters(), lr=rate)
    criterion = torch.nn.CrossEntropyLoss() if is_classifier else torch.nn.MSELoss()
    share = 10 if size == "small" else 1

    def train():
        for _ in range(epochs):
            for first in range(0, rows // share, batch):
                optimizer.zero_grad()
                criterion(network(x[first : first + batch]), y[first : first + batch]).backward()
                optimizer.step()

    report(train, seconds, share)
