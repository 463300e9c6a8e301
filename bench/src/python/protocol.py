"""What the Python contenders share: `python3 NAME_mlp.py FOLDER SETTINGS`.

FOLDER holds raw arrays (train-images, train-labels, test-images, test-labels, parameters, order), SETTINGS is JSON with
sizes, batchSize, learningRate, activation, optimizer, Adam's constants, and the variant. Requests come as lines of JSON
on stdin, each is answered with one on stdout.
"""
import json
import os
import sys
import time

import numpy as np

folder, settings = sys.argv[1], json.loads(sys.argv[2])
sizes, batch = settings["sizes"], settings["batchSize"]


def read(name, dtype):
    return np.fromfile(os.path.join(folder, name), dtype)


def initial_layers():
    """The weights, transposed to [inputs, outputs], and biases of all layers."""
    flat, layers = read("parameters", np.float32), []
    for inputs, outputs in zip(sizes, sizes[1:]):
        weight, bias, flat = np.split(flat, [inputs * outputs, inputs * outputs + outputs])[0:3]
        layers.append([np.ascontiguousarray(weight.reshape(outputs, inputs).T), bias.copy()])
    return layers


def unit_range(images):
    """Pixels from 0 to 1, [count, inputs]."""
    return images.reshape(-1, sizes[0]).astype(np.float32) / np.float32(255)


data_ms = 0


def read_data():
    """Training images as floats, their labels, test images as bytes, their labels. Others find these in memory: how long it takes is told apart."""
    global data_ms
    started = time.perf_counter()
    images, labels = unit_range(read("train-images", np.uint8)), read("train-labels", np.uint8)
    test_images, test_labels = read("test-images", np.uint8), read("test-labels", np.uint8)
    data_ms = (time.perf_counter() - started) * 1000
    return images, labels, test_images, test_labels


def resident_bytes():
    """Resident memory of this process; None where there is no /proc."""
    if not os.path.exists("/proc/self/statm"):
        return None
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def answer(network, call, batches):
    """What a request is answered with."""
    if call == "order":
        network.set_order(read("order", np.uint32))
        return {}
    if call == "train":
        started = time.perf_counter()
        loss = network.train(batches)
        return {"loss": loss, "ms": (time.perf_counter() - started) * 1000}
    if call == "infer":
        return {"correct": network.count_correct()}
    return {"bytes": resident_bytes()}


def serve(network, device):
    """Answers until stdin ends. `network` has set_order, train and count_correct."""
    print(json.dumps({"device": device, "dataMs": data_ms}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(answer(network, request["call"], request.get("batches"))), flush=True)
