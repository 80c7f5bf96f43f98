"""Computes test/fixtures/training/*.json: one training step of each backbone in PyTorch, in float64.

    python test/trainer/pytorch/training_reference.py OUT_FOLDER [NAME...]

Weights and pictures are noise by formula (test/trainer/backbones/noise.ts says the same in TypeScript): a hash of the
place and of the tensor's number, so that every channel sees something else and no batch norm divides by nearly nothing.
"""
import json
import sys
from pathlib import Path

import numpy as np
import timm
import torch
import torchvision

NAMES = {
    "vgg16": "vgg16",
    "resnet18": "resnet18",
    "resnet50": "resnet50",
    "densenet121": "densenet121",
    "densenet169": "densenet169",
    "efficientnet-b0": "efficientnet_b0",
    "efficientnet-b1": "efficientnet_b1",
    "efficientnet-lite0": "tf_efficientnet_lite0",
}
SHAPE = (4, 3, 64, 64)


def noise(count, tensor):
    """Uniform in -1...1, float32: the last mixing step of MurmurHash3 over place and tensor."""
    h = np.arange(count, dtype=np.uint64) + np.uint64((tensor + 1) * 0x9E3779B9 & 0xFFFFFFFF)
    h &= 0xFFFFFFFF
    h ^= h >> np.uint64(16)
    h = h * np.uint64(0x85EBCA6B) & np.uint64(0xFFFFFFFF)
    h ^= h >> np.uint64(13)
    h = h * np.uint64(0xC2B2AE35) & np.uint64(0xFFFFFFFF)
    h ^= h >> np.uint64(16)
    return (h.astype(np.float64) / 2**31 - 1).astype(np.float32)


def fill(state):
    filled, tensor = {}, 0
    for name, value in state.items():
        if name.endswith("num_batches_tracked"):
            filled[name] = value
            continue
        u = noise(value.numel(), tensor).reshape(tuple(value.shape))
        tensor += 1
        if value.dim() > 1:
            u = u * np.float32(np.sqrt(6 * value.shape[0] / value.numel()))
        elif name.endswith("running_var"):
            u = 1 + np.float32(0.5) * np.abs(u)
        elif name.endswith("weight"):
            u = 1 + np.float32(0.1) * u
        else:
            u = np.float32(0.1) * u
        filled[name] = torch.from_numpy(np.asarray(u, dtype=np.float32))
    return filled


def build(name):
    if name == "efficientnet-lite0":
        return timm.create_model(NAMES[name]), lambda m, x: m.forward_features(x)
    model = getattr(torchvision.models, NAMES[name])()
    if name.startswith("resnet"):
        return model, lambda m, x: torch.nn.Sequential(*list(m.children())[:-2])(x)
    if name.startswith("densenet"):
        return model, lambda m, x: torch.relu(m.features(x))
    if name.startswith("vgg"):
        return model, lambda m, x: m.avgpool(m.features(x))
    return model, lambda m, x: m.features(x)


def step(name, dtype):
    model, maps = build(name)
    model.load_state_dict(fill(model.state_dict()))
    model = model.to(dtype).train()
    for module in model.modules():
        if type(module).__name__ in ("Dropout", "StochasticDepth", "DropPath"):
            module.eval()
    pictures = torch.from_numpy(noise(int(np.prod(SHAPE)), 9999).reshape(SHAPE)).to(dtype)
    loss = (maps(model, pictures).mean([2, 3]) ** 2).mean()
    loss.backward()
    gradients = {
        key: [float(f"{value:.7g}") for value in (p.grad.norm().item(), *p.grad.flatten()[:3].tolist())]
        for key, p in model.named_parameters()
        if p.grad is not None
    }
    running = {
        key: float(f"{value.norm().item():.7g}")
        for key, value in model.state_dict().items()
        if ".running_" in f".{key}"
    }
    return {"loss": loss.item(), "gradients": gradients, "running": running}


def main(out, names):
    for name in names or NAMES:
        exact, single = step(name, torch.float64), step(name, torch.float32)
        largest = max(g[0] for g in exact["gradients"].values())
        off = max(
            abs(single["gradients"][k][0] - g[0]) / max(g[0], 1e-5 * largest)
            for k, g in exact["gradients"].items()
        )
        print(f"{name}: loss {exact['loss']:.6g}, float32 differs from float64 by {off:.2g} at most", flush=True)
        file = {"backbone": name, "torch": torch.__version__, "input": SHAPE, **exact}
        (Path(out) / f"{name}.json").write_text(json.dumps(file, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
