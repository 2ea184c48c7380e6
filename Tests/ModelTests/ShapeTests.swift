import Testing

@testable import Model

struct ShapeTests {
  private func shape(_ operation: GraphOperation, _ inputs: [Int]...) -> [Int]? { try? operation.outputShape(inputs) }

  @Test func convolutions() {
    func convolution(
      _ image: [Int], _ weight: [Int], stride: [Int] = [1, 1], dilation: [Int] = [1, 1], padding: [Int] = [0, 0, 0, 0],
      groups: Int = 1, kernel: [Int] = [3, 3]
    ) -> [Int]? {
      let it = Convolution(kernel: kernel, stride: stride, dilation: dilation, padding: padding, groups: groups)
      return shape(.convolution(it), image, weight, [weight.last ?? 0])
    }
    #expect(convolution([2, 14, 14, 16], [144, 32]) == [2, 12, 12, 32])
    #expect(convolution([2, 14, 14, 16], [9, 32], padding: [1, 1, 1, 1], groups: 16) == [2, 14, 14, 32])
    #expect(convolution([1, 7, 9, 1], [9, 4], stride: [2, 3], padding: [1, 0, 1, 2]) == [1, 4, 3, 4])
    #expect(convolution([1, 5, 5, 1], [9, 4], dilation: [2, 2]) == [1, 1, 1, 4])
    #expect(convolution([1, 4, 5, 1], [9, 4], dilation: [2, 2]) == nil)
    #expect(convolution([1, 2, 2, 1], [9, 4]) == nil)
    #expect(convolution([1, 5, 5, 6], [9, 6], groups: 4) == nil)
    #expect(convolution([1, 5, 5, 4], [9, 6], groups: 4) == nil)
    #expect(convolution([1, 5, 5, 4], [36, 6], groups: 0) == nil)
    #expect(convolution([1, 5, 5], [9, 6]) == nil)
    #expect(convolution([1, 5, 5, 1], [9, 6], padding: [-1, 0, 0, 0]) == nil)
    #expect(convolution([1, 5, 5, 1], [9, 6], stride: [0, 1]) == nil)
    #expect(convolution([1, 5, 5, 1], [9, 6], stride: [1]) == nil)
    #expect(convolution([1, 5, 5, 1], [9, 6], kernel: [3]) == nil)
    #expect(convolution([1, .max, 1, 1], [9, 1], padding: [65536, 0, 65536, 0]) == nil)
    #expect(convolution([1, .max, 1, 1], [1 << 32, 1], kernel: [65536, 65536]) == nil)
  }

  @Test func headProducts() {
    func operand(_ first: Int, _ step: Int, _ width: Int, transposed: Bool = false) -> HeadOperand {
      HeadOperand(.columns(first: first, step: step, width: width), transposed: transposed)
    }
    func product(_ a: HeadOperand, _ b: HeadOperand, _ x: [Int], _ y: [Int], stacked: Bool = true, heads: Int = 3)
      -> [Int]?
    {
      shape(.headProduct(HeadProduct(heads: heads, a: a, b: b, stacked: stacked)), x, y)
    }
    let (a, t) = (operand(0, 8, 8), operand(24, 8, 8, transposed: true))
    #expect(product(a, t, [2, 5, 72], [2, 5, 72]) == [2, 3, 5, 5])
    #expect(product(a, t, [2, 7, 72], [2, 5, 72], stacked: false) == [2, 7, 15])
    #expect(product(a, t, [2, 5, 72], [1, 5, 72]) == nil)
    #expect(product(a, t, [2, 5, 72], [2, 5, 47]) == nil)
    // Images: rows are all dimensions between, and keep their shape.
    #expect(product(a, HeadOperand(.stacked), [1, 4, 4, 24], [1, 3, 8, 9], stacked: false) == [1, 4, 4, 27])
    #expect(product(a, HeadOperand(.stacked), [1, 4, 4, 24], [1, 2, 8, 9], stacked: false) == nil)
    let k = operand(0, 8, 8, transposed: true)
    #expect(product(k, operand(0, 9, 9), [1, 4, 4, 24], [1, 4, 4, 27]) == [1, 3, 8, 9])
    #expect(product(k, operand(0, 9, 9), [1, 4, 4, 24], [1, 4, 3, 27]) == nil)
    for heads in [0, -1, .max, .min] {
      #expect(product(a, t, [2, 5, 72], [2, 5, 72], heads: heads) == nil)
      #expect(product(HeadOperand(.stacked), HeadOperand(.stacked), [1, 1, 1, 1], [1, 1, 1, 1], heads: heads) == nil)
    }
    for bad in [operand(-1, 8, 8), operand(0, 8, 0), operand(0, -8, 8), operand(.max, .max, .max)] {
      #expect(product(bad, t, [2, 5, 72], [2, 5, 72]) == nil)
    }
  }

