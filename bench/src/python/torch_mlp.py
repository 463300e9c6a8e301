"""Trains the benchmark's network with PyTorch on CUDA, eagerly or by a CUDA graph; see protocol.py.

The images are resident as floats, and a mini-batch is a window of a resident order. TF32 is off: everybody computes in
float32. The graph holds one whole step, replayed for every mini-batch.
"""
import numpy as np
import torch

from protocol import batch, initial_layers, read_data, serve, settings

cuda = torch.device("cuda")
torch.backends.cuda.matmul.allow_tf32 = False


def on_cuda(array):
    return torch.from_numpy(array).to(cuda)


class Network:
    def __init__(self, graphs):
        images, labels, self.test_images, self.test_labels = read_data()
        self.images, self.labels = on_cuda(images), on_cuda(labels.astype(np.int64))
        self.model = self.make_model()
        self.optimizer = self.make_optimizer()
        self.order = torch.zeros(len(self.labels), dtype=torch.int64, device=cuda)
        self.where = torch.zeros(batch, dtype=torch.int64, device=cuda)
        self.loss = torch.zeros((), device=cuda)
        self.graph = self.capture() if graphs else None

    def make_model(self):
        modules = []
        for weight, bias in initial_layers():
            linear = torch.nn.Linear(*weight.shape)
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(weight.T))
                linear.bias.copy_(torch.from_numpy(bias))
            modules += [linear, torch.nn.ReLU() if settings["activation"] == "relu" else torch.nn.Sigmoid()]
        return torch.nn.Sequential(*modules[:-1]).to(cuda)

    def make_optimizer(self):
        rate, parameters = settings["learningRate"], self.model.parameters()
        if settings["optimizer"] == "sgd":
            return torch.optim.SGD(parameters, lr=rate, foreach=True)
        betas = (settings["beta1"], settings["beta2"])
        return torch.optim.Adam(parameters, lr=rate, betas=betas, eps=settings["epsilon"], fused=True, capturable=True)

    def step(self):
        """Trains on the images that self.where points to; leaves the mean loss before the update in self.loss."""
        logits = self.model(self.images[self.where])
        loss = torch.nn.functional.cross_entropy(logits, self.labels[self.where])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        self.loss.copy_(loss.detach())

    def capture(self):
        """Records one step. The steps that warm it up change the parameters and are undone."""
        kept = {name: value.clone() for name, value in self.model.state_dict().items()}
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(3):
                self.step()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        self.optimizer.zero_grad(set_to_none=True)
        with torch.cuda.graph(graph):
            self.step()
        self.model.load_state_dict(kept)
        for state in self.optimizer.state.values():
            for value in state.values():
                if torch.is_tensor(value):
                    value.zero_()
        return graph

    def set_order(self, order):
        self.order = on_cuda(order.astype(np.int64))

    def train(self, batches):
        for first in batches:
            self.where.copy_(self.order[first : first + batch])
            if self.graph:
                self.graph.replay()
            else:
                self.step()
        return self.loss.item()

    def count_correct(self):
        with torch.no_grad():
            images = on_cuda(self.test_images).reshape(len(self.test_labels), -1).float() / 255
            predicted = self.model(images).argmax(dim=1).cpu().numpy()
        return int((predicted == self.test_labels).sum())


serve(Network(settings["variant"] == "graphs"), f"{torch.cuda.get_device_name()}, PyTorch {torch.__version__}")
