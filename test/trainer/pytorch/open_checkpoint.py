"""Opens checkpoints of lesionloop in PyTorch, under the same names, and says what the network says there.

    python test/trainer/pytorch/open_checkpoint.py CHECKPOINT... < pictures.json

Pictures: {"shape": [B, 3, S, S], "seed": n} by `noise` of training_reference.py, for each checkpoint. Prints a line of JSON
for each: the pooled features, the logits of flag and lesions, after every name fitted (`strict`).
"""
import json
import sys

import torch
from safetensors import safe_open
from training_reference import build, noise

HEADS = ("flag.weight", "flag.bias", "lesions.weight", "lesions.bias")


def main(paths):
    asked = json.load(sys.stdin)
    for path, pictures in zip(paths, asked):
        with safe_open(path, "pt") as file:
            config = json.loads(file.metadata()["lesionloop"])
            tensors = {name: file.get_tensor(name) for name in file.keys()}
        heads = {name: tensors.pop(name) for name in HEADS}
        model, maps = build(config["backbone"])
        # The ImageNet classes are no part of a fine-tuned network.
        for part in ("fc", "classifier"):
            if hasattr(model, part):
                setattr(model, part, torch.nn.Identity())
        model.load_state_dict(tensors, strict=True)
        model.eval()
        count = 1
        for extent in pictures["shape"]:
            count *= extent
        x = torch.from_numpy(noise(count, pictures["seed"])).reshape(pictures["shape"])
        with torch.no_grad():
            features = maps(model, x).mean([2, 3])
            flag = features @ heads["flag.weight"].T + heads["flag.bias"]
            lesions = features @ heads["lesions.weight"].T + heads["lesions.bias"]
        print(
            json.dumps(
                {
                    "backbone": config["backbone"],
                    "preprocessing": config["preprocessing"],
                    "features": features.tolist(),
                    "logits": torch.cat([flag, lesions], 1).tolist(),
                }
            ),
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
