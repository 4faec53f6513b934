"""full_batch.py torch|compile|jax float32|float64 THREADS SECONDS: a gradient over a million rows.

Of mean((a*exp(-b*x) + c*sin(d*x) - y)^2) by a, b, c and d.
"""
import sys

from common import one_thread_of_xla, report

kind, precision, threads, seconds = sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
if kind == "jax":
    one_thread_of_xla(threads)
import numpy as np

random = np.random.default_rng(0)
rows = 1_000_000
x = random.uniform(0, 4, rows).astype(precision)
y = random.standard_normal(rows).astype(precision)
start = [1.0, 0.5, 0.3, 2.8]

if kind == "jax":
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", precision == "float64")
    x, y = jnp.array(x), jnp.array(y)
    p = [jnp.array(value, x.dtype) for value in start]
    gradient = jax.jit(
        jax.value_and_grad(
            lambda p: jnp.mean((p[0] * jnp.exp(-p[1] * x) + p[2] * jnp.sin(p[3] * x) - y) ** 2)
        )
    )
    report(lambda: jax.block_until_ready(gradient(p)), seconds)
else:
    import torch

    torch.set_num_threads(threads)
    x, y = torch.from_numpy(x), torch.from_numpy(y)
    p = [torch.tensor(value, dtype=x.dtype, requires_grad=True) for value in start]

    def loss(a, b, c, d):
        return ((a * torch.exp(-b * x) + c * torch.sin(d * x) - y) ** 2).mean()

    if kind == "compile":
        loss = torch.compile(loss)
    report(lambda: torch.autograd.grad(loss(*p), p), seconds)
