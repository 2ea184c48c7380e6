"""Writes Tests/ONNXImportTests/Fixtures/forms.npz: small ONNX files, one for each form of an operator, with ONNX Runtime's results.

python make_onnx_forms.py (needs numpy, onnx, onnxruntime). In the archive, for a form `f`: `f.onnx`; of quantized ones
`f.input` and `f.output`, integers as the file has them; of float ones `f.x` and `f.y`. All as .npy, files as bytes.
"""

import pathlib

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto as T
from onnx import helper as h
from onnx import numpy_helper as nh

OUT = pathlib.Path(__file__).parents[1] / "ONNXImportTests" / "Fixtures" / "forms.npz"
rng = np.random.default_rng(20240607)
forms = {}


class Form:
    """A model that grows node by node; `q` puts a QuantizeLinear and DequantizeLinear pair behind a tensor."""

    def __init__(self, name, shape, quantized=True, opset=20, unsigned=False, scale=0.0513, zero=0, batch=None):
        self.name, self.quantized, self.opset, self.unsigned = name, quantized, opset, unsigned
        self.nodes, self.inits, self.count = [], [], 0
        self.shape = shape
        self.declared = [batch if batch else shape[0]] + list(shape[1:])
        self.x = self.q("x", scale, zero) if quantized else "x"

    def fresh(self, hint):
        self.count += 1
        return f"{hint}_{self.count}"

    def const(self, value, hint="c"):
        name = self.fresh(hint)
        self.inits.append(nh.from_array(np.asarray(value), name))
        return name

    def op(self, kind, *inputs, outputs=1, **attributes):
        names = [self.fresh(kind.lower()) for _ in range(outputs)]
        self.nodes.append(h.make_node(kind, list(inputs), names, name=f"node_{names[0]}", **attributes))
        return names[0] if outputs == 1 else names

    def q(self, name, scale, zero=0, unsigned=None):
        kind = np.uint8 if (self.unsigned if unsigned is None else unsigned) else np.int8
        s, z = self.const(np.float32(scale), "s"), self.const(kind(zero), "z")
        self.nodes.append(h.make_node("QuantizeLinear", [name, s, z], [name + "_q"], name=name + "_Q"))
        self.nodes.append(h.make_node("DequantizeLinear", [name + "_q", s, z], [name + "_dq"], name=name + "_DQ"))
        self.last = name + "_q"
        return name + "_dq"

    def dq(self, integers, scale, zero=None, axis=None):
        integers = np.asarray(integers)
        scale = np.asarray(scale, np.float32)
        zeros = np.zeros(scale.shape, integers.dtype) if zero is None else np.asarray(zero, integers.dtype)
        inputs = [self.const(integers, "w"), self.const(scale, "s"), self.const(zeros, "z")]
        return self.op("DequantizeLinear", *inputs, **({} if axis is None else {"axis": axis}))

    def weight(self, *shape, axis=0):
        """INT8 with a scale for each index of `axis`."""
        scales = rng.uniform(0.002, 0.01, shape[axis]).astype(np.float32)
        self.scales = scales
        return self.dq(rng.integers(-127, 128, shape).astype(np.int8), scales, axis=axis)

    def bias(self, scale, count):
        return self.dq(rng.integers(-2000, 2000, count).astype(np.int32), np.float32(scale) * self.scales, axis=0)

    def done(self, y, runs=True):
        self.nodes[-1].output[0] = "y"
        info = lambda n, s: h.make_tensor_value_info(n, T.FLOAT, s)
        graph = h.make_graph(self.nodes, self.name, [info("x", self.declared)], [info("y", None)], self.inits)
        model = h.make_model(graph, opset_imports=[h.make_opsetid("", self.opset)], ir_version=10)
        forms[f"{self.name}.onnx"] = np.frombuffer(model.SerializeToString(), np.uint8)
        if not runs:
            return
        extra = h.make_model(
            h.make_graph(self.nodes, self.name, [info("x", self.shape)], [info("y", None)]
                         + ([h.make_tensor_value_info(n, t, None) for n, t in self.integers()]), self.inits),
            opset_imports=[h.make_opsetid("", self.opset)], ir_version=10)
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
        x = rng.normal(0, 2, self.shape).astype(np.float32)
        results = ort.InferenceSession(extra.SerializeToString(), options).run(None, {"x": x})
        if self.quantized:
            forms[f"{self.name}.input"], forms[f"{self.name}.output"] = results[1], results[2]
        else:
            forms[f"{self.name}.x"], forms[f"{self.name}.y"] = x, results[0]

    def integers(self):
        if not self.quantized:
            return []
        kind = T.UINT8 if self.unsigned else T.INT8
        return [("x_q", kind), (self.last, kind)]


