import CKernels
import Model
import Numerics

/// Runs a float model in float32, one operator after the other.
///
/// ```swift
/// let tensors = try FloatInterpreter(model).run(input: pixels)
/// ```
public struct FloatInterpreter: Sendable {
  public let model: FloatModel
  let input: TensorID

  /// - Throws: `ModelError` if the model isn't valid (`FloatModel.validate()`), or has a function that is given by integers.
  public init(_ model: FloatModel) throws(ModelError) {
    try model.validate()
    for op in model.graph.operators {
      if case .elementwise(.table) = op.operation {
        throw .graphOperator(name: op.name, problem: "a table of integers isn't a function of real numbers")
      }
    }
    self.model = model
    input = try model.graph.onlyInput
  }

  /// Values of every tensor, row by row.
  ///
  /// - Parameter input: as many as the input's shape says, NHWC.
  /// - Throws: `ModelError.tensor` if `input` has another size.
  public func run(input pixels: [Float]) throws(ModelError) -> [TensorID: [Float]] {
    try model.graph.check(pixels.count, for: input)
    var pass = FloatPass(graph: model.graph, tensors: model.constants)
    pass.tensors[input] = pixels
    for op in model.graph.operators { pass.tensors[op.output] = pass.run(op) }
    return pass.tensors
  }
}

/// One run of a valid model.
private struct FloatPass {
  let graph: Graph
  var tensors: [TensorID: [Float]]

  func run(_ op: GraphOperator) -> [Float] {
    let x = tensors[op.inputs[0]] ?? []
    let shape = graph[op.inputs[0]].shape
    let width = shape[shape.count - 1]
    switch op.operation {
    case .patchEmbedding(let patch): return convolution(Model.Convolution(patch: patch), op)
    case .convolution(let convolution): return self.convolution(convolution, op)
    case .linear:
      var result = repeated(op.inputs[2], op)
      multiply(
        x, tensors[op.inputs[1]] ?? [], depth: width, into: &result, at: MatrixLayout(graph[op.output].shape))
      return result
    case .headProduct(let product): return headProduct(product, op)
    case .classToken: return parts(x, shape[0]).flatMap { (tensors[op.inputs[1]] ?? []) + $0 }
    case .concatenate:
      let rows = MatrixLayout(shape).rows
      let all = op.inputs.map { parts(tensors[$0] ?? [], rows) }
      return (0..<rows).flatMap { row in all.flatMap { $0[row] } }
    case .appendColumn(let heads, let value):
      return parts(x, x.count / (width / heads)).flatMap { $0 + [value] }
    case .add:
      let y = tensors[op.inputs[1]] ?? []
      return x.indices.map { x[$0] + y[$0 % y.count] }
    case .multiply:
      let y = tensors[op.inputs[1]] ?? []
      return x.indices.map { x[$0] * y[$0 % y.count] }
    case .layerNorm(let epsilon):
      let (gain, bias) = (tensors[op.inputs[1]] ?? [], tensors[op.inputs[2]] ?? [])
      return parts(x, x.count / width).flatMap { layerNorm($0, gain, bias, epsilon) }
    case .elementwise(let function): return x.map { function($0) }
    case .softmax: return parts(x, x.count / width).flatMap { softmax($0) }
    case .divide(let heads, let epsilon):
      return parts(x, x.count / (width / heads)).flatMap { row in
        row.dropLast().map { $0 / (row[row.endIndex - 1] + epsilon) }
      }
    case .average:
      return parts(x, shape[0]).flatMap { image in
        (0..<width).map { column in
          let values = stride(from: image.startIndex + column, to: image.endIndex, by: width)
          return Float(values.reduce(0.0) { $0 + Double(image[$1]) } / Double(image.count / width))
        }
      }
    case .selectToken(let token): return parts(x, shape[0]).flatMap { parts($0, shape[1])[token] }
    case .selectColumns(let first, let step, let width, let count):
      return parts(x, MatrixLayout(shape).rows).flatMap { row in
        (0..<count).flatMap { row[(row.startIndex + first + $0 * step)...].prefix(width) }
      }
    case .reshape: return x
    }
  }

