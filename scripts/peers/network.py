"""network.py torch|jax small|large THREADS SECONDS: an epoch of plain SGD of a ReLU network.

small: 9-64-64-1, squared error, batch 256, 1M rows. large: 784-512-512-10, cross-entropy, batch 128, 20k
rows. torch does a tenth of the small one's rows and its time is multiplied.
"""
import sys

from common import one_thread_of_xla, report

kind, size, threads, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
if kind == "jax":
    one_thread_of_xla(threads)
import numpy as np

random = np.random.default_rng(0)
is_classifier = size == "large"
widths, batch, rows = (
    ((784, 512, 512, 10), 128, 20_000) if is_classifier else ((9, 64, 64, 1), 256, 1_000_000)
)
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

    def step(p, first):
        part = lambda all: jax.lax.dynamic_slice_in_dim(all, first, batch)
        value, slopes = jax.value_and_grad(loss)(p, part(x), part(y))
        return jax.tree_util.tree_map(lambda p, g: p - rate * g, p, slopes), value

    x, y = jnp.array(x), jnp.array(y)
    p = [
        (jnp.array(random.uniform(-(a**-0.5), a**-0.5, (a, b)), jnp.float32), jnp.zeros(b))
        for a, b in zip(widths, widths[1:])
    ]
    firsts = jnp.arange(0, rows, batch)
    epoch = jax.jit(lambda p: jax.lax.scan(step, p, firsts))
    report(lambda: jax.block_until_ready(epoch(p)), seconds)
else:
    import torch

    torch.set_num_threads(threads)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    layers = []
    for a, b in zip(widths, widths[1:]):
        layers += [torch.nn.Linear(a, b), torch.nn.ReLU()]
    network = torch.nn.Sequential(*layers[:-1])
    optimizer = torch.optim.SGD(network.parameters(), lr=rate)
    criterion = torch.nn.CrossEntropyLoss() if is_classifier else torch.nn.MSELoss()
    share = 1 if is_classifier else 10

    def part_of_an_epoch():
        for first in range(0, rows // share, batch):
            optimizer.zero_grad()
            criterion(network(x[first : first + batch]), y[first : first + batch]).backward()
            optimizer.step()

    report(part_of_an_epoch, seconds, share)