def f(name, shape, **kw):
    return Form(name, shape, **kw)


# Convolutions.
for unsigned in (False, True):
    zero = dict(unsigned=unsigned, zero=113 if unsigned else 0)
    m = f(f"conv_same_upper_{'u8' if unsigned else 's8'}", [1, 3, 7, 6], **zero)
    w = m.weight(8, 3, 3, 2)
    m.done(m.q(m.op("Conv", m.x, w, m.bias(0.0513, 8), auto_pad="SAME_UPPER", strides=[2, 2]), 0.06, zero["zero"]))
m = f("conv_same_lower_grouped", [1, 4, 6, 6])
m.done(m.q(m.op("Conv", m.x, m.weight(6, 2, 3, 3), auto_pad="SAME_LOWER", group=2, strides=[1, 2]), 0.06))
m = f("conv_dilated", [1, 2, 9, 9])
m.done(m.q(m.op("Conv", m.x, m.weight(4, 2, 3, 3), dilations=[2, 2], pads=[2, 1, 0, 3]), 0.05))
m = f("conv_relu", [1, 3, 5, 5])
m.done(m.q(m.op("Relu", m.op("Conv", m.x, m.weight(4, 3, 3, 3))), 0.03))
m = f("conv_clip", [1, 3, 5, 5])
clip = m.op("Clip", m.op("Conv", m.x, m.weight(4, 3, 3, 3)), m.const(np.float32(0)), m.const(np.float32(1.5)))
m.done(m.q(clip, 0.03))
m = f("patches", [1, 3, 8, 8])
c = m.q(m.op("Conv", m.x, m.weight(6, 3, 4, 4), strides=[4, 4]), 0.05)
r = m.op("Reshape", c, m.const(np.int64([1, 6, 4])))
m.done(m.q(m.op("Transpose", r, perm=[0, 2, 1]), 0.06))

# Linear layers.
m = f("gemm", [3, 8])
w = m.weight(8, 5, axis=1)
m.done(m.q(m.op("Gemm", m.x, w, m.bias(0.0513, 5)), 0.05))
m = f("gemm_transposed", [3, 8])
w = m.weight(5, 8)
m.done(m.q(m.op("Gemm", m.x, w, m.bias(0.0513, 5), transB=1), 0.05))
m = f("matmul_one_scale", [1, 4, 8])
m.done(m.q(m.op("MatMul", m.x, m.dq(rng.integers(-127, 128, (8, 5)).astype(np.int8), 0.004)), 0.05))
m = f("matmul_then_add", [1, 4, 8])
y = m.q(m.op("MatMul", m.x, m.weight(8, 5, axis=1)), 0.05)
m.done(m.q(m.op("Add", y, m.dq(rng.integers(-127, 128, 5).astype(np.int8), 0.02)), 0.06))
m = f("matmul_with_bias", [1, 4, 8])
w = m.weight(8, 5, axis=1)
m.done(m.q(m.op("Add", m.bias(0.0513, 5), m.op("MatMul", m.x, w)), 0.05))
m = f("weight_transposed_later", [1, 4, 8])
m.done(m.q(m.op("MatMul", m.x, m.op("Transpose", m.weight(5, 8), perm=[1, 0])), 0.05))
m = f("weight_fake_quantized", [1, 4, 8])
s, z = m.const(np.full(5, 0.0103, np.float32)), m.const(np.zeros(5, np.int8))
wq = m.op("QuantizeLinear", m.const(rng.normal(0, 0.5, (8, 5)).astype(np.float32)), s, z, axis=1)
m.done(m.q(m.op("MatMul", m.x, m.op("DequantizeLinear", wq, s, z, axis=1)), 0.05))
m = f("symbolic_batch", [1, 2, 5, 5], batch="N")
m.done(m.q(m.op("Conv", m.x, m.weight(4, 2, 3, 3)), 0.05))

# Functions of one number.
def unary(name, build, scale=0.03, **kw):
    m = f(name, [1, 6, 10], **kw)
    m.done(m.q(build(m, m.x), scale, kw.get("zero", 0)))


