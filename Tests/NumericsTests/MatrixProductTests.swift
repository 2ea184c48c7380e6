import Numerics
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
  }

  @Test func largestSum() {
    let depth = MatrixProduct.largestDepth
    let low = [Int8](repeating: -128, count: depth)
    #expect(MatrixProduct.reference(low, low, m: 1, k: depth, n: 1) == [1 << 30])
    let high = [Int8](repeating: 127, count: depth)
    #expect(MatrixProduct.reference(low, high, m: 1, k: depth, n: 1) == [-128 * 127 * 65536])
    #expect(MatrixProduct.reference(low + [0], low + [0], m: 1, k: depth + 1, n: 1) == nil)
    #expect(MatrixProduct.reference(low, low, m: 1, k: depth, n: 1, adding: [1 << 30 - 1]) == [.max])
    #expect(MatrixProduct.reference(low, low, m: 1, k: depth, n: 1, adding: [1 << 30]) == nil)
  }

  @Test func sizesThatDoNotFit() {
    #expect(MatrixProduct.reference([1], [1, 1], m: 1, k: 1, n: 1) == nil)
    #expect(MatrixProduct.reference([1, 1], [1], m: 1, k: 1, n: 1) == nil)
    #expect(MatrixProduct.reference([1], [1], m: 1, k: 1, n: 1, adding: []) == nil)
    #expect(MatrixProduct.reference([], [], m: 0, k: 1, n: 1) == nil)
    #expect(MatrixProduct.reference([], [], m: .max, k: 2, n: .max) == nil)
  }
}
