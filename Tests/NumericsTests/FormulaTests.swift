import Foundation
import Numerics
import Testing

/// Every form of every stage against docs/numerics.md as Tests/Tools/numerics_fixture.py reads it: byte for byte.
struct FormulaTests {
  @Test func everyFormGivesWhatItsFormulaSays() throws {
    var seen: [String: Int] = [:]
    for line in try Fixture.lines("formulas") {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      let form = try #require(Algorithm(rawValue: fields[1]))
      var numbers = Numbers(try fields[2].split(separator: " ").map { try #require(Double($0)) })
      let operands = try fields[3].split(separator: " ").map { try #require(Int($0)) }
      let expected = try fields[4].split(separator: " ").map { try #require(Int8($0)) }
      let results = try evaluate(fields[0], form, &numbers, operands)
      #expect(results == expected, "\(fields[0]), \(form.rawValue), \(fields[2])")
      seen[fields[0] + " " + fields[1], default: 0] += 1
    }
    #expect(seen.count == 33 && seen.values.allSatisfy { $0 >= 4 }, "\(seen)")
  }

  private func evaluate(
    _ name: String, _ form: Algorithm, _ numbers: inout Numbers, _ operands: [Int]
  ) throws -> [Int8] {
    let bytes = operands.map { Int8(clamping: $0) }
    switch name {
    case "requantize":
      let factor = numbers.next()
      let it = Requantization(
        algorithm: form, factors: [factor], zeroPoint: Int(numbers.next()), lowest: Int8(numbers.next()))
      return operands.map { it(Int32($0), column: 3) }
    case "add":
      let it = Addition(
        algorithm: form, first: numbers.quantization(), second: numbers.quantization(), output: numbers.quantization())
      return zip(bytes, bytes.dropFirst(bytes.count / 2)).map { it($0, $1) }
    case "multiply":
      let it = Multiplication(
        algorithm: form, first: numbers.quantization(), second: numbers.quantization(), output: numbers.quantization())
      return zip(bytes, bytes.dropFirst(bytes.count / 2)).map { it($0, $1) }
    case "softmax":
      return Softmax(algorithm: form, input: numbers.quantization(), output: numbers.quantization()).apply(bytes)
    case "layernorm":
      let it = LayerNorm(
        algorithm: form, input: numbers.quantization(), output: numbers.quantization(),
        gainScale: Float(numbers.next()), biasScale: Float(numbers.next()), epsilon: Float(numbers.next()))
      let columns = operands.count / 3
      return it.apply(
        Array(bytes[..<columns]), gain: Array(bytes[columns..<2 * columns]),
        bias: operands[(2 * columns)...].map { Int32($0) })
    case "divide":
      let it = Quotient(
        algorithm: form, input: numbers.quantization(), output: numbers.quantization(), epsilon: Float(numbers.next()))
      return it.apply(operands.map { Int32($0) })
    case "average":
      return [Average(algorithm: form, input: numbers.quantization(), output: numbers.quantization()).apply(bytes)]
    default:
      let functions: [String: ElementwiseFunction] = [
        "identity": .identity, "scale": .scale(-0.75), "relu": .relu, "gelu": .gelu, "hardswish": .hardSwish(gate: nil),
        "hardsigmoid": .hardSigmoid(alpha: 0.2, beta: 0.5), "sigmoid": .sigmoid, "silu": .silu, "tanh": .tanh,
      ]
      let it = Elementwise(
        try #require(functions[name]), algorithm: form, input: numbers.quantization(), output: numbers.quantization())
      return (Int8.min...Int8.max).map { it($0) }
    }
  }
}

/// Parameters, taken one by one.
private struct Numbers {
  private var rest: ArraySlice<Double>
  init(_ numbers: [Double]) { rest = numbers[...] }
  mutating func next() -> Double { rest.popFirst() ?? .nan }
  mutating func quantization() -> Quantization { Quantization(scale: Float(next()), zeroPoint: Int(next())) }
}
