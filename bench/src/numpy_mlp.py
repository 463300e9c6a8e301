"""Trains the benchmark's network with numpy in float32: python3 numpy_mlp.py FOLDER SETTINGS.

FOLDER holds raw arrays (train-images, train-labels, test-images, test-labels, parameters, order), SETTINGS is JSON with
sizes, batchSize and learningRate. Requests come as lines of JSON on stdin, each is answered with one on stdout.
"""
import json
import os
import sys
import time

import numpy as np

folder, settings = sys.argv[1], json.loads(sys.argv[2])
sizes, batch = settings["sizes"], settings["batchSize"]
rate = np.float32(settings["learningRate"])


def read(name, dtype):
    return np.fromfile(os.path.join(folder, name), dtype)


def read_layers():
    """The weights, transposed to [inputs, outputs], and biases of all layers."""
    flat, layers = read("parameters", np.float32), []
    for inputs, outputs in zip(sizes, sizes[1:]):
        weight, bias, flat = np.split(flat, [inputs * outputs, inputs * outputs + outputs])[0:3]
        layers.append([np.ascontiguousarray(weight.reshape(outputs, inputs).T), bias.copy()])
    return layers


def unit_range(images):
    """Pixels from 0 to 1, [count, inputs]."""
    return images.reshape(-1, sizes[0]).astype(np.float32) / np.float32(255)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def forward(x):
    """The activations of all layers, input first; the last ones are the logits."""
    activations = [x]
    for index, (weight, bias) in enumerate(layers):
        z = activations[-1] @ weight + bias
        activations.append(sigmoid(z) if index < len(layers) - 1 else z)
    return activations


def step(first):
    """Trains on one mini-batch; its mean loss before the update."""
    where = order[first : first + batch]
    labels = train_labels[where]
    activations = forward(train_images[where])
    logits = activations[-1]
    shifted = logits - logits.max(axis=1, keepdims=True)
    exponentials = np.exp(shifted)
    sums = exponentials.sum(axis=1, keepdims=True)
    loss = np.mean(np.log(sums[:, 0]) - shifted[rows, labels])
    dz = exponentials / sums
    dz[rows, labels] -= 1
    dz /= batch
    for index in reversed(range(len(layers))):
        weight, bias = layers[index]
        inputs = activations[index]
        d_weight, d_bias = inputs.T @ dz, dz.sum(axis=0)
        if index > 0:
            dz = (dz @ weight.T) * inputs * (1 - inputs)
        weight -= rate * d_weight
        bias -= rate * d_bias
    return float(loss)


def answer(call, batches):
    """What a request is answered with."""
    global order
    if call == "order":
        order = read("order", np.uint32)
        return {}
    if call == "train":
        started = time.perf_counter()
        for first in batches:
            loss = step(first)
        return {"loss": loss, "ms": (time.perf_counter() - started) * 1000}
    if call == "infer":
        predicted = forward(unit_range(test_images))[-1].argmax(axis=1)
        return {"correct": int((predicted == test_labels).sum())}
    return {"bytes": resident_bytes()}


def resident_bytes():
    """Resident memory of this process; None where there is no /proc."""
    if not os.path.exists("/proc/self/statm"):
        return None
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


layers, rows, order = read_layers(), np.arange(batch), None
train_images, train_labels = unit_range(read("train-images", np.uint8)), read("train-labels", np.uint8)
test_images, test_labels = read("test-images", np.uint8), read("test-labels", np.uint8)
print(json.dumps({"version": np.__version__}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(answer(request["call"], request.get("batches"))), flush=True)
