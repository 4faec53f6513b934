"""lesson_torch.py OUT.png: the lesson in PyTorch, its losses on standard output, its curve by matplotlib."""
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import torch

w = torch.tensor([1.0], requires_grad=True)
losses = []
for _ in range(100):
    for x, y in ((1.0, 2.0), (2.0, 4.0), (3.0, 6.0)):
        loss = (x * w - y) ** 2
        loss.backward()
        with torch.no_grad():
            w -= 0.01 * w.grad
        w.grad = None
    losses.append(loss.item())
print("epoch,loss")
for epoch, value in enumerate(losses):
    print(f"{epoch},{value}")
plt.plot(losses)
plt.xlabel("epoch")
plt.ylabel("Loss")
plt.savefig(sys.argv[1])