c32 = lambda m, v: m.const(np.float32(v))
unary("relu", lambda m, x: m.op("Relu", x))
unary("relu_u8", lambda m, x: m.op("Relu", x), unsigned=True, zero=100)
unary("gelu", lambda m, x: m.op("Gelu", x))
unary("gelu_tanh", lambda m, x: m.op("Gelu", x, approximate="tanh"))
unary("gelu_pieces", lambda m, x: m.op("Mul", m.op("Mul", x, m.op("Add", m.op("Erf", m.op("Div", x, c32(m, 2**0.5))),
                                                              c32(m, 1))), c32(m, 0.5)))
unary("silu", lambda m, x: m.op("Mul", x, m.op("Sigmoid", x)))
unary("silu_quantized_gate", lambda m, x: m.op("Mul", x, m.q(m.op("Sigmoid", x), 1 / 127)))
unary("hardswish", lambda m, x: m.op("HardSwish", x))
unary("hardswish_quantized_gate", lambda m, x: m.op("Mul", x, m.q(m.op("HardSigmoid", x, alpha=1 / 6, beta=0.5), 1 / 127)))
unary("hardswish_gate_first", lambda m, x: m.op("Mul", m.q(m.op("HardSigmoid", x, alpha=1 / 6, beta=0.5), 1 / 127), x))
unary("tanh", lambda m, x: m.op("Tanh", x), 1 / 127)
unary("leaky_relu", lambda m, x: m.op("LeakyRelu", x, alpha=0.1))
unary("clip", lambda m, x: m.op("Clip", x, c32(m, -1), c32(m, 2)))
unary("divided_by_3", lambda m, x: m.op("Div", x, c32(m, 3)), 0.017)
unary("times_constant", lambda m, x: m.op("Mul", x, m.dq(np.int8(127), 0.002)), 0.017)
unary("one_minus_square", lambda m, x: m.op("Sub", c32(m, 1), m.op("Pow", x, c32(m, 2))), 0.1)
unary("requantized", lambda m, x: m.op("Identity", x), 0.021)

# Two activations.
m = f("add_same", [1, 4, 8])
m.done(m.q(m.op("Add", m.x, m.q(m.op("Relu", m.x), 0.03)), 0.07))
m = f("multiply", [1, 4, 8])
m.done(m.q(m.op("Mul", m.x, m.q(m.op("Tanh", m.x), 0.008)), 0.04))
m = f("subtract", [1, 4, 8], unsigned=True, zero=120)
m.done(m.q(m.op("Sub", m.x, m.q(m.op("Relu", m.x), 0.03, 7)), 0.05, 130))

# Constants beside activations.
m = f("add_channel", [1, 3, 4, 4])
m.done(m.q(m.op("Add", m.x, m.dq(rng.integers(-127, 128, (1, 3, 1, 1)).astype(np.int8), 0.02)), 0.06))
m = f("add_position", [1, 3, 4, 4], unsigned=True, zero=128)
p = m.dq(rng.integers(0, 256, (1, 3, 4, 4)).astype(np.uint8), 0.02, 121)
m.done(m.q(m.op("Add", m.x, p), 0.06, 128))
m = f("layer_scale", [1, 5, 8])
m.done(m.q(m.op("Mul", m.x, m.dq(rng.integers(-127, 128, 8).astype(np.int8), 0.0103)), 0.0517))
m = f("class_token", [1, 5, 8], unsigned=True, zero=128)
t = m.dq(rng.integers(0, 256, (1, 1, 8)).astype(np.uint8), 0.03, 99)
m.done(m.q(m.op("Concat", t, m.x, axis=1), 0.07, 120))

# Rows and columns.
m = f("softmax", [1, 10, 9])
m.done(m.q(m.op("Softmax", m.op("Reshape", m.x, m.const(np.int64([1, 2, 5, 9]))), axis=-1), 1 / 127))
m = f("layer_norm", [1, 5, 16])
g = m.dq(rng.integers(1, 128, 16).astype(np.int8), 0.01)
b = m.dq(rng.integers(-3000, 3000, 16).astype(np.int32), 0.0005)
m.done(m.q(m.op("LayerNormalization", m.x, g, b, epsilon=1e-6), 0.03))
m = f("mean_of_tokens", [1, 6, 8])
m.done(m.q(m.op("ReduceMean", m.x, m.const(np.int64([1])), keepdims=0), 0.02))
m = f("global_average", [1, 8, 3, 5], unsigned=True, zero=128)
m.done(m.q(m.op("Flatten", m.op("GlobalAveragePool", m.x)), 0.02, 128))
m = f("concat_scales", [1, 4, 3, 3])
a, b = m.op("Split", m.x, outputs=2, axis=1, num_outputs=2)
m.done(m.q(m.op("Concat", m.q(m.op("Tanh", b), 0.008), m.q(a, 0.05), m.q(m.op("Relu", a), 0.03), axis=1), 0.04))
m = f("one_token", [1, 5, 8])
y = m.op("Gather", m.x, m.const(np.int64(2)), axis=1)
m.done(m.q(m.op("Gemm", y, m.weight(4, 8), transB=1), 0.05))
m = f("columns_by_step", [1, 5, 8])
y = m.op("Slice", m.x, m.const(np.int64([1])), m.const(np.int64([8])), m.const(np.int64([2])), m.const(np.int64([2])))
m.done(m.q(m.op("Tanh", y), 1 / 127))

