"""Muon for the matrices, Adam for the rest.

Muon orthogonalises the momentum of every weight matrix by a few Newton–Schulz steps; matrices of one
shape are handled together, a few at a time, by all threads.
"""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor

MATRICES_AT_ONCE = 3
NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)


def orthogonalise(g: Tensor, steps: int = 5, precision: torch.dtype = torch.float32) -> Tensor:
    """The nearest semi-orthogonal matrices, roughly; `g` is a stack of matrices. `precision` is that of the products."""
    a, b, c = NEWTON_SCHULZ
    tall = g.shape[-2] > g.shape[-1]
    x = g.mT if tall else g
    x = (x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)).to(precision)
    for _ in range(steps):
        gram = x @ x.mT
        x = a * x + (b * gram + c * gram @ gram) @ x
    return (x.mT if tall else x).to(g.dtype)


class MuonAdam:
    def __init__(self, model: torch.nn.Module, matrix_rate: float = 0.02, rate: float = 3e-3, weight_decay: float = 0.05,
                 precision: torch.dtype = torch.float32, threads: int = 1):
        self.pool = ThreadPoolExecutor(threads, initializer=lambda: torch.set_num_threads(1))
        self.precision, self.matrix_rate, self.rate, self.weight_decay = precision, matrix_rate, rate, weight_decay
        named = dict(model.named_parameters())
        self.groups = defaultdict(list)
        for name, p in named.items():
            if p.dim() == 2 and name.startswith("layers."):
                self.groups[tuple(p.shape)].append(p)
        in_groups = {id(p) for group in self.groups.values() for p in group}
        self.others = {n: p for n, p in named.items() if id(p) not in in_groups}
        self.momentum = {shape: torch.zeros(len(ps), *shape) for shape, ps in self.groups.items()}
        self.first = {n: torch.zeros_like(p) for n, p in self.others.items()}
        self.second = {n: torch.zeros_like(p) for n, p in self.others.items()}
        self.count = 0

    @torch.no_grad()
    def step(self, scale: float) -> float:
        """One update at `scale` of the full learning rate. Returns the gradient norm."""
        self.count += 1
        everything = [p for group in self.groups.values() for p in group] + list(self.others.values())
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm([p.grad for p in everything]))).item()
        clip = min(1.0, 1.0 / (norm + 1e-6))
        parts = [(ps[i: i + MATRICES_AT_ONCE], self.momentum[shape][i: i + MATRICES_AT_ONCE])
                 for shape, ps in self.groups.items() for i in range(0, len(ps), MATRICES_AT_ONCE)]
        list(self.pool.map(lambda part: self.matrices(*part, scale * self.matrix_rate), parts))
        for name, p in self.others.items():
            grad = p.grad * clip
            first = self.first[name].mul_(0.9).add_(grad, alpha=0.1)
            second = self.second[name].mul_(0.98).addcmul_(grad, grad, value=0.02)
            unbiased = (second / (1 - 0.98**self.count)).sqrt_().add_(1e-9)
            rate = scale * self.rate * (1.0 if name.startswith("embed_tokens") else 0.3)
            p.addcdiv_(first / (1 - 0.9**self.count), unbiased, value=-rate)
        for p in everything:
            p.grad = None
        return norm

    @torch.no_grad()
    def matrices(self, ps: list[Tensor], momentum: Tensor, rate: float) -> None:
        """Muon's update of matrices of one shape; `momentum` is theirs, stacked."""
        grad = torch.stack([p.grad for p in ps])
        momentum.mul_(0.95).add_(grad, alpha=0.05)
        rows, columns = ps[0].shape
        size = rate * max(1.0, rows / columns) ** 0.5
        for p, update in zip(ps, orthogonalise(grad.lerp(momentum, 0.95), precision=self.precision)):
            p.mul_(1 - rate * self.weight_decay).add_(update, alpha=-size)

    def state(self) -> dict:
        return {"momentum": self.momentum, "first": self.first, "second": self.second, "count": self.count}

    def load(self, state: dict) -> None:
        self.momentum, self.first, self.second, self.count = (state[k] for k in ("momentum", "first", "second", "count"))
