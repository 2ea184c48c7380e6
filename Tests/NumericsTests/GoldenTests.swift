import Foundation
import Numerics
import Testing

/// Published functions against results of their authors' code and hardware.
struct GoldenTests {
  /// The authors' code divides x·scale by the scale and gets no integers where float64 rounds; the very same numbers here give
  /// the very same results. (A product with such a number is rounded at the end.)
  @Test func authorsCode() throws {
    var rows: [String: Int] = [:]
    for row in try table("golden_int_nonlinear") {
      let scale = try #require(Double(row[3]))
      let x = try integers(row[4]).map { Double($0) * scale / scale }
      let results: [Double]? = evaluate(row[0], x, scale: scale)
      #expect(
        try results?.map { Int($0.rounded()) } == integers(row[5]), "\(row[0]), \(row[2]) numbers of scale \(scale)")
      rows[row[0], default: 0] += 1
    }
    #expect(rows.count == 6 && rows.values.allSatisfy { $0 >= 3 }, "\(rows)")
  }

  /// In true integers the results are the same wherever float64 gave integers.
  @Test func integersAgree() throws {
    var (same, rounded) = (0, 0)
    for row in try table("golden_int_nonlinear") {
      let scale = try #require(Double(row[3]))
      let x = try integers(row[4])
      let exact = x.allSatisfy { Double($0) * scale / scale == Double($0) }
      let results: [Int64]? = evaluate(row[0], x.map { Int64($0) }, scale: scale)
      let expected = try integers(row[5])
      if exact {
        #expect(results?.map { Int($0) } == expected, "\(row[0]), \(row[2]) numbers of scale \(scale)")
        same += 1
      } else if row[0].hasPrefix("ivit_layernorm") {
        // An almost even product falls to the integer below: one in 2³⁰ of a standard deviation times √n.
        let differences = zip(results ?? [], expected).map { abs(Int($0) - $1) }
        #expect(differences.count == expected.count && differences.allSatisfy { $0 <= 1 })
        rounded += 1
      }
    }
    #expect(same >= 20 && rounded >= 1)
  }

  private func evaluate<N: Steps>(_ function: String, _ x: [N], scale: Double) -> [N]? {
    switch function {
    case "ivit_shiftmax": return IViT.shiftmax(x, scale: scale)
    case "ivit_shiftgelu": return IViT.shiftGELU(x, scale: scale)
    case "ivit_layernorm_w1_b0": return IViT.layerNorm(x)
    case "fqvit_log2softmax_4bit(16=zero)": return FQViT.log2Softmax(x, scale: scale).map { N(floor: Double($0)) }
    case "ibert_gelu_int": return IBERT.gelu(x, scale: scale)
    case "ibert_int_exp":
      let exponential = IBERT.Exponential<N>(scale: scale)
      return x.max().map { largest in x.map { exponential($0 - largest) } }
    default: return nil
    }
  }

  @Test func powersOfTwoSoftmax() throws {
    for row in try table("ita_softmax") {
      let x = try integers(row[2]).map { Int8($0) }
      #expect(try PowersOfTwo.softmax(x).map { Int($0) } == integers(row[3]), "row \(row[1]) of \(row[0])")
    }
  }

  @Test func powersOfTwoGELU() throws {
    let rows = try table("ita_gelu")
    #expect(rows.count == 256)
    for row in rows {
      let numbers = try row.map { try #require(Int($0)) }
      let gelu = PowersOfTwo.gelu(Int8(numbers[0]))
      #expect(Int(gelu) == numbers[1])
      #expect(Int(PowersOfTwo.requantize(gelu, multiplier: UInt8(numbers[3]), shift: numbers[4])) == numbers[2])
    }
  }

  private func table(_ name: String) throws -> [[String]] {
    try Fixture.lines(name).dropFirst().map { $0.split(separator: ",").map(String.init) }
  }

  private func integers(_ text: String) throws -> [Int] {
    try text.split(separator: " ").map { try #require(Int($0)) }
  }
}
