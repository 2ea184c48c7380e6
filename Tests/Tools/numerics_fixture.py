"""The formulas of docs/numerics.md in Python, written from that page alone, and a table of their results.

    python3 Tests/Tools/numerics_fixture.py > Tests/NumericsTests/Fixtures/formulas.csv

Needs NumPy. Each line: what is computed, form, parameters, operands, results; lists are separated by spaces.
"""

import math
import random

import numpy as np

f32 = np.float32
np.seterr(all="ignore")


def he(x):
    """Half even."""
    return round(x)


def clamp(x, low=-128, high=127):
    return int(max(low, min(high, x)))


def shr(x, n):
    """x / 2^n, rounded down; n may be negative."""
    return x >> n if n >= 0 else x << -n


def log2(x):
    return math.frexp(x)[1] - 1


def half_up(x, shift):
    return (x + (1 << (shift - 1))) >> shift if shift else x


def shift_for(factor, bits):
    return max(0, min(62, bits - 1 - log2(factor)))


def multiplier(factor, shift, limit):
    return min(he(factor * 2.0**shift), limit)


def fixed(x, factor):
    """x times a factor in fixed point."""
    shift = shift_for(factor, 31) if factor > 0 else 0
    m = multiplier(factor, shift, 1 << 31)
    if m == 1 << 31:
        m, shift = (1 << 30, shift - 1) if shift else ((1 << 31) - 1, 0)
    assert abs(x * m) + (1 << 61) < 1 << 63
    return half_up(x * m, shift)


class Q:
    def __init__(self, scale, zero):
        self.scale, self.zero = f32(scale), zero

    @property
    def s(self):
        return float(self.scale)

    def real(self, x):
        return f32(x - self.zero) * self.scale

    def quantize(self, x):
        steps = f32(x) / self.scale
        if np.isnan(steps):
            return self.zero
        return clamp(he(float(max(f32(-1024), min(f32(1024), steps)))) + self.zero)

    def result(self, y):
        return clamp(y + self.zero)

    def __str__(self):
        return f"{float(self.scale)!r} {self.zero}"


# Published exponentials and what is derived from them


def fine(scale):
    w = min(scale, 4096.0)
    n = log2(w) + 13
    return w * 2.0**-n, n


def i_bert_power(x, u):
    l = math.floor(-0.6931 / u)
    b = math.floor(0.96963238 / 0.35815147 / u)
    c = math.floor(1 / 0.35815147 / (u * u))
    x = max(x, 30 * l)
    q = x // l
    r = x - l * q
    return max(0, shr(r * (r + b) + c, q - 30))


def i_vit_power(x, u, bits):
    l = math.floor(-1 / u)
    x = max(x + (x >> 1) - (x >> 4), bits * l)
    q = x // l
    r = x - l * q
    return max(0, shr(r - 2 * l, 1 + q - bits))


