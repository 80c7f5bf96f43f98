"""Holds what we read of DICOM files against what pydicom reads of the same files.

    python test/data/dicom/compare_pydicom.py FOLDER

FOLDER holds pairs: NAME.dcm and NAME.json with {"frames": [{"hounsfield": [...]}, ...]} as pydicom.test.ts leaves them.
"""
import json, pathlib, sys
import numpy as np
import pydicom

worst = 0.0
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.dcm")):
    ours = json.loads(path.with_suffix(".json").read_text())["frames"]
    file = pydicom.dcmread(path)
    pixels = file.pixel_array.astype(np.float64)
    if len(ours) == 1:
        pixels = pixels[None]
    theirs = pixels * float(file.get("RescaleSlope", 1)) + float(file.get("RescaleIntercept", 0))
    apart = max(
        float(np.abs(np.asarray(one["hounsfield"]) - frame.ravel()).max()) for one, frame in zip(ours, theirs, strict=True)
    )
    worst = max(worst, apart)
    print(f"{path.name:32} {file.file_meta.TransferSyntaxUID.name:60} {len(ours)} frame(s), furthest apart {apart:g} HU")
print(f"furthest apart: {worst:g} HU")
sys.exit(worst > 0)
