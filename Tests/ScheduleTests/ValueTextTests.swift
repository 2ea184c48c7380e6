import Hardware
import Numerics
import TestSupport
import Testing

@testable import Schedule

/// The text form of what schedules with values have: orders, zero points, biases, the table of arithmetic.
struct ValueTextTests {
  private func parse(_ text: String) throws -> Schedule {
    try Schedule(parsing: text, file: "s.vsched", accelerator: Small.accelerator)
  }

  private func mistakes(_ text: String) -> [String] {
    do {
      _ = try parse(text)
      return []
    } catch let error as DiagnosticError {
      return error.diagnostics.map(\.description)
    } catch {
      return ["\(error)"]
    }
  }

  /// The small schedule with values: its text with these lines in front of the instructions.
  private func text(adding lines: [String]) -> String {
    Small.schedule.text.replacing("layer 0 fc ops=0\n", with: "layer 0 fc ops=0\n\(lines.joined(separator: "\n"))\n")
  }

  /// Each entry's line, by the entry: what people will read and write.
  private static let entries: [(StageArithmetic, String)] = [
    (.requantize(Requantization(algorithm: .fixedPoint, factors: [0.0012])), "requantize fixed-point factors=0.0012"),
    (
      .requantize(Requantization(algorithm: .float, factors: [1, 1e-20, 0.1], zeroPoint: -3, lowest: -3)),
      "requantize float factors=1,1e-20,0.1 zero=-3 lowest=-3"
    ),
    (
      .softmax(
        Softmax(algorithm: .iBERT, input: Quantization(scale: 0.0572419), output: Quantization(scale: 0.0078740157))),
      "softmax i-bert in=0.0572419/0 out=0.007874016/0"
    ),
    (
      .add(
        Addition(
          algorithm: .float, first: Quantization(scale: 0.5), second: Quantization(scale: 2, zeroPoint: 7),
          output: Quantization(scale: 4, zeroPoint: -128))), "add float first=0.5/0 second=2/7 out=4/-128"
    ),
    (
      .multiply(
        Multiplication(
          algorithm: .float, first: Quantization(scale: 0.5), second: Quantization(scale: 2),
          output: Quantization(scale: 4))), "multiply float first=0.5/0 second=2/0 out=4/0"
    ),
    (
      .layerNorm(
        LayerNorm(
          algorithm: .iViT, input: Quantization(scale: 1), output: Quantization(scale: 1), gainScale: 0.25,
          biasScale: 0.125, epsilon: 1e-6)), "layernorm i-vit gain=0.25 bias=0.125 epsilon=1e-06 in=1/0 out=1/0"
    ),
    (
      .divide(
        Quotient(algorithm: .float, input: Quantization(scale: 1), output: Quantization(scale: 1), epsilon: 1e-15)),
      "divide float epsilon=1e-15 in=1/0 out=1/0"
    ),
    (
      .average(Average(algorithm: .fixedPoint, input: Quantization(scale: 1), output: Quantization(scale: 1))),
      "average fixed-point in=1/0 out=1/0"
    ),
    (elementwise(.identity), "identity float in=1/0 out=1/0"), (elementwise(.relu), "relu float in=1/0 out=1/0"),
    (elementwise(.scale(0.125)), "scale float by=0.125 in=1/0 out=1/0"),
    (elementwise(.gelu, .iBERT), "gelu i-bert in=1/0 out=1/0"),
    (elementwise(.hardSwish(gate: nil)), "hardswish float in=1/0 out=1/0"),
    (
      elementwise(.hardSwish(gate: Quantization(scale: 0.1, zeroPoint: 1))),
      "hardswish float gate=0.1/1 in=1/0 out=1/0"
    ),
    (
      elementwise(.hardSigmoid(alpha: 0.2, beta: -0.5)),
      "hardsigmoid float alpha=0.2 beta=-0.5 in=1/0 out=1/0"
    ),
    (elementwise(.sigmoid), "sigmoid float in=1/0 out=1/0"), (elementwise(.silu), "silu float in=1/0 out=1/0"),
    (elementwise(.tanh, .table), "tanh table in=1/0 out=1/0"),
    (
      elementwise(.table(Array(repeating: -1, count: 255) + [16])),
      "lookup float results=\(String(repeating: "ff", count: 255))10 in=1/0 out=1/0"
    ),
  ]

  private static func elementwise(_ function: ElementwiseFunction, _ algorithm: Algorithm = .float) -> StageArithmetic {
    .elementwise(
      Elementwise(function, algorithm: algorithm, input: Quantization(scale: 1), output: Quantization(scale: 1)))
  }

