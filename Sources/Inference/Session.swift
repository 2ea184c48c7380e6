import Compiler
import Hardware
import Machine
import Model
import Numerics
import Schedule

/// A quantized model on an accelerator: compiled once, for as many images as there are.
///
/// ```swift
/// let session = try InferenceSession(model, on: accelerator)
/// let (logits, run) = try session.run(batch, threads: 2)   // real values, and what each image takes
/// ```
public struct InferenceSession: Sendable {
  public let model: QuantizedModel
  public let compilation: Compilation
  /// Numbers of the input and of the output.
  public let input: Quantization
  public let output: Quantization
  /// Height, width, channels of the image.
  public let image: [Int]
  /// Number of logits.
  public let classes: Int
  let program: ValueProgram

  public var schedule: Schedule { compilation.schedule }

  /// - Throws: `CompileError`, `MachineError`; `InferenceError.model` if the graph isn't one image in, one row of logits out.
  public init(_ model: QuantizedModel, on accelerator: Accelerator) throws {
    let tensors = model.graph.tensors
    let inputs = tensors.indices.filter { tensors[$0].role == .input }
    let outputs = tensors.indices.filter { tensors[$0].role == .output }
    guard inputs.count == 1, outputs.count == 1, tensors[inputs[0]].shape.count == 4, tensors[inputs[0]].shape[0] == 1,
      case .int8(let input) = model.numbers[inputs[0]], case .int8(let output) = model.numbers[outputs[0]]
    else {
      let shapes = (inputs + outputs).map { "'\(tensors[$0].name)' \(tensors[$0].shape)" }.joined(separator: ", ")
      throw InferenceError.model(
        "must take one INT8 image, in a batch of 1, and give one INT8 row, not \(shapes) (a fixed batch: onnxruntime.tools.make_dynamic_shape_fixed, or export with batch 1)"
      )
    }
    self.model = model
    (self.input, self.output) = (input, output)
    image = Array(tensors[inputs[0]].shape.dropFirst())
    classes = tensors[outputs[0]].elements
    compilation = try Compiler.compile(model, for: accelerator)
    program = try ValueProgram(compilation.schedule)
  }

  /// What the accelerator makes of one image: its output's integers.
  ///
  /// - Parameters:
  ///   - image: height × width × channels integers of the model's input.
  ///   - engine: `.literal` moves every byte through every register; the same result, much slower.
  ///   - observe: called with each tensor part that the vector unit has written.
  ///   - beside: called once while values are computed, by one of the threads; with `.literal`, before.
  public func integers(
    of image: [Int8], engine: EngineKind = .event, threads: Int = 1,
    observe: ((TensorPart, [UInt8]) -> Void)? = nil, beside: (() -> Void)? = nil
  ) throws(MachineError) -> [Int8] {
    let memory = memory(for: image)
    let placements = compilation.placements
    let event: ((ValueEvent) -> Void)? = observe.map { observe in
      { event in if let part = placements[event.instruction] { observe(part, event.bytes) } }
    }
    let end: MemoryImage
    switch engine {
    case .event: end = try program.execute(memory, threads: threads, observe: event, beside: beside)
    case .literal:
      beside?()
      end = try Simulator.run(schedule, engine: .literal, image: memory, observe: event).image
    }
    return (end.tensors[compilation.output] ?? []).map { Int8(bitPattern: $0) }
  }

  /// What DRAM holds at the start: weights, and the image.
  func memory(for image: [Int8]) -> MemoryImage {
    var memory = compilation.image
    memory.tensors[compilation.input] = image.map { UInt8(bitPattern: $0) }
    return memory
  }

  /// The same as real values.
  public func logits(
    of image: [Int8], engine: EngineKind = .event, threads: Int = 1, beside: (() -> Void)? = nil
  ) throws(MachineError) -> [Float] {
    try integers(of: image, engine: engine, threads: threads, beside: beside).map(output.real)
  }
}
