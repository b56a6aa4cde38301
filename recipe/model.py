"""A small Qwen2, written for fast training on a CPU.

The mathematics are those of Hugging Face's `Qwen2ForCausalLM` (RMSNorm, rotary positions, grouped
key/value heads with biases, SwiGLU, tied embeddings). Parameter names follow Hugging Face's, so a
checkpoint is exported by copying tensors, see `export.py`.
"""

from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

QUERY_BLOCK = 128


@dataclass(frozen=True)
class ModelConfig:
    vocab_size: int = 4096
    hidden_size: int = 192
    num_hidden_layers: int = 6
    intermediate_size: int = 512
    num_attention_heads: int = 6
    num_key_value_heads: int = 2
    max_position_embeddings: int = 1024
    rope_theta: float = 10000.0
    rms_norm_eps: float = 1e-6

    @property
    def head_dim(self) -> int:
        return self.hidden_size // self.num_attention_heads

    def as_dict(self) -> dict:
        return asdict(self)


class RMSNorm(nn.Module):
    def __init__(self, size: int, eps: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.eps = eps

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weight, self.eps)


class Attention(nn.Module):
    def __init__(self, c: ModelConfig):
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = c.num_attention_heads, c.num_key_value_heads, c.head_dim
        self.q_proj = nn.Linear(c.hidden_size, self.heads * self.head_dim)
        self.k_proj = nn.Linear(c.hidden_size, self.kv_heads * self.head_dim)
        self.v_proj = nn.Linear(c.hidden_size, self.kv_heads * self.head_dim)
        self.o_proj = nn.Linear(self.heads * self.head_dim, c.hidden_size, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        batch, length, _ = x.shape

        def split(y: Tensor, heads: int) -> Tensor:
            return y.view(batch, length, heads, self.head_dim).transpose(1, 2)

        q = rotate(split(self.q_proj(x), self.heads), cos, sin)
        k = rotate(split(self.k_proj(x), self.kv_heads), cos, sin)
        v = split(self.v_proj(x), self.kv_heads)
        out = attend(q.to(v.dtype), k.to(v.dtype), v)
        return self.o_proj(out.transpose(1, 2).reshape(batch, length, -1))


def attend(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Causal attention of q (batch, heads, length, size) to k and v (batch, key/value heads, length, size), in q's shape.

    A block of queries at a time against the keys up to its end, so that about half of the products are spared; the heads of a group
    are more rows of one product. With heads as small as ours PyTorch's own kernel takes half of a training step on a CPU, this a quarter.
    """
    batch, heads, length, size = q.shape
    kv_heads = k.shape[1]
    groups, stacks = heads // kv_heads, batch * kv_heads
    q, k_t, v = q.reshape(stacks, groups, length, size), k.reshape(stacks, length, size).mT, v.reshape(stacks, length, size)
    out = []
    for start in range(0, length, QUERY_BLOCK):
        end = min(length, start + QUERY_BLOCK)
        rows = q[:, :, start:end].reshape(stacks, groups * (end - start), size)
        scores = torch.bmm(rows, k_t[..., :end]).view(stacks, groups, end - start, end) * size**-0.5
        later = torch.arange(end) > torch.arange(start, end)[:, None]
        shares = scores.masked_fill(later, float("-inf")).softmax(-1).to(v.dtype)
        out.append(torch.bmm(shares.view(stacks, -1, end), v[:, :end]).view(stacks, groups, end - start, size))
    return torch.cat(out, 2).view(batch, heads, length, size)


class MLP(nn.Module):
    def __init__(self, c: ModelConfig):
        super().__init__()
        self.gate_proj = nn.Linear(c.hidden_size, c.intermediate_size, bias=False)
        self.up_proj = nn.Linear(c.hidden_size, c.intermediate_size, bias=False)
        self.down_proj = nn.Linear(c.intermediate_size, c.hidden_size, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, c: ModelConfig):
        super().__init__()
        self.input_layernorm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        self.self_attn = Attention(c)
        self.post_attention_layernorm = RMSNorm(c.hidden_size, c.rms_norm_eps)
        self.mlp = MLP(c)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        return x + self.mlp(self.post_attention_layernorm(x))


class Decoder(nn.Module):
    """The model. `forward` gives hidden states; `logits` and `loss` read the tied embedding."""

    def __init__(self, config: ModelConfig):
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocab_size, config.hidden_size)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))
        self.norm = RMSNorm(config.hidden_size, config.rms_norm_eps)
        cos, sin = rotary_tables(config)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        for name, p in self.named_parameters():
            if name.endswith("bias"):
                nn.init.zeros_(p)
            elif name.startswith("embed_tokens"):
                nn.init.normal_(p, std=0.02)
            elif p.dim() == 2:  # branches start near zero, so that the network starts as the identity
                gain = 0.02 if name.endswith(("o_proj.weight", "down_proj.weight")) else 0.5
                nn.init.normal_(p, std=gain * p.shape[1] ** -0.5)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embed_tokens(ids)
        cos, sin = (t[: ids.shape[1]].to(x.dtype) for t in (self.cos, self.sin))
        for layer in self.layers:
            x = layer(x, cos, sin)
        return self.norm(x)

    def logits(self, ids: Tensor) -> Tensor:
        return F.linear(self(ids), self.embed_tokens.weight)

    def loss(self, ids: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """Weighted mean of the cross-entropy, in nats per (weighted) token."""
        logits = self.logits(ids).float()
        each = F.cross_entropy(logits.view(-1, logits.shape[-1]), targets.reshape(-1), reduction="none")
        weights = weights.reshape(-1)
        return (each * weights).sum() / weights.sum().clamp(min=1)


def rotary_tables(c: ModelConfig) -> tuple[Tensor, Tensor]:
    frequency = c.rope_theta ** (-torch.arange(0, c.head_dim, 2).float() / c.head_dim)
    angle = torch.arange(c.max_position_embeddings).float()[:, None] * frequency
    angle = torch.cat((angle, angle), -1)
    return angle.cos(), angle.sin()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = x.chunk(2, -1)
    return x * cos + torch.cat((-second, first), -1) * sin
