import Foundation
import Model
import Quantizer

@testable import ONNXImport

/// A file put together node by node: input `x`, output `y`.
struct SmallModel {
  var proto = Onnx_ModelProto()

  /// - Parameter type: ONNX's code of the input's elements: 1 float32, 2 uint8.
  init(input shape: [Int], type: Int32 = 1) {
    proto.irVersion = 10
    var opset = Onnx_OperatorSetIdProto()
    opset.version = 20
    proto.opsetImport = [opset]
    proto.graph.input = [Self.value("x", type, shape)]
    proto.graph.output = [Self.value("y", 1, [])]
  }

  private static func value(_ name: String, _ type: Int32, _ shape: [Int]) -> Onnx_ValueInfoProto {
    var info = Onnx_ValueInfoProto()
    info.name = name
    info.type.tensorType.elemType = type
    info.type.tensorType.shape.dim = shape.map { size in
      var dimension = Onnx_TensorShapeProto.Dimension()
      dimension.dimValue = Int64(size)
      return dimension
    }
    return info
  }

  mutating func node(_ type: String, _ inputs: [String], _ outputs: [String], ints: [String: Int] = [:]) {
    var node = Onnx_NodeProto()
    (node.opType, node.input, node.output, node.name) = (type, inputs, outputs, "node_" + (outputs.first ?? type))
    node.attribute = ints.sorted { $0.key < $1.key }.map { name, value in
      var attribute = Onnx_AttributeProto()
      (attribute.name, attribute.type, attribute.i) = (name, .int, Int64(value))
      return attribute
    }
    proto.graph.node.append(node)
  }

  mutating func floats(_ name: String, _ shape: [Int], _ values: [Float]) {
    var tensor = Onnx_TensorProto()
    (tensor.name, tensor.dims, tensor.dataType, tensor.floatData) = (name, shape.map(Int64.init), 1, values)
    proto.graph.initializer.append(tensor)
  }

  /// - Parameter type: ONNX's code: 2 uint8, 3 int8, 7 int64.
  mutating func integers(_ name: String, _ shape: [Int], _ values: [Int], type: Int32) {
    var tensor = Onnx_TensorProto()
    (tensor.name, tensor.dims, tensor.dataType) = (name, shape.map(Int64.init), type)
    if type == 7 { tensor.int64Data = values.map(Int64.init) } else { tensor.int32Data = values.map(Int32.init) }
    proto.graph.initializer.append(tensor)
  }

  func imported() throws -> ONNXModel { try ONNXModel(proto.serializedBytes(), path: "small.onnx") }

  /// What the graph computes in float32.
  func outputs(_ input: [Float]) throws -> [Float] {
    let model = try imported().float()
    let values = try FloatInterpreter(model).run(input: input)
    return model.graph.tensors.indices.first { model.graph.tensors[$0].role == .output }.flatMap { values[$0] } ?? []
  }
}
