import Model
import Numerics

/// acc[m,n] = bias[n] + Σₖ (a[m,k] − za)·(b[k,n] − zb), INT32, wrapping.
extension IntegerPass {
  func linear(_ op: GraphOperator) -> [Int32] {
    let (a, b) = (MatrixLayout(shape(op.inputs[0])), MatrixLayout(shape(op.inputs[1])))
    var sums = [Int32](repeating: 0, count: model.graph[op.output].elements)
    multiply(
      gather(op.inputs[0], a), gather(op.inputs[1], b.transposed), depth: a.columns, bias: int32(op.inputs[2])[...],
      into: &sums, at: MatrixLayout(shape(op.output)))
    return sums
  }

  func convolution(_ convolution: Model.Convolution, _ op: GraphOperator) -> [Int32] {
    let (image, weight) = (shape(op.inputs[0]), MatrixLayout(shape(op.inputs[1])))
    let (values, zero) = (int8(op.inputs[0]), zero(op.inputs[0]))
    let bias = int32(op.inputs[2])
    let width = weight.columns / convolution.groups
    var sums = [Int32](repeating: 0, count: model.graph[op.output].elements)
    for group in 0..<convolution.groups {
      var windows: [Int16] = []
      windows.reserveCapacity(sums.count / weight.columns * weight.rows)
      // Padding is the zero point, which is subtracted.
      convolution.forEachElement(ofGroup: group, image) { index in
        windows.append(index.map { Int16(values[$0]) - zero } ?? 0)
      }
      let first = group * width
      multiply(
        windows, gather(op.inputs[1], weight.columns(first, width).transposed), depth: weight.rows,
        bias: bias[first..<first + width], into: &sums, at: MatrixLayout(shape(op.output)).columns(first, width))
    }
    return sums
  }

  func headProduct(_ product: HeadProduct, _ op: GraphOperator) -> [Int32] {
    let (x, y, result) = (shape(op.inputs[0]), shape(op.inputs[1]), shape(op.output))
    var sums = [Int32](repeating: 0, count: model.graph[op.output].elements)
    for image in 0..<result[0] {
      for head in 0..<product.heads {
        let a = product.a.layout(x, image: image, head: head)
        let b = product.b.layout(y, image: image, head: head)
        multiply(
          gather(op.inputs[0], a), gather(op.inputs[1], b.transposed), depth: a.columns, bias: nil, into: &sums,
          at: product.resultLayout(result, image: image, head: head))
      }
    }
    return sums
  }

  /// The product's tensor: accumulators cut to INT8, or as they are where no stage follows.
  func result(_ sums: [Int32], _ op: GraphOperator, _ stages: [StageArithmetic]) -> IntegerValues {
    accumulators?(op, sums)
    guard case .requantize(let requantization) = stages.first else { return .int32(sums) }
    let columns = MatrixLayout(shape(op.output)).columns
    return .int8(sums.indices.map { requantization(sums[$0], column: $0 % columns) })
  }

  /// Elements of a matrix row by row, zero point subtracted.
  private func gather(_ id: TensorID, _ layout: MatrixLayout) -> [Int16] {
    let (values, zero) = (int8(id), zero(id))
    var elements: [Int16] = []
    elements.reserveCapacity(layout.rows * layout.columns)
    layout.forEach { elements.append(Int16(values[$0]) - zero) }
    return elements
  }

  /// `a` row by row times `b` column by column, both of `depth` numbers, into the elements of `result` that `layout` names.
  private func multiply(
    _ a: [Int16], _ b: [Int16], depth: Int, bias: ArraySlice<Int32>?, into result: inout [Int32],
    at layout: MatrixLayout
  ) {
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        for row in 0..<layout.rows {
          for column in 0..<layout.columns {
            var sum = bias.map { $0[$0.startIndex + column] } ?? 0
            let (left, right) = (row * depth, column * depth)
            // A `while` because this is where a debug build spends its time.
            var k = 0
            while k < depth {
              sum &+= Int32(a[left + k]) &* Int32(b[right + k])
              k += 1
            }
            result[layout.offset + row * layout.rowStride + column] = sum
          }
        }
      }
    }
  }
}
