import Foundation
import Model
import NumPyFiles
import Numerics
import Quantizer
import Testing

@testable import ONNXImport

/// One small file for each form of an operator, with ONNX Runtime's results (Tests/Tools/make_onnx_forms.py).
struct FormTests {
  static let archive = Result { try NumPyArchive(reading: Fixture.path("forms.npz")) }

  static func data(_ form: String) throws -> Data {
    let array = try #require(try archive.get()["\(form).onnx"])
    guard case .uint8(let bytes) = array.elements else { throw GraphTests.Unexpected() }
    return Data(bytes)
  }

  static func model(_ form: String) throws -> ONNXModel { try ONNXModel(data(form), path: "\(form).onnx") }

  static func names() throws -> [String] {
    try archive.get().names.filter { $0.hasSuffix(".onnx") }.map { String($0.dropLast(5)) }
  }

  /// Integers are ONNX Runtime's, exactly.
  @Test func quantized() throws {
    let archive = try Self.archive.get()
    var count = 0
    for form in try Self.names() {
      guard let input = archive["\(form).input"]?.integers, let expected = archive["\(form).output"]?.integers else {
        continue
      }
      let file = try Self.model(form)
      let model = try file.quantized()
      let shown = try file.presentations()
      let output = try #require(model.graph.tensors.firstIndex { $0.role == .output })
      let tensors = try IntegerInterpreter(model, algorithms: .float).run(input: try #require(shown[0]).memory(input))
      let place = try #require(shown[output], "\(form)")
      let ours = place.integers(try #require(tensors[output]))
      let steps = zip(ours, expected).map { abs($0 - $1) }
      #expect(
        ours.count == expected.count && steps.allSatisfy { $0 == 0 },
        "\(form): \(steps.count { $0 > 0 }) of \(expected.count), up to \(steps.max() ?? 0)")
      count += 1
    }
    #expect(count > 45)
  }

  /// Which operations forms become.
  @Test(arguments: [
    ("patches", ["patchEmbedding(patch: 4)", "identity"]),
    ("conv_relu", ["convolution [3, 3] /[1, 1] +[0, 0, 0, 0] groups 1", "relu"]),
    ("conv_same_upper_u8", ["convolution [3, 2] /[2, 2] +[1, 0, 1, 0] groups 1"]),
    ("matmul_with_bias", ["linear"]),
    ("matmul_then_add", ["linear", "add"]),
    ("gelu_pieces", ["gelu"]),
    ("gelu_tanh", ["table"]),
    ("silu", ["silu"]),
    ("divided_by_3", ["table"]),
    ("one_minus_square", ["table"]),
    ("layer_scale", ["multiply"]),
    ("columns_by_step", ["selectColumns(first: 1, step: 2, width: 1, count: 4)", "tanh"]),
    ("float_steps", ["tanh", "add", "relu", "scale(2.0)"]),
    ("float_conv_norm", ["convolution [3, 3] /[1, 1] +[0, 0, 0, 0] groups 1"]),
    ("float_linear_norm", ["linear"]),
    ("float_layer_scale", ["linear"]),
    (
      "linear_attention_rows",
      [
        "selectColumns(first: 0, step: 12, width: 4, count: 2)", "relu",
        "selectColumns(first: 4, step: 12, width: 4, count: 2)",
        "relu", "selectColumns(first: 8, step: 12, width: 4, count: 2)", "appendColumn(heads: 2, value: 1.0)",
        "2 heads 0+5h:5ᵀ · 0+4h:4 stacked", "2 heads 0+4h:4 · stackedᵀ side by side",
        "divide(heads: 2, epsilon: 1e-05)",
      ]
    ),
  ])
  func operations(form: String, expected: [String]) throws {
    let graph = try Self.model(form).graph()
    let lines = graph.lines(0..<graph.operators.count)
    #expect(lines.count == expected.count)
    for (line, start) in zip(lines, expected) { #expect(line.hasPrefix(start), "\(form)") }
  }

  /// Values that were folded into weights.
  @Test func floats() throws {
    let archive = try Self.archive.get()
    for form in ["float_conv_norm", "float_linear_norm", "float_layer_scale", "float_gemm_alpha", "float_half_weight"] {
      let file = try Self.model(form)
      let model = try file.float()
      let x = try #require(archive["\(form).x"]?.floats)
      let y = try #require(archive["\(form).y"]?.floats)
      #expect(model.graph.operators.count == 1)
      let op = try #require(model.graph.operators.first)
      let weight = try #require(model.constants[op.inputs[1]])
      let bias = try #require(model.constants[op.inputs[2]])
      let shown = try file.presentations()
      let (input, output) = (try #require(shown[0]), try #require(shown[op.output]))
      var pixels = Array(repeating: Float(0), count: x.count)
      var index = 0
      View(shape: input.shape, strides: input.strides, offset: input.offset).forEachPlace {
        pixels[$0] = x[index]
        index += 1
      }
      let (from, to) = (model.graph[op.inputs[0]].shape, model.graph[op.output].shape)
      let side = if case .convolution(let convolution) = op.operation { convolution.kernel[0] } else { 1 }
      let channels = from[from.count - 1]
      let (width, outWidth, columns) = (side == 1 ? 1 : from[2], side == 1 ? 1 : to[2], to[to.count - 1])
      var results: [Float] = []
      for row in 0..<to.dropLast().reduce(1, *) {
        for column in 0..<columns {
          var sum = bias[column]
          for k in 0..<side * side * channels {
            let (i, j, c) = (k / channels / side, k / channels % side, k % channels)
            let pixel = side == 1 ? row : (row / outWidth + i) * width + row % outWidth + j
            sum += pixels[pixel * channels + c] * weight[k * columns + column]
          }
          results.append(sum)
        }
      }
      index = 0
      var worst: Float = 0
      View(shape: output.shape, strides: output.strides, offset: output.offset).forEachPlace {
        worst = max(worst, abs(results[$0] - y[index]))
        index += 1
      }
      #expect(worst < 1e-4, "\(form)")
    }
  }

  /// Everything else is at least a valid model.
  @Test func imports() throws {
    for form in try Self.names() {
      let file = try Self.model(form)
      if file.isQuantized { _ = try file.quantized() } else { _ = try file.float() }
    }
    _ = try Fixture.model("effvit.fp32.op20.onnx").float()
  }
}
