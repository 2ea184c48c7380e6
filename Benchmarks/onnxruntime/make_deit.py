"""A DeiT with random weights as float ONNX, and its INT8 QDQ form by ONNX Runtime's static quantization.

usage: make_deit.py tiny|small|base DIRECTORY
writes DIRECTORY/deit-SIZE.{fp32,int8,int8u8}.onnx, int8: symmetric INT8 activations, int8u8: UINT8 ones.
"""
import sys

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

SIZES = {"tiny": (192, 12, 3), "small": (384, 12, 6), "base": (768, 12, 12)}
IMAGE, PATCH, CLASSES = 224, 16, 1000


class Builder:
    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        self.nodes, self.weights = [], []

    def constant(self, name, array):
        self.weights.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def weight(self, name, *shape):
        scale = 1 / np.sqrt(np.prod(shape[:-1]))
        return self.constant(name, (self.random.standard_normal(shape) * scale).astype(np.float32))

    def node(self, op, inputs, name, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [name], name="node_" + name, **attributes))
        return name

    def shape(self, name, *sizes):
        return self.constant(name, np.array(sizes, np.int64))

    def linear(self, x, name, inputs, outputs):
        w = self.weight(name + ".weight", inputs, outputs)
        b = self.constant(name + ".bias", (self.random.standard_normal(outputs) * 0.02).astype(np.float32))
        return self.node("Add", [self.node("MatMul", [x, w], name + ".product"), b], name)

    def norm(self, x, name, width):
        gain = self.constant(name + ".weight", (1 + 0.1 * self.random.standard_normal(width)).astype(np.float32))
        bias = self.constant(name + ".bias", (0.1 * self.random.standard_normal(width)).astype(np.float32))
        return self.node("LayerNormalization", [x, gain, bias], name, axis=-1, epsilon=1e-6)


def deit(size):
    width, depth, heads = SIZES[size]
    b = Builder(seed=1)
    patches = (IMAGE // PATCH) ** 2
    tokens, head = patches + 1, width // heads
    kernel = (b.random.standard_normal((width, 3, PATCH, PATCH)) / np.sqrt(3 * PATCH * PATCH)).astype(np.float32)
    x = b.node(
        "Conv", ["x", b.constant("patch_embed.weight", kernel),
                 b.constant("patch_embed.bias", np.zeros(width, np.float32))],
        "patch_embed", kernel_shape=[PATCH, PATCH], strides=[PATCH, PATCH])
    x = b.node("Reshape", [x, b.shape("patches.shape", 1, width, patches)], "patches")
    x = b.node("Transpose", [x], "patches_last", perm=[0, 2, 1])
    token = b.constant("cls_token", (0.5 * b.random.standard_normal((1, 1, width))).astype(np.float32))
    x = b.node("Concat", [token, x], "tokens", axis=1)
    position = b.constant("pos_embed", (0.5 * b.random.standard_normal((1, tokens, width))).astype(np.float32))
    x = b.node("Add", [x, position], "embedded")
    b.shape("split.shape", 1, tokens, 3, heads, head)
    b.shape("merged.shape", 1, tokens, width)
    b.constant("scale", np.float32(head**-0.5))
    for index in range(3):
        b.constant(f"index{index}", np.array(index, np.int64))
    for block in range(depth):
        name = f"blocks.{block}"
        y = b.linear(b.norm(x, name + ".norm1", width), name + ".qkv", width, 3 * width)
        y = b.node("Reshape", [y, "split.shape"], name + ".split")
        y = b.node("Transpose", [y], name + ".parts", perm=[2, 0, 3, 1, 4])
        q, k, v = (b.node("Gather", [y, f"index{i}"], f"{name}.{part}", axis=0) for i, part in enumerate("qkv"))
        q = b.node("Mul", [q, "scale"], name + ".scaled")
        k = b.node("Transpose", [k], name + ".kt", perm=[0, 1, 3, 2])
        y = b.node("Softmax", [b.node("MatMul", [q, k], name + ".scores")], name + ".softmax", axis=-1)
        y = b.node("Transpose", [b.node("MatMul", [y, v], name + ".values")], name + ".heads", perm=[0, 2, 1, 3])
        y = b.node("Reshape", [y, "merged.shape"], name + ".merged")
        x = b.node("Add", [x, b.linear(y, name + ".proj", width, width)], name + ".add1")
        y = b.linear(b.norm(x, name + ".norm2", width), name + ".fc1", width, 4 * width)
        y = b.linear(b.node("Gelu", [y], name + ".gelu"), name + ".fc2", 4 * width, width)
        x = b.node("Add", [x, y], name + ".add2")
    x = b.norm(x, "norm", width)
    x = b.node("Gather", [x, "index0"], "token", axis=1)
    head_weight = b.weight("head.weight", width, CLASSES)
    b.node("Gemm", [x, head_weight, b.constant("head.bias", np.zeros(CLASSES, np.float32))], "logits")
    graph = helper.make_graph(
        b.nodes, f"deit-{size}",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, IMAGE, IMAGE])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, CLASSES])], b.weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


class Images(CalibrationDataReader):
    def __init__(self, count):
        random = np.random.default_rng(2)
        self.images = iter([{"x": random.standard_normal((1, 3, IMAGE, IMAGE)).astype(np.float32)} for _ in range(count)])

    def get_next(self):
        return next(self.images, None)


def main():
    size, directory = sys.argv[1:]
    base = f"{directory}/deit-{size}"
    onnx.save(deit(size), f"{base}.fp32.onnx")
    quant_pre_process(f"{base}.fp32.onnx", f"{base}.prepared.onnx", skip_symbolic_shape=True)
    for name, kind, symmetric in [("int8", QuantType.QInt8, True), ("int8u8", QuantType.QUInt8, False)]:
        quantize_static(
            f"{base}.prepared.onnx", f"{base}.{name}.onnx", Images(2), quant_format=QuantFormat.QDQ, per_channel=True,
            activation_type=kind, weight_type=QuantType.QInt8, extra_options={"ActivationSymmetric": symmetric})
    np.save(f"{directory}/images.npy", np.random.default_rng(3).standard_normal((4, 3, IMAGE, IMAGE)).astype(np.float32))


main()
