"""Saves a network of torchvision as safetensors, as PyTorch names it: float32, float16 and bfloat16.

    python test/trainer/pytorch/save_weights.py NAME FOLDER

Weights by `fill` of training_reference.py. Prints the pooled features of pictures [2, 3, 64, 64] by `noise`, tensor 7.
"""
import json
import sys

import torch
from safetensors.torch import save_file
from training_reference import build, fill, noise


def main(name, folder):
    model, maps = build(name)
    model.load_state_dict(fill(model.state_dict()))
    model.eval()
    for dtype in ("float32", "float16", "bfloat16"):
        kept = {
            key: value.to(getattr(torch, dtype)) if value.is_floating_point() else value
            for key, value in model.state_dict().items()
        }
        save_file({key: value.contiguous() for key, value in kept.items()}, f"{folder}/{dtype}.safetensors")
    x = torch.from_numpy(noise(2 * 3 * 64 * 64, 7)).reshape(2, 3, 64, 64)
    with torch.no_grad():
        print(json.dumps(maps(model, x).mean([2, 3]).tolist()))


if __name__ == "__main__":
    main(*sys.argv[1:])