  @Test func arithmetic() throws {
    var schedule = Small.schedule
    schedule.arithmetic = Self.entries.map(\.0)
    let lines = schedule.text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("arithmetic") }
    #expect(lines == Self.entries.enumerated().map { "arithmetic \($0.offset) \($0.element.1)" })
    #expect(try parse(schedule.text) == schedule)
  }

  @Test func operandsAndStages() throws {
    var schedule = Small.schedule
    schedule.arithmetic = [Self.entries[0].0]
    schedule.edit(2) { (m: inout MatMul) in
      m.aOrder = .windows(Windows(width: 32, channels: 3, kernelRows: 16, kernelColumns: 8, outputColumns: 4))
      (m.aZero, m.bZero, m.bOrder, m.bias) = (-128, 3, .columnMajor, Small.weights(0x40, 1, 32))
    }
    schedule.edit(3) { (v: inout VectorInstruction) in
      v.stages = [VectorStage(.requantize, op: 0, arithmetic: 0, firstColumn: 8), VectorStage(.relu, op: 0)]
    }
    #expect(
      schedule.line(of: 2).contains(
        " a=activations[0x0 2x4] windows(width=32 channels=3 kernel=16x8 columns=4) zero=-128 "
          + "b=weights[0x0 4x8] column-major zero=3 bias=weights[0x40 1x32] out=accumulators[0x0 2x32] op=0 "))
    #expect(schedule.line(of: 3).contains(" requantize@0:0/8+relu@0 2x8 "))
    #expect(try parse(schedule.text) == schedule)
    schedule.edit(2) { (m: inout MatMul) in
      m.aOrder = .windows(
        Windows(
          width: 32, channels: 3, pixelPitch: 8, kernelRows: 3, kernelColumns: 3, strideY: 2, strideX: 1, dilationY: 1,
          dilationX: 4, originY: -1, originX: 5, outputColumns: 4))
    }
    #expect(
      schedule.line(of: 2).contains(
        "windows(width=32 channels=3 pitch=8 kernel=3x3 stride=2x1 dilation=1x4 origin=-1,5 columns=4)"))
    #expect(try parse(schedule.text) == schedule)
  }

  /// Numbers as people write them, and the shortest digits of any.
  @Test func numbers() throws {
    let schedule = try parse(text(adding: ["arithmetic 0 softmax float in=1.50E-3/-0 out=+2.0e+2/5"]))
    let softmax = Softmax(
      algorithm: .float, input: Quantization(scale: 0.0015), output: Quantization(scale: 200, zeroPoint: 5))
    #expect(schedule.arithmetic == [.softmax(softmax)])
    var random = RandomSchedule(seed: 7)
    for _ in 0..<2000 {
      var schedule = Small.schedule
      schedule.arithmetic = [random.arithmetic()]
      #expect(try parse(schedule.text) == schedule)
    }
  }

  // MARK: Mistakes

  @Test(arguments: [
    ("softmax float in=nan/0 out=1/0", "31: error: found 'nan/0'", "the scale, a decimal number"),
    ("softmax float in=inf/0 out=1/0", "31: error: found 'inf/0'", "a decimal number"),
    ("softmax float in=1x3/0 out=1/0", "32: error: found", "'/' in SCALE/ZERO"),
    ("softmax float in=1e39/0 out=1/0", "31: error: the scale is too large", "a finite number"),
    ("softmax float in=0/0 out=1/0", "31: error: the scale is 0.0", "a positive number"),
    ("softmax float in=1e-60/0 out=1/0", "31: error: the scale is 0.0", "a positive number"),
    ("softmax float in=-0.5/0 out=1/0", "31: error: the scale is -0.5", "a positive number"),
    ("softmax float in=1/128 out=1/0", "33: error: 128 isn't an INT8", "-128 to 127"),
    ("softmax float in=1/-129 out=1/0", "33: error: -129 isn't", ""),
    ("softmax float in=1 out=1/0", "32: error: found", "'/'"),
    ("softmax float in=1/0", "34: error: no 'out='", ""), ("softmax float out=1/0", "28: error: found 'out'", "'in='"),
    ("softmax flaot in=1/0 out=1/0", "22: error: unknown algorithm 'flaot'", "'float'"),
    ("sotfmax float in=1/0 out=1/0", "14: error: unknown arithmetic 'sotfmax'", "'softmax'"),
    ("requantize float factors=", "39: error: the line ends", "the factor"),
    ("requantize float factors=1,,2", "41: error: found ',2'", "the factor"),
    ("requantize float factors=1,-2", "41: error: the factor is -2.0", "positive"),
    ("requantize float factors=1e999", "39: error: the factor is too large", ""),
    ("requantize float factors=1 lowest=-200", "48: error: -200 isn't an INT8", ""),
    ("requantize float factors=1.1.1", "39: error: found '1.1.1'", ""),
    ("lookup float results=00ff in=1/0 out=1/0", "35: error: 4 hexadecimal digits", "512: results for -128 to 127"),
    ("hardswish float gate=0/0 in=1/0 out=1/0", "35: error: the scale is 0.0", ""),
    ("identity float in=1/0 out=1/0 gate=1/0", "44: error: found 'gate=1/0'", "the end of the line"),
  ])
  func mistakesInArithmetic(entry: String, message: String, hint: String) {
    let found = mistakes(text(adding: ["arithmetic 0 " + entry]))
    let match = found.contains { $0.contains(":\(message)") && (hint.isEmpty || $0.contains(hint)) }
    #expect(match, "\(found)")
    #expect(found.count == 1, "\(found)")
  }

  @Test(arguments: [
    ("a=activations[0x0 2x4] column-minor", ":52: error: found 'inor'", "'a' in column-major"),
    ("a=activations[0x0 2x4] zero=200", ":49: error: 200 isn't an INT8", "-128 to 127"),
    ("a=activations[0x0 2x4] windows(width=0", ":58: error: width is 0", "at least 1"),
    ("a=activations[0x0 2x4] windows(width=4 kernel=1x1", ":60: error: found 'kernel'", "'channels='"),
    (
      "a=activations[0x0 2x4] windows(width=4 channels=1 kernel=3037000500x3037000500 columns=1)",
      ":51: error: windows with a size of 3037000500", ""
    ),
    (
      "a=activations[0x0 2x4] windows(width=4 channels=1 kernel=1x1 origin=-9000000,0 columns=1)",
      ":51: error: windows that begin at pixel -9000000", ""
    ),
  ])
  func mistakesInOperands(operand: String, message: String, hint: String) {
    let rest = " b=weights[0x0 4x8] out=accumulators[0x0 2x32] op=0 layer=0 wait dma.io:a,dma.weights:b post vector"
    let lines = Small.schedule.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.hasPrefix("array:") ? "array: matmul 2x4x8 \(operand)\(rest)" : String(line)
    }
    let found = mistakes(lines.joined(separator: "\n"))
    #expect(found.contains { $0.contains(message) && (hint.isEmpty || $0.contains(hint)) }, "\(found)")
  }

  @Test func references() {
    let found = mistakes(Small.schedule.text.replacing("requantize@0 ", with: "requantize@0:0 "))
    #expect(found.count == 1)
    #expect(found.first?.contains(":27: error: there is no arithmetic 0 above this line") == true, "\(found)")
    // A mistake in an entry has no echo in the stages that refer to it.
    let wrong = text(adding: ["arithmetic 0 softmax float in=x out=1/0"])
    #expect(mistakes(wrong.replacing("requantize@0 ", with: "requantize@0:0 ")).count == 1)
  }

  /// However many mistakes one line has, their number is bounded.
  @Test func mistakesOfOneLine() {
    let waits = Array(repeating: "nobody", count: 10_000).joined(separator: ",")
    #expect(mistakes(Small.schedule.text.replacing("wait vector*2", with: "wait " + waits)).count == 100)
    let factors = "arithmetic 0 requantize float factors=" + String(repeating: "1,", count: 100_000) + "x"
    #expect(mistakes(text(adding: [factors])).count == 1)
    let digits = "arithmetic 0 requantize float factors=" + String(repeating: "1", count: 100_000)
    #expect(mistakes(text(adding: [digits])).first?.contains("at most 64") == true)
  }

  /// Whatever byte is exchanged: a mistake with a place, or a schedule that the text states and prints the same again.
  @Test func mutations() throws {
    var schedule = Small.schedule
    schedule.arithmetic = Self.entries.map(\.0).filter { if case .elementwise = $0 { false } else { true } }
    schedule.edit(2) { (m: inout MatMul) in
      m.aOrder = .windows(
        Windows(
          width: 3, channels: 3, pixelPitch: 8, kernelRows: 3, kernelColumns: 3, strideY: 2, dilationY: 4, originX: -5,
          outputColumns: 4))
      (m.aZero, m.bOrder, m.bias) = (-1, .columnMajor, m.b)
    }
    let bytes = Array(schedule.text.utf8)
    let start = try #require(schedule.text.range(of: "arithmetic 0")).lowerBound.utf16Offset(in: schedule.text)
    var random = SplitMix64(seed: 2)
    for position in start..<bytes.count {
      var changed = bytes
      changed[position] = random.pick(Array("0123456789.-+e/,=(x ".utf8) + [UInt8(truncatingIfNeeded: random.next())])
      do {
        let parsed = try parse(String(decoding: changed, as: UTF8.self))
        #expect(try parse(parsed.text) == parsed, "byte \(position)")
      } catch let error as DiagnosticError {
        #expect(error.diagnostics.allSatisfy { $0.mark.line > 0 && $0.mark.column > 0 }, "byte \(position): \(error)")
      }
    }
  }
}
