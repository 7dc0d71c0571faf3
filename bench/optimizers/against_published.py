# SPDX-License-Identifier: MIT
"""Times the optimizers' plugins against the published algorithms, written plainly in PyTorch, or PyTorch's own, in one run.

Usage: against_published.py PATH/TO/optimizers_bench [threads]
"""
import math
import subprocess
import sys
import time

import numpy
import torch
import torchvision
from scipy.optimize import minimize_scalar


def fastest(runs, work):
    """Milliseconds elapsed and of processor time (all threads), each the least of some runs."""
    work()
    elapsed, processor = [], []
    for _ in range(runs):
        start, processor_start = time.perf_counter(), time.process_time()
        work()
        elapsed.append(1e3 * (time.perf_counter() - start))
        processor.append(1e3 * (time.process_time() - processor_start))
    return min(elapsed), min(processor)


def adamp_step(parameters, states, rate=1e-3, decay=5e-4, delta=0.1, ratio=0.1, eps=1e-8):
    for p, (m, v, counter) in zip(parameters, states):
        g = p.grad
        counter[0] += 1
        m.mul_(0.9).add_(g, alpha=0.1)
        v.mul_(0.999).addcmul_(g, g, value=0.001)
        step = m / ((v.sqrt() / math.sqrt(1 - 0.999 ** counter[0])).add_(eps))
        factor = 1
        if p.dim() > 1:
            for rows in (p.size(0), 1):
                w, gradient = p.view(rows, -1), g.view(rows, -1)
                cosine = torch.nn.functional.cosine_similarity(gradient, w, dim=1, eps=eps).abs_()
                if cosine.max() < delta / math.sqrt(w.size(1)):
                    unit = w / w.norm(dim=1, keepdim=True).add_(eps)
                    flat = step.view(rows, -1)
                    flat -= unit * (unit * flat).sum(dim=1, keepdim=True)
                    factor = ratio
                    break
        p.mul_(1 - rate * decay * factor)
        p.add_(step, alpha=-rate / (1 - 0.9 ** counter[0]))


def sgd_step(parameters, buffers, rate=1e-3, momentum=0.9, decay=5e-4):
    for p, buffer in zip(parameters, buffers):
        buffer.mul_(momentum).add_(p.grad.add(p, alpha=decay))
        p.add_(buffer, alpha=-rate)


def free_energy(variance, squares, columns, alpha, limit):
    x = squares / (columns * variance)
    noise, signal = x[x <= limit], x[x > limit]
    t = 0.5 * (signal - (1 + alpha) + numpy.sqrt((signal - (1 + alpha)) ** 2 - 4 * alpha))
    return (numpy.sum(noise - numpy.log(noise)) + numpy.sum(signal - t) + numpy.sum(numpy.log((t + 1) / signal))
            + alpha * numpy.sum(numpy.log(t / alpha + 1)))


def knowledge_gain(unfolding):
    matrix = unfolding.T if unfolding.size(0) > unfolding.size(1) else unfolding
    rows, columns = matrix.shape
    _, s, _ = torch.svd(matrix)  # vectors and all, as published
    s = s.numpy()
    alpha = rows / columns
    tau = 2.5129 * math.sqrt(alpha)
    limit = (1 + tau) * (1 + alpha / tau)
    kept = math.ceil(rows / (1 + alpha)) - 1
    bounds = [max(s[kept] ** 2 / (columns * limit), numpy.mean(s[kept:] ** 2) / columns),
              numpy.sum(s ** 2) / (rows * columns)]
    variance = minimize_scalar(free_energy, args=(s ** 2, columns, alpha, limit), bounds=bounds, method='bounded').x
    s = s[s > math.sqrt(columns * variance * limit)]
    if len(s) == 0:
        return 0.0
    rest = 1 - (rows + columns) * variance / s ** 2
    d = s / 2 * (rest + numpy.sqrt(rest ** 2 - 4 * rows * columns * variance ** 2 / s ** 4))
    return float(numpy.sum(d / d.max()) / unfolding.size(0))


def rmsgd_measure(parameters):
    for p in parameters:
        if p.dim() == 4:
            knowledge_gain(p.permute(1, 0, 2, 3).reshape(p.size(1), -1))
            knowledge_gain(p.reshape(p.size(0), -1))


def published():
    torch.manual_seed(1)
    parameters = list(torchvision.models.resnet18(num_classes=9).parameters())
    for p in parameters:
        p.grad = torch.randn_like(p) * 1e-3
    pytorch = {'adam_step': torch.optim.Adam(parameters, lr=1e-3, weight_decay=5e-4),
               'adamw_step': torch.optim.AdamW(parameters, lr=1e-3, weight_decay=5e-4),
               'sgd_step': torch.optim.SGD(parameters, lr=1e-3, momentum=0.9, weight_decay=5e-4)}
    times = {name: fastest(25, optimizer.step) for name, optimizer in pytorch.items()}
    with torch.no_grad():
        states = [(torch.zeros_like(p), torch.zeros_like(p), [0]) for p in parameters]
        times['adamp_step'] = fastest(25, lambda: adamp_step(parameters, states))
        buffers = [torch.zeros_like(p) for p in parameters]
        times['rmsgd_step'] = fastest(25, lambda: sgd_step(parameters, buffers))
        times['rmsgd_epoch_end'] = fastest(3, lambda: rmsgd_measure(parameters))
    return times


def measure(program, threads):
    """Prints the table; returns milliseconds elapsed of both sides: {name: of the published}, {name: of ours}."""
    torch.set_num_threads(threads)
    theirs = published()
    said = subprocess.run([program, str(threads)], check=True, capture_output=True, text=True).stdout
    print(f'{threads} threads, milliseconds; least of some runs      elapsed      processor time, all threads')
    print(f'{"":28}' + 2 * f'{"published":>10}{"ours":>10}{"ratio":>8}')
    found = {}
    for name, *ours in map(str.split, said.splitlines()):
        pairs = [(before, float(now)) for before, now in zip(theirs[name.replace('_channels_last', '')], ours)]
        print(f'{name:28}' + ''.join(f'{before:10.1f}{now:10.1f}{before / now:8.1f}' for before, now in pairs),
              flush=True)
        found[name] = pairs[0][1]
    return {name: before for name, (before, _) in theirs.items()}, found


if __name__ == '__main__':
    measure(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else torch.get_num_threads())
