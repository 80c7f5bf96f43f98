"""The other side of the race of trainer.mjs: the same network in PyTorch, random weights, in a process of its own.
python trainer-pytorch.py BACKBONE train|infer BATCH SIZE DEVICE
Says {ready} when it has run once, then answers each line "N" on its input with the seconds of N steps; at the end of its
input it says its highest memory."""
import json
import resource
import sys
import time

import torch
import torchvision

name, work, batch, size, device = sys.argv[1:6]
torch.manual_seed(1)


def network():
    if name == "efficientnet-lite0":
        import timm

        return timm.create_model("tf_efficientnet_lite0", num_classes=6)
    return torchvision.models.get_model(name.replace("-", "_"), num_classes=6)


def say(**line):
    print(json.dumps(line), flush=True)


model = network().to(device)
x = torch.randn(int(batch), 3, int(size), int(size), device=device)
# Our step compares without them; they are off here too.
for part in model.modules():
    if isinstance(part, (torch.nn.Dropout, torchvision.ops.StochasticDepth)):
        part.p = 0.0

if work == "infer":
    model.eval()

    def step():
        with torch.inference_mode():
            model(x).cpu()

else:
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), 3e-4, weight_decay=0.02)
    y = (torch.rand(int(batch), 6, device=device) > 0.5).float()

    def step():
        optimizer.zero_grad()
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(x), y)
        loss.backward()
        optimizer.step()
        loss.item()


step()
say(ready=True, version=torch.__version__, threads=torch.get_num_threads())
for line in sys.stdin:
    start = time.perf_counter()
    for _ in range(int(line)):
        step()
    say(seconds=time.perf_counter() - start)
gpu = torch.cuda.max_memory_allocated() if device == "cuda" else 0
say(bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, gpuBytes=gpu)