  @Test func rows() {
    #expect(shape(.divide(heads: 2, epsilon: 0), [1, 4, 18]) == [1, 4, 16])
    #expect(shape(.divide(heads: 2, epsilon: 0), [1, 4, 2]) == nil)
    #expect(shape(.divide(heads: 0, epsilon: 0), [1, 4, 2]) == nil)
    #expect(shape(.appendColumn(heads: 2, value: 1), [1, 4, 16]) == [1, 4, 18])
    #expect(shape(.appendColumn(heads: 3, value: 1), [1, 4, 16]) == nil)
    #expect(shape(.appendColumn(heads: .max, value: 1), [1, .max]) == nil)
    #expect(shape(.concatenate, [1, 4, 3], [1, 4, 5]) == [1, 4, 8])
    #expect(shape(.concatenate, [1, 4, 3]) == [1, 4, 3])
    #expect(shape(.concatenate, [1, 4, 3], [1, 3, 5]) == nil)
    #expect(shape(.concatenate, [1, .max], [1, 1]) == nil)
    #expect(shape(.concatenate) == nil)
    #expect(shape(.average, [2, 4, 4, 8]) == [2, 8])
    #expect(shape(.average, [2, 8]) == nil)
    #expect(shape(.multiply, [2, 8], [2, 8]) == [2, 8])
    #expect(shape(.multiply, [2, 8], [1, 8]) == [2, 8])
    #expect(shape(.multiply, [3, 2, 8], [8]) == [3, 2, 8])
    #expect(shape(.multiply, [2, 8], [2]) == nil)
    #expect(shape(.classToken, [1, .max, 1], [1, 1]) == nil)
    #expect(shape(.add, [], []) == nil || shape(.add, [], []) == [])
  }

  @Test func views() {
    func columns(_ first: Int, _ step: Int, _ width: Int, _ count: Int, _ x: [Int] = [1, 4, 24]) -> [Int]? {
      shape(.selectColumns(first: first, step: step, width: width, count: count), x)
    }
    #expect(columns(8, 12, 4, 2) == [1, 4, 8])
    #expect(columns(20, 0, 4, 1) == [1, 4, 4])
    #expect(columns(9, 12, 4, 2) == nil)
    #expect(columns(0, 3, 4, 2) == nil)
    #expect(columns(-1, 4, 4, 1) == nil)
    #expect(columns(0, 4, 0, 1) == nil)
    for count in [0, -1, .min, .max] { #expect(columns(0, 4, 4, count) == nil) }
    #expect(columns(0, .max, 1, 3, [.max]) == nil)
    #expect(columns(.max, 1, 1, 1, [.max]) == nil)
    #expect(shape(.reshape([2, 2, 3, 5]), [2, 6, 5]) == [2, 2, 3, 5])
    #expect(shape(.reshape([2, 6, 5]), [2, 2, 3, 5]) == [2, 6, 5])
    #expect(shape(.reshape([1, 12, 5]), [2, 6, 5]) == nil)
    #expect(shape(.reshape([2, 10, 3]), [2, 6, 5]) == nil)
    #expect(shape(.reshape([2, -3, -2, 5]), [2, 6, 5]) == nil)
  }

  /// 49 pixels: windows of 3 × 3 over 8 of 32 channels; Kᵀ·V and Q·(KᵀV) of 4 heads of 8, a column more.
  @Test func work() throws {
    func one(_ operation: GraphOperation, _ inputs: [Int]...) throws -> (macs: Int, elements: Int) {
      var graph = Graph(name: "g", image: 1, batch: 1, tensors: [], operators: [])
      for (place, shape) in inputs.enumerated() {
        graph.tensors.append(Tensor(name: "\(place)", shape: shape, role: place == 0 ? .input : .parameter))
      }
      graph.tensors.append(Tensor(name: "y", shape: try operation.outputShape(inputs), role: .output))
      let op = GraphOperator(name: "op", operation: operation, inputs: Array(inputs.indices), output: inputs.count)
      graph.operators.append(op)
      try graph.validate()
      return (graph.macs, graph.elements(of: op))
    }
    let grouped = Convolution(kernel: [3, 3], padding: [1, 1, 1, 1], groups: 4)
    #expect(try one(.convolution(grouped), [1, 7, 7, 32], [72, 64], [64]) == (49 * 72 * 64, 49 * 64))
    func operand(_ width: Int, transposed: Bool) -> HeadOperand {
      HeadOperand(.columns(first: 0, step: width, width: width), transposed: transposed)
    }
    let keys = HeadProduct(heads: 4, a: operand(8, transposed: true), b: operand(9, transposed: false), stacked: true)
    #expect(try one(.headProduct(keys), [1, 7, 7, 32], [1, 7, 7, 36]) == (4 * 8 * 9 * 49, 4 * 8 * 9))
    let sums = HeadProduct(heads: 4, a: operand(8, transposed: false), b: HeadOperand(.stacked), stacked: false)
    #expect(try one(.headProduct(sums), [1, 7, 7, 32], [1, 4, 8, 9]) == (4 * 49 * 9 * 8, 49 * 36))
    #expect(try one(.divide(heads: 4, epsilon: 0), [1, 7, 7, 36]) == (0, 49 * 32))
    #expect(try one(.appendColumn(heads: 4, value: 1), [1, 7, 7, 32]) == (0, 49 * 36))
    #expect(try one(.concatenate, [1, 49, 3], [1, 49, 4]) == (0, 49 * 7))
    #expect(try one(.average, [1, 49, 3]) == (0, 3))
    #expect(try one(.multiply, [1, 49, 3], [1, 49, 3]) == (0, 147))
    #expect(try one(.selectColumns(first: 0, step: 1, width: 1, count: 2), [1, 49, 3]) == (0, 0))
    #expect(try one(.reshape([1, 7, 7, 3]), [1, 49, 3]) == (0, 0))
  }
}