def share(part, whole):
    return (part * ((1 << 58) // whole)) >> 28


# Operations


def gelu(x, form, q, out):
    d = x - q.zero
    if form == "i-bert":
        u, n = fine(q.s)
        big = shr(d, -n)
        c = u / 1.4142
        b = math.floor(-1.769 / c)
        g0 = math.floor(1 / -0.2888 / (c * c))
        r = c * c * -0.2888 * 2.0**14
        sign = (big > 0) - (big < 0)
        g = -((sign * ((min(abs(big), -b) + b) ** 2 + g0) >> 14) + math.floor(1 / r))
        t = -r / 2
    else:
        u, n = fine(1.702 * q.s)
        big = shr(d, -n)
        mu = max(big, 0)
        a = i_vit_power(big - mu, u, 30) >> 15
        o = i_vit_power(-mu, u, 30) >> 15
        g = share(a, a + o) >> 10
        t = 2.0**-20
    return out.result(fixed(d * g, q.s * t / out.s))


def hard_sigmoid(x, alpha, beta):
    return max(f32(0), min(f32(1), f32(alpha) * x + f32(beta)))


FUNCTIONS = {
    "identity": lambda x: x,
    "scale": lambda x: x * f32(-0.75),
    "relu": lambda x: max(f32(0), x),
    "gelu": lambda x: f32(0.5 * float(x) * (1 + math.erf(float(x) / math.sqrt(2)))),
    "hardsigmoid": lambda x: hard_sigmoid(x, 0.2, 0.5),
    "hardswish": lambda x: x * hard_sigmoid(x, f32(1) / f32(6), 0.5),
    "sigmoid": lambda x: f32(1 / (1 + math.exp(-float(x)))),
    "silu": lambda x: f32(float(x) / (1 + math.exp(-float(x)))),
    "tanh": lambda x: f32(math.tanh(float(x))),
}


def elementwise(function, form, q, out, x):
    if form in ("i-bert", "i-vit"):
        return gelu(x, form, q, out)
    if form == "fixed-point":
        k = {"identity": 1.0, "relu": 1.0, "scale": -0.75}[function]
        d = (max(x, q.zero) if function == "relu" else x) - q.zero
        return out.result(fixed(d if k > 0 else -d, abs(k) * q.s / out.s))
    return out.quantize(FUNCTIONS[function](q.real(x)))


def add(form, a, b, out, x, y):
    if form == "float":
        return out.quantize(a.real(x) + b.real(y))
    ma, mb = a.s / out.s, b.s / out.s
    shift = shift_for(max(ma, mb), 31)
    total = (x - a.zero) * multiplier(ma, shift, 1 << 31) + (y - b.zero) * multiplier(mb, shift, 1 << 31)
    return out.result(half_up(total, shift))


def multiply(form, a, b, out, x, y):
    if form == "float":
        return out.quantize(a.real(x) * b.real(y))
    return out.result(fixed((x - a.zero) * (y - b.zero), a.s * b.s / out.s))


def softmax(form, q, out, row):
    def power(d):
        if form == "float":
            return he(2.0**40 * math.exp(-d * q.s))
        if form == "table":
            return he((2.0**24 - 1) * math.exp(-d * q.s))
        u, n = fine(q.s)
        x = shr(-d, -n)
        return i_bert_power(x, u) >> 30 if form == "i-bert" else i_vit_power(x, u, 30) >> 15

    powers = [power(max(row) - x) for x in row]
    total = sum(powers)
    if form == "float":
        return [out.quantize(f32(float(e) / float(total))) for e in powers]
    return [out.result(fixed(share(e, total), 2.0**-30 / out.s)) for e in powers]


def layer_norm(form, q, out, gain_scale, bias_scale, epsilon, row, gain, bias):
    c, eps = len(row), float(f32(epsilon))
    distances = [c * x - sum(row) for x in row]
    v = c * sum(x * x for x in row) - sum(row) ** 2
    sg, sb = f32(gain_scale), f32(bias_scale)
    if form == "float":
        root = math.sqrt(float(v) * q.s * q.s + float(c) * float(c) * eps)
        result = []
        for d, g, b in zip(distances, gain, bias):
            n = d * q.s / root if d else 0.0
            result.append(out.quantize(f32(n * float(f32(g) * sg) + float(f32(b) * sb))))
        return result
    w = (min(v, 1 << 45) << 16) + min(he(2.0**16 * c * c * eps / (q.s * q.s)), 1 << 61)
    mg, mb = float(sg) * 2.0**-16 / out.s, float(sb) / out.s
    shift = min(shift_for(mg, 27), shift_for(mb, 30))
    kg, kb = multiplier(mg, shift, 1 << 27), multiplier(mb, shift, 1 << 30)
    if w == 0:
        normals = [0] * c
    else:
        h = (w.bit_length() - 1 - 30) // 2
        m = shr(w, 2 * h)
        assert 1 << 30 <= m < 1 << 32
        if form == "i-bert":
            f = (1 << 31) // math.isqrt(m)
        elif form == "i-vit":
            k = 1 << 16
            for _ in range(10):
                k = (k + m // k) // 2
            f = ((1 << 31) - 1) // k
        else:
            f = he(2.0**31 / math.sqrt(((m >> 22) + 0.5) * 2.0**22))
        normals = [max(-(1 << 27), min(1 << 27, shr(d * f, 7 + h))) for d in distances]
    return [out.result(half_up(n * g * kg + b * kb, shift)) for n, g, b in zip(normals, gain, bias)]


def divide(form, q, out, epsilon, row):
    *xs, last = row
    eps = f32(epsilon)
    if form == "float":
        d = q.real(last) + eps
        return [out.quantize(q.real(x) / d) for x in xs]
    d = ((last - q.zero) << 16) + min(he(float(eps) / q.s * 2.0**16), 1 << 48)
    if d == 0:
        return [out.result(0)] * len(xs)
    j = abs(d).bit_length() - 31
    w = shr(abs(d), j)
    unit = 2.0**16 / out.s
    e = log2(unit)
    m = ((1 << 60) // w * he(unit / 2.0**e * 2.0**30)) >> 31
    m = -m if d < 0 else m
    shift = 59 + j - e
    if shift > 62:
        return [out.result(0)] * len(xs)
    return [out.result(half_up((x - q.zero) * m, max(0, shift))) for x in xs]


def average(form, q, out, column):
    total = sum(x - q.zero for x in column)
    if form == "float":
        return out.quantize(f32(float(total) * q.s / len(column)))
    return out.result(fixed(max(-(1 << 31), min((1 << 31) - 1, total)), q.s / (out.s * len(column))))


def requantize(form, factor, zero, lowest, x):
    y = he(max(-1024.0, min(1024.0, x * factor))) if form == "float" else fixed(x, factor)
    return clamp(y + zero, lowest)


# Cases

rng = random.Random(3)


def scale(low=-10, high=0):
    return f32(2.0 ** rng.uniform(low, high))


def quantization(low=-10, high=0):
    return Q(scale(low, high), rng.choice([0, 0, -128, 127, rng.randint(-128, 127)]))


def row(n):
    kind = rng.randrange(6)
    if kind == 0:
        return [rng.randint(-128, 127)] * n
    if kind == 1:
        return [max(-128, 127 - i) for i in range(n)]
    if kind == 2:
        return [rng.choice([-128, 127]) for _ in range(n)]
    if kind == 3:
        m = rng.randint(-100, 100)
        return [m + rng.randint(-9, 9) for _ in range(n)]
    return [rng.randint(-128, 127) for _ in range(n)]


def line(*parts):
    print(",".join(" ".join(map(str, p)) if isinstance(p, (list, tuple)) else str(p) for p in parts))


def main():
    for form in ("fixed-point", "float"):
        for _ in range(12):
            factor, zero, lowest = 2.0 ** rng.uniform(-36, 2), rng.randint(-128, 127), rng.choice([-128, -128, 0])
            xs = [rng.randint(-(2**31), 2**31 - 1) >> rng.randint(0, 28) for _ in range(24)]
            ys = [requantize(form, factor, zero, lowest, x) for x in xs]
            line("requantize", form, [repr(factor), zero, lowest], xs, ys)
    everything = list(range(-128, 128))
    forms = {"identity": ["fixed-point", "float"], "scale": ["fixed-point", "float"], "relu": ["fixed-point", "float"]}
    forms["gelu"] = ["i-bert", "i-vit", "table", "float"]
    for function in FUNCTIONS:
        for form in forms.get(function, ["table"]):
            for _ in range(4):
                q, out = quantization(), quantization(-7, -2)
                line(function, form, [q, out], [], [elementwise(function, form, q, out, x) for x in everything])
    for form in ("fixed-point", "float"):
        for name, operation in (("add", add), ("multiply", multiply)):
            for _ in range(8):
                a, b, out = quantization(), quantization(), quantization()
                xs, ys = [rng.randint(-128, 127) for _ in range(24)], [rng.randint(-128, 127) for _ in range(24)]
                line(name, form, [a, b, out], xs + ys, [operation(form, a, b, out, x, y) for x, y in zip(xs, ys)])
        for _ in range(12):
            q, out, n = quantization(), quantization(), rng.choice([1, 2, 16, 49, 100])
            xs = row(n)
            line("average", form, [q, out], xs, [average(form, q, out, xs)])
        for _ in range(16):
            q, out = Q(scale(-20, -4), 0), quantization()
            bits = rng.randint(4, 31)
            xs = [rng.randint(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for _ in range(8)]
            xs.append(rng.choice([0, -7, 1, rng.randint(1, 2**20), 2**31 - 1]))
            epsilon = rng.choice([0.0, 1e-15, 1e-6, 1e-2])
            line("divide", form, [q, out, repr(epsilon)], xs, divide(form, q, out, epsilon, xs))
    for form in ("i-bert", "i-vit", "table", "float"):
        for n in (1, 2, 3, 8, 17, 50, 64, 197):
            q, out, xs = quantization(-10, 3), rng.choice([Q(1 / 256, -128), Q(1 / 127, 0), quantization(-9, -6)]), row(n)
            line("softmax", form, [q, out], xs, softmax(form, q, out, xs))
        for n in (1, 2, 3, 8, 17, 64, 64, 192):
            q, out, xs, gain = quantization(), quantization(-7, -3), row(n), [rng.randint(-128, 127) for _ in range(n)]
            bits = rng.randint(8, 31)
            bias = [rng.randint(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for _ in range(n)]
            sg, sb = scale(-9, -5), f32(2.0 ** (1 - bits))
            epsilon = rng.choice([1e-6, 1e-5, 1e-12, 0.0])
            numbers = [q, out, repr(float(sg)), repr(float(sb)), repr(epsilon)]
            line("layernorm", form, numbers, xs + gain + bias, layer_norm(form, q, out, sg, sb, epsilon, xs, gain, bias))


main()
