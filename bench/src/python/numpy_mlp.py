"""Trains the benchmark's network with numpy in float32; see protocol.py."""
import numpy as np

from protocol import batch, initial_layers, read_data, serve, settings, unit_range

rate = np.float32(settings["learningRate"])
relu = settings["activation"] == "relu"


def activate(z):
    return np.maximum(z, 0) if relu else 1 / (1 + np.exp(-z))


def slope(activation):
    """The derivative of the activation function, from its value."""
    return activation > 0 if relu else activation * (1 - activation)


class Adam:
    """Adam on a list of arrays, which it changes in place."""

    def __init__(self, values):
        self.values, self.steps = values, 0
        self.first = [np.zeros_like(value) for value in values]
        self.second = [np.zeros_like(value) for value in values]

    def update(self, gradients):
        beta1, beta2, epsilon = settings["beta1"], settings["beta2"], settings["epsilon"]
        self.steps += 1
        for value, first, second, gradient in zip(self.values, self.first, self.second, gradients):
            first += np.float32(1 - beta1) * (gradient - first)
            second += np.float32(1 - beta2) * (np.square(gradient) - second)
            scale = np.sqrt(second / np.float32(1 - beta2**self.steps)) + np.float32(epsilon)
            value -= rate * (first / np.float32(1 - beta1**self.steps)) / scale


class Sgd:
    """Plain gradient descent on a list of arrays, which it changes in place."""

    def __init__(self, values):
        self.values = values

    def update(self, gradients):
        for value, gradient in zip(self.values, gradients):
            value -= rate * gradient


class Network:
    def __init__(self):
        self.layers, self.rows, self.order = initial_layers(), np.arange(batch), None
        values = [value for layer in self.layers for value in layer]
        self.optimizer = Adam(values) if settings["optimizer"] == "adam" else Sgd(values)
        self.images, self.labels, self.test_images, self.test_labels = read_data()

    def set_order(self, order):
        self.order = order

    def forward(self, x):
        """The activations of all layers, input first; the last ones are the logits."""
        activations = [x]
        for index, (weight, bias) in enumerate(self.layers):
            z = activations[-1] @ weight + bias
            activations.append(activate(z) if index < len(self.layers) - 1 else z)
        return activations

    def step(self, first):
        """Trains on one mini-batch; its mean loss before the update."""
        where = self.order[first : first + batch]
        labels = self.labels[where]
        activations = self.forward(self.images[where])
        logits = activations[-1]
        shifted = logits - logits.max(axis=1, keepdims=True)
        exponentials = np.exp(shifted)
        sums = exponentials.sum(axis=1, keepdims=True)
        loss = np.mean(np.log(sums[:, 0]) - shifted[self.rows, labels])
        dz = exponentials / sums
        dz[self.rows, labels] -= 1
        dz /= batch
        gradients = []
        for index in reversed(range(len(self.layers))):
            inputs = activations[index]
            gradients[:0] = [inputs.T @ dz, dz.sum(axis=0)]
            if index > 0:
                dz = (dz @ self.layers[index][0].T) * slope(inputs)
        self.optimizer.update(gradients)
        return float(loss)

    def train(self, batches):
        return [self.step(first) for first in batches][-1]

    def count_correct(self):
        predicted = self.forward(unit_range(self.test_images))[-1].argmax(axis=1)
        return int((predicted == self.test_labels).sum())


serve(Network(), f"numpy {np.__version__}, float32")
