"""Milliseconds of one inference by ONNX Runtime: median of many after a warm-up.

usage: time_ort.py MODEL.onnx IMAGES.npy THREADS RUNS [LOGITS.npy]
"""
import statistics
import sys
import time

import numpy as np
import onnxruntime

model, images, threads, runs = sys.argv[1], np.load(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
name = session.get_inputs()[0].name
logits = np.concatenate([session.run(None, {name: image[None]})[0] for image in images])
if len(sys.argv) > 5:
    np.save(sys.argv[5], logits)
samples = []
for index in range(runs):
    start = time.perf_counter()
    session.run(None, {name: images[index % len(images)][None]})
    samples.append(time.perf_counter() - start)
print(f"{statistics.median(samples) * 1000:.1f} {min(samples) * 1000:.1f}")
