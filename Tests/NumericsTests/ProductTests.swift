import Numerics
import TestSupport
import Testing

struct MatrixProductTests {
  @Test func everyPairOfOperands() {
    for a in Int8.min...Int8.max {
      let row = Array(Int8.min...Int8.max)
      let expected = row.map { Int32(a) * Int32($0) }
      #expect(MatrixProduct.reference([a], row, m: 1, k: 1, n: 256) == expected)
      #expect(MatrixProduct.reference(row, [a], m: 256, k: 1, n: 1) == expected)
    }
  }

  /// [1 2 3; 4 5 6] · [7 8; 9 10; 11 12], by hand.
  @Test func layout() {
    let a: [Int8] = [1, 2, 3, 4, 5, 6]
    let b: [Int8] = [7, 8, 9, 10, 11, 12]
    #expect(MatrixProduct.reference(a, b, m: 2, k: 3, n: 2) == [58, 64, 139, 154])
    #expect(MatrixProduct.reference(a, b, m: 2, k: 3, n: 2, adding: [1, -2, 3, -4]) == [59, 62, 142, 150])
    #expect(MatrixProduct.reference(a, b, m: 2, k: 3, n: 2, bias: [100, 1000]) == [158, 1064, 239, 1154])
    // [0 1 2; 3 4 5] · [5 6; 7 8; 9 10]
    #expect(MatrixProduct.reference(a, b, m: 2, k: 3, n: 2, aZero: 1, bZero: 2) == [25, 28, 88, 100])
  }

  @Test func largestSums() {
    let depth = 1 << 16
    let low = [Int8](repeating: -128, count: depth)
    #expect(MatrixProduct.reference(low, low, m: 1, k: depth, n: 1) == [1 << 30])
    let high = [Int8](repeating: 127, count: depth)
    #expect(MatrixProduct.reference(low, high, m: 1, k: depth, n: 1) == [-128 * 127 * 65536])
    #expect(MatrixProduct.reference(low, low, m: 1, k: depth, n: 1, adding: [1 << 30 - 1]) == [.max])
    // One more wraps; operands of 9 bits do at a quarter of the depth.
    #expect(MatrixProduct.reference(low, low, m: 1, k: depth, n: 1, adding: [1 << 30]) == [.min])
    #expect(
      MatrixProduct.reference(low, low, m: 1, k: depth, n: 1, aZero: 127, bZero: 127)
        == [Int32(truncatingIfNeeded: 255 * 255 * depth)])
  }

  @Test func sizesThatDoNotFit() {
    #expect(MatrixProduct.reference([1], [1, 1], m: 1, k: 1, n: 1) == nil)
    #expect(MatrixProduct.reference([1, 1], [1], m: 1, k: 1, n: 1) == nil)
    #expect(MatrixProduct.reference([1], [1], m: 1, k: 1, n: 1, adding: []) == nil)
    #expect(MatrixProduct.reference([1], [1], m: 1, k: 1, n: 1, bias: [1, 2]) == nil)
    #expect(MatrixProduct.reference([], [], m: 0, k: 1, n: 1) == nil)
    #expect(MatrixProduct.reference([], [], m: .max, k: 2, n: .max) == nil)
  }
}

struct ConvolutionTests {
  /// A kernel of ones over 3×3 ones counts the pixels that it covers.
  @Test func paddingCountsAsZero() {
    let axis = ConvolutionAxis(size: 3, kernel: 3, before: 1, after: 1)
    let sums = Convolution(rows: axis, columns: axis, channels: 1, outputs: 1)
      .reference([Int8](repeating: 5, count: 9), weights: [Int8](repeating: 1, count: 9), imageZero: 4)
    #expect(sums == [4, 6, 4, 6, 9, 6, 4, 6, 4])
  }

  /// The same as a product of im2col rows that were padded with the zero point, group by group.
  @Test func equalsProductsOverWindows() throws {
    var random = SplitMix64(seed: 7)
    for _ in 0..<120 {
      func axis() -> ConvolutionAxis {
        let (kernel, dilation) = (random.int(1...4), random.int(1...2))
        let before = random.int(0...2)
        return ConvolutionAxis(
          size: random.int(dilation * (kernel - 1) + 1...9), kernel: kernel, stride: random.int(1...3),
          dilation: dilation, before: before, after: random.int(0...2))
      }
      let groups = random.pick([1, 1, 2, 4])
      let depth = random.pick([1, 1, 3])
      let shape = Convolution(
        rows: axis(), columns: axis(), channels: groups * depth, outputs: groups * random.int(1...3), groups: groups)
      let (imageZero, weightZero) = (random.int(-128...127), random.int(-3...3))
      let image = random.row(shape.rows.size * shape.columns.size * shape.channels)
      let weights = random.row(shape.rows.kernel * shape.columns.kernel * depth * shape.outputs)
      let bias = (0..<shape.outputs).map { _ in Int32(random.int(-1000...1000)) }
      let result = try #require(
        shape.reference(image, weights: weights, imageZero: imageZero, weightZero: weightZero, bias: bias))
      let windows = (0..<shape.rows.outputs * shape.columns.outputs).map { window(shape, image, $0, imageZero) }
      for group in 0..<groups {
        let own = shape.outputs / groups
        let columns = group * own..<(group + 1) * own
        let part = windows.flatMap { row in
          stride(from: group * depth, to: row.count, by: shape.channels).flatMap { row[$0..<$0 + depth] }
        }
        let weight = (0..<weights.count / shape.outputs).flatMap { row in
          columns.map { weights[row * shape.outputs + $0] }
        }
        let product = MatrixProduct.reference(
          part, weight, m: windows.count, k: part.count / windows.count, n: own, aZero: imageZero, bZero: weightZero,
          bias: Array(bias[columns]))
        // In the padding the product sees 0 · (weight − zero), as it should.
        #expect(product == windows.indices.flatMap { row in columns.map { result[row * shape.outputs + $0] } })
      }
    }
  }

  /// One row of the im2col matrix, all channels.
  private func window(_ shape: Convolution, _ image: [Int8], _ index: Int, _ zero: Int) -> [Int8] {
    let (y, x) = index.quotientAndRemainder(dividingBy: shape.columns.outputs)
    return (0..<shape.rows.kernel).flatMap { ky in
      (0..<shape.columns.kernel).flatMap { kx in
        let row = y * shape.rows.stride + ky * shape.rows.dilation - shape.rows.before
        let column = x * shape.columns.stride + kx * shape.columns.dilation - shape.columns.before
        let inside = row >= 0 && row < shape.rows.size && column >= 0 && column < shape.columns.size
        return (0..<shape.channels).map {
          inside ? image[(row * shape.columns.size + column) * shape.channels + $0] : Int8(zero)
        }
      }
    }
  }

  @Test func sizesThatDoNotFit() {
    let axis = ConvolutionAxis(size: 2, kernel: 1)
    let shape = Convolution(rows: axis, columns: axis, channels: 2, outputs: 2, groups: 2)
    #expect(shape.reference([1, 2, 3, 4, 5, 6, 7, 8], weights: [1, 2]) == [1, 4, 3, 8, 5, 12, 7, 16])
    #expect(shape.reference([1], weights: [1, 2]) == nil)
    #expect(shape.reference([1, 2, 3, 4, 5, 6, 7, 8], weights: [1]) == nil)
    var odd = shape
    odd.groups = 3
    #expect(odd.reference([1, 2, 3, 4, 5, 6, 7, 8], weights: [1, 2]) == nil)
  }
}
