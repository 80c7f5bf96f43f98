"""Makes pytorch-grad-cam.json: small maps, gradients and what pytorch-grad-cam's GradCAMPlusPlus makes of them.

A seeded net of two convolutions and a head that is not linear, so that the gradient differs from place to place.
The map is taken as the package scales it (less its least value, over its greatest) and before that.
"""
import json
import sys
from importlib.metadata import version

import numpy as np
import torch
from pytorch_grad_cam import GradCAMPlusPlus
from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget

torch.set_default_dtype(torch.float64)
cases = []
for seed, (channels, size, out) in enumerate([(4, 6, 3), (7, 5, 2), (3, 8, 6)]):
    torch.manual_seed(seed)

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.maps = torch.nn.Sequential(torch.nn.Conv2d(3, channels, 3, padding=1), torch.nn.ReLU())
            self.mix = torch.nn.Conv2d(channels, 5, 3)
            self.head = torch.nn.Linear(5, out)

        def forward(self, x):
            return self.head(torch.tanh(self.mix(self.maps(x))).mean((2, 3)))

    net = Net().eval()
    x = torch.randn(1, 3, size, size)
    for target in range(out):
        with GradCAMPlusPlus(model=net, target_layers=[net.maps]) as cam:
            kept = {}
            inner = cam.get_cam_image

            def keep(*args, **kwargs):
                kept["raw"] = inner(*args, **kwargs)
                kept["activations"], kept["gradients"] = args[3], args[4]
                return kept["raw"]

            cam.get_cam_image = keep
            scaled = cam(input_tensor=x, targets=[ClassifierOutputTarget(target)])[0]
        last = lambda a: np.transpose(np.asarray(a)[0], (1, 2, 0)).astype(float).ravel().tolist()
        cases.append(dict(
            height=size, width=size, channels=channels,
            maps=last(kept["activations"]), gradients=last(kept["gradients"]),
            raw=np.maximum(np.asarray(kept["raw"])[0], 0).astype(float).ravel().tolist(),
            scaled=np.asarray(scaled, float).ravel().tolist(),
        ))
json.dump(dict(made_with={p: version(p) for p in ("grad-cam", "torch")}, cases=cases), sys.stdout)
