import Model
import Numerics

/// Runs a quantized model, one operator after the other: the plain reference of everything that computes its integers.
///
/// ```swift
/// let interpreter = try IntegerInterpreter(model, algorithms: .float)
/// let tensors = try interpreter.run(input: pixels)
/// ```
///
/// It shares the definitions of stages (module Numerics) with the machine, and nothing else: no tiles, no order of memory.
public struct IntegerInterpreter: Sendable {
  public let model: QuantizedModel
  /// By operator.
  let stages: [[StageArithmetic]]
  let input: TensorID

  /// - Throws: `ModelError` if the model isn't valid (`QuantizedModel.validate()`).
  public init(_ model: QuantizedModel, algorithms: Algorithms) throws(ModelError) {
    try model.validate()
    self.model = model
    stages = try model.graph.operators.map { op throws(ModelError) in
      try model.arithmetic(of: op, algorithms: algorithms)
    }
    input = try model.graph.onlyInput
  }

  /// Integers of every tensor, row by row.
  ///
  /// - Parameters:
  ///   - input: as many as the input's shape says, NHWC.
  ///   - accumulators: sees each product's INT32 results, in the result's order, before they are requantized.
  /// - Throws: `ModelError.tensor` if `input` has another size.
  public func run(
    input pixels: [Int8], accumulators: ((GraphOperator, [Int32]) -> Void)? = nil
  ) throws(ModelError) -> [TensorID: IntegerValues] {
    try model.graph.check(pixels.count, for: input)
    var pass = IntegerPass(model: model, tensors: model.constants, accumulators: accumulators)
    pass.tensors[input] = .int8(pixels)
    for (op, stages) in zip(model.graph.operators, stages) {
      pass.tensors[op.output] = pass.run(op, stages)
    }
    return pass.tensors
  }
}

extension Graph {
  /// - Throws: `ModelError.tensor` unless an input of `count` numbers is what the tensor takes.
  func check(_ count: Int, for input: TensorID) throws(ModelError) {
    guard count == self[input].elements else {
      throw .tensor(
        name: self[input].name, problem: "takes \(self[input].elements) numbers, \(self[input].shape); got \(count)")
    }
  }

  /// The tensor that a model takes.
  ///
  /// - Throws: `ModelError` unless there is exactly one.
  var onlyInput: TensorID {
    get throws(ModelError) {
      let inputs = tensors.indices.filter { tensors[$0].role == .input }
      guard inputs.count == 1 else {
        throw .tensor(
          name: inputs.last.map { tensors[$0].name } ?? name, problem: "a model has one input, not \(inputs.count)")
      }
      return inputs[0]
    }
  }
}
