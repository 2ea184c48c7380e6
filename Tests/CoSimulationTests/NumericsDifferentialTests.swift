import Foundation
import Numerics
import SystemCBridge
import Testing

/// The C++ functions, written from docs/numerics.md alone, against those of `Numerics`: the same bytes.
@Suite("Numerics in C++")
struct NumericsDifferentialTests {
  /// More with `VITSIM_STAGE_CASES=…`.
  static let cases = ProcessInfo.processInfo.environment["VITSIM_STAGE_CASES"].flatMap { Int($0) } ?? 4000

  @Test func bothComputeTheSame() throws {
    var differ = 0
    for seed in 0..<UInt64(Self.cases) where differ < 10 {
      let it = StageCase(seed: seed)
      try #require(it.arithmetic.problem == nil, "case \(seed): \(it.arithmetic)")
      let expected = it.results
      let found = try Self.apply(it, results: expected.count)
      guard let first = expected.indices.first(where: { expected[$0] != found[$0] }) else { continue }
      differ += 1
      Issue.record(
        "case \(seed): result \(first) is \(found[first]), not \(expected[first]); \(it.arithmetic), \(it.rows)x\(it.columns)"
      )
    }
  }

  @Test func sizesThatDontFitAreRefused() throws {
    let it = StageCase(seed: 1)
    #expect(throws: Refusal.self) { try Self.apply(it, results: it.results.count + 1) }
    var bytes = ArithmeticWords(it.arithmetic).bytes
    bytes[0] = 99
    #expect(Self.status(it, bytes, results: it.results.count).status == VITSIM_PROGRAM)
  }

  /// Between other numbers the constants of integer forms could overflow.
  @Test(arguments: [1e-300, 1e300, 0.1, 0, -1]) func scalesAreFloat32(scale: Double) {
    let it = StageCase(seed: 1)
    let numbers = Quantization(scale: 0.5)
    var words = ArithmeticWords(.softmax(Softmax(algorithm: .iBERT, input: numbers, output: numbers))).bytes
    for index in 0..<8 { words[16 + index] = UInt8(truncatingIfNeeded: scale.bitPattern >> UInt64(8 * index)) }
    #expect(Self.status(it, words, results: 1).status == VITSIM_PROGRAM)
  }

  private struct Refusal: Error { let status: vitsim_status }

  private static func apply(_ it: StageCase, results: Int) throws -> [Int8] {
    let answer = status(it, ArithmeticWords(it.arithmetic).bytes, results: results)
    if answer.status != VITSIM_OK { throw Refusal(status: answer.status) }
    return answer.results
  }

  private static func status(
    _ it: StageCase, _ words: [UInt8], results count: Int
  ) -> (status: vitsim_status, results: [Int8]) {
    var results = [UInt8](repeating: 0, count: count)
    let source = it.sourceBytes
    let status = vitsim_stage_apply(
      words, words.count, it.rows, it.columns, Int64(it.firstColumn), source, source.count, it.operand,
      it.operand.count, &results, results.count)
    return (status, results.map { Int8(bitPattern: $0) })
  }
}