  /// `count` pieces of equal length.
  private func parts(_ x: some RandomAccessCollection<Float>, _ count: Int) -> [ArraySlice<Float>] {
    let (all, length) = (Array(x), x.count / count)
    return (0..<count).map { all[$0 * length..<($0 + 1) * length] }
  }

  private func layerNorm(_ x: ArraySlice<Float>, _ gain: [Float], _ bias: [Float], _ epsilon: Float) -> [Float] {
    let count = Double(x.count)
    let mean = x.reduce(0) { $0 + Double($1) } / count
    let variance = x.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    let root = (variance + Double(epsilon)).squareRoot()
    return zip(x, zip(gain, bias)).map { Float((Double($0) - mean) / root) * $1.0 + $1.1 }
  }

  private func softmax(_ x: ArraySlice<Float>) -> [Float] {
    let largest = x.max() ?? 0
    let powers = x.map { ck_exp(Double($0 - largest)) }
    let sum = powers.reduce(0, +)
    return powers.map { Float($0 / sum) }
  }
}

// MARK: Products

extension FloatPass {
  /// The result before any product is added: the bias in each row.
  private func repeated(_ bias: TensorID, _ op: GraphOperator) -> [Float] {
    let values = tensors[bias] ?? []
    var result: [Float] = []
    result.reserveCapacity(graph[op.output].elements)
    for _ in 0..<graph[op.output].elements / values.count { result += values }
    return result
  }

  private func convolution(_ convolution: Model.Convolution, _ op: GraphOperator) -> [Float] {
    let (image, weight) = (tensors[op.inputs[0]] ?? [], MatrixLayout(graph[op.inputs[1]].shape))
    let width = weight.columns / convolution.groups
    var result = repeated(op.inputs[2], op)
    for group in 0..<convolution.groups {
      var windows: [Float] = []
      windows.reserveCapacity(result.count / weight.columns * weight.rows)
      convolution.forEachElement(ofGroup: group, graph[op.inputs[0]].shape) { index in
        windows.append(index.map { image[$0] } ?? 0)
      }
      multiply(
        windows, gather(op.inputs[1], weight.columns(group * width, width)), depth: weight.rows, into: &result,
        at: MatrixLayout(graph[op.output].shape).columns(group * width, width))
    }
    return result
  }

  private func headProduct(_ product: HeadProduct, _ op: GraphOperator) -> [Float] {
    let (x, y, shape) = (graph[op.inputs[0]].shape, graph[op.inputs[1]].shape, graph[op.output].shape)
    var result = [Float](repeating: 0, count: graph[op.output].elements)
    for image in 0..<shape[0] {
      for head in 0..<product.heads {
        let a = product.a.layout(x, image: image, head: head)
        multiply(
          gather(op.inputs[0], a), gather(op.inputs[1], product.b.layout(y, image: image, head: head)),
          depth: a.columns, into: &result, at: product.resultLayout(shape, image: image, head: head))
      }
    }
    return result
  }

  private func gather(_ id: TensorID, _ layout: MatrixLayout) -> [Float] {
    let values = tensors[id] ?? []
    var elements: [Float] = []
    elements.reserveCapacity(layout.rows * layout.columns)
    layout.forEach { elements.append(values[$0]) }
    return elements
  }

  /// Adds `a` · `b`, both row by row, to the elements of `result` that `layout` names.
  ///
  /// A row of `b` serves four rows of `a` while it is at hand.
  private func multiply(
    _ a: [Float], _ b: [Float], depth: Int, into result: inout [Float], at layout: MatrixLayout
  ) {
    let (columns, pitch) = (layout.columns, layout.rowStride)
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        result.withUnsafeMutableBufferPointer { result in
          var row = 0
          while row < layout.rows {
            let count = min(4, layout.rows - row)
            var k = 0
            while k < depth {
              var step = 0
              while step < count {
                let factor = a[(row + step) * depth + k]
                let (out, right) = (layout.offset + (row + step) * pitch, k * columns)
                var column = 0
                while column < columns {
                  result[out + column] += factor * b[right + column]
                  column += 1
                }
                step += 1
              }
              k += 1
            }
            row += count
          }
        }
      }
    }
  }
}