# Head products.
m = f("attention", [1, 6, 24])
v = m.op("Transpose", m.op("Reshape", m.x, m.const(np.int64([1, 6, 3, 2, 4]))), perm=[2, 0, 3, 1, 4])
q, k, v = (m.op("Gather", v, m.const(np.int64(i)), axis=0) for i in range(3))
s = m.q(m.op("MatMul", q, m.op("Transpose", k, perm=[0, 1, 3, 2])), 0.3)
p = m.q(m.op("Softmax", m.q(m.op("Mul", s, c32(m, 0.5)), 0.15), axis=-1), 1 / 127)
o = m.q(m.op("MatMul", p, v), 0.04)
y = m.op("Reshape", m.op("Transpose", o, perm=[0, 2, 1, 3]), m.const(np.int64([1, 6, 8])))
m.done(m.q(m.op("MatMul", y, m.weight(8, 8, axis=1)), 0.05))
for order in ("rows", "columns"):
    # Linear attention as MIT's EfficientViT writes it: heads [h, d, N], results transposed in memory; or [h, N, d].
    m = f(f"linear_attention_{order}", [1, 24, 3, 3], scale=0.02)
    v = m.op("Reshape", m.x, m.const(np.int64([1, 2, 12, 9])))
    if order == "columns":
        v = m.op("Transpose", v, perm=[0, 1, 3, 2])
    axis, last = (2, [0, 0, 0, 0, 0, 0, 1, 0]) if order == "rows" else (3, [0, 0, 0, 0, 0, 0, 0, 1])
    q, k, v = m.op("Split", v, outputs=3, axis=axis, num_outputs=3)
    q, k = m.q(m.op("Relu", q), 0.02), m.q(m.op("Relu", k), 0.02)
    v = m.q(m.op("Pad", v, m.const(np.int64(last)), m.dq(np.int8(127), 1 / 127)), 0.02)
    swap = dict(perm=[0, 1, 3, 2])
    if order == "rows":
        kv = m.q(m.op("MatMul", v, m.op("Transpose", k, **swap)), 0.05)
        o = m.op("MatMul", kv, q)
    else:
        kv = m.q(m.op("MatMul", m.op("Transpose", k, **swap), v), 0.05)
        o = m.op("MatMul", q, kv)
    cut = lambda a, b: m.op("Slice", o, m.const(np.int64([a])), m.const(np.int64([b])), m.const(np.int64([axis])))
    o = m.op("Div", cut(0, -1), m.op("Add", cut(-1, 2**63 - 1), c32(m, 1e-5)))
    if order == "columns":
        o = m.op("Transpose", o, **swap)
    m.done(m.q(m.op("Reshape", o, m.const(np.int64([1, 8, 3, 3]))), 0.01))

# float32.
def real(name, shape, build, **kw):
    m = f(name, shape, quantized=False, **kw)
    build(m, m.x)
    m.done("y")


w32 = lambda m, *s: m.const(rng.normal(0, 0.4, s).astype(np.float32))


def norm(m, x, channels):
    given = [w32(m, channels), w32(m, channels), w32(m, channels), m.const(rng.uniform(0.5, 2, channels).astype(np.float32))]
    return m.op("BatchNormalization", x, *given)


real("float_conv_norm", [1, 3, 5, 5], lambda m, x: norm(m, m.op("Conv", x, w32(m, 4, 3, 3, 3), w32(m, 4)), 4))
real("float_norm_alone", [1, 3, 5, 5], lambda m, x: m.op("Relu", norm(m, m.op("Relu", x), 3)))
real("float_linear_norm", [1, 6, 3], lambda m, x: norm(m, m.op("Transpose", m.op(
    "MatMul", x, w32(m, 3, 4)), perm=[0, 2, 1]), 4))
real("float_layer_scale", [1, 6, 3], lambda m, x: m.op("Mul", m.op("Add", m.op("MatMul", x, w32(m, 3, 4)), w32(m, 4)),
                                                      w32(m, 4)))
real("float_gemm_alpha", [2, 3], lambda m, x: m.op("Gemm", x, w32(m, 3, 4), w32(m, 4), alpha=0.5, beta=2.0))
real("float_subtract_mean", [1, 3, 5, 5], lambda m, x: m.op("Mul", m.op("Sub", x, w32(m, 1, 3, 1, 1)), w32(m, 1, 3, 1, 1)))


def half(m, x):
    m.op("MatMul", x, m.op("Cast", m.const(rng.normal(0, 0.4, (3, 4)).astype(np.float16)), to=T.FLOAT))


real("float_half_weight", [1, 6, 3], half)


def attention3(m, x):
    q, k, v = m.op("Split", m.op("MatMul", x, w32(m, 8, 24)), outputs=3, axis=2, num_outputs=3)
    m.op("Attention", q, k, v, q_num_heads=2, kv_num_heads=2)


real("float_attention_flat", [1, 5, 8], attention3, opset=23)

real("float_steps", [1, 6, 3], lambda m, x: m.op("Mul", m.op("Relu", m.op("Add", x, m.op("Tanh", x))), c32(m, 2)))

# Factors with a zero point, of each channel or of each element: UINT8 files have them wherever LayerScale is.
m = f("layer_scale_u8", [1, 5, 8], unsigned=True, zero=131)
m.done(m.q(m.op("Mul", m.dq(rng.integers(0, 256, 8).astype(np.uint8), 0.0103, 97), m.x), 0.0517, 120))
m = f("multiply_position", [1, 3, 4, 4], unsigned=True, zero=128)
m.done(m.q(m.op("Mul", m.x, m.dq(rng.integers(0, 256, (1, 3, 4, 4)).astype(np.uint8), 0.02, 121)), 0.06, 128))
# One pixel: heads side by side and stacked are the same bytes, but a convolution needs channels.
m = f("linear_attention_pixel", [1, 24, 1, 1], scale=0.02)
v = m.op("Transpose", m.op("Reshape", m.x, m.const(np.int64([1, 2, 12, 1]))), perm=[0, 1, 3, 2])
q, k, v = m.op("Split", v, outputs=3, axis=3, num_outputs=3)
q, k = m.q(m.op("Relu", q), 0.02), m.q(m.op("Relu", k), 0.02)
v = m.q(m.op("Pad", v, m.const(np.int64([0, 0, 0, 0, 0, 0, 0, 1])), m.dq(np.int8(127), 1 / 127)), 0.02)
kv = m.q(m.op("MatMul", m.op("Transpose", k, perm=[0, 1, 3, 2]), v), 0.05)
o = m.op("MatMul", q, kv)
o = m.op("Div", *(m.op("Slice", o, *(m.const(np.int64([i])) for i in ends)) for ends in ((0, 4, 3), (4, 5, 3))))
o = m.q(m.op("Reshape", m.op("Transpose", o, perm=[0, 1, 3, 2]), m.const(np.int64([1, 8, 1, 1]))), 0.01)
m.done(m.q(m.op("Conv", o, m.weight(6, 8, 1, 1)), 0.05))

# Whole models with unsigned integers: ONNX Runtime's logits for the image of the reference files.
for name in ("vit", "effvit"):
    path = OUT.parent / f"{name}.int8.qdq_u8.onnx"
    model = onnx.load(path)
    model.graph.output.extend(h.make_tensor_value_info(n, T.UINT8, None) for n in ("x_QuantizeLinear_Output", "logits_QuantizeLinear_Output"))
    options = ort.SessionOptions()
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    x = np.load(OUT.parent / f"{name}.reference.npz")["x_QuantizeLinear_Output"] * np.float32(1 / 127)
    _, forms[f"{name}_u8.pixels"], forms[f"{name}_u8.logits"] = ort.InferenceSession(
        model.SerializeToString(), options).run(None, {"x": x})

if __name__ == "__main__":
    np.savez_compressed(OUT, **forms)
    print(len(forms), "entries,", OUT.stat().st_size, "bytes")
