import Foundation
import Hardware
import TestSupport
import Testing

@testable import Schedule

struct TextTests {
  private func parse(_ text: String, _ accelerator: Accelerator = Small.accelerator) throws -> Schedule {
    try Schedule(parsing: text, file: "s.vsched", accelerator: accelerator)
  }

  /// The messages of the mistakes in `text`, each behind its place.
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

  /// The small schedule with one of its lines exchanged for another.
  private func text(replacing start: String, by line: String) throws -> String {
    var lines = Small.schedule.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let index = try #require(lines.firstIndex { $0.hasPrefix(start) })
    lines[index] = line
    return lines.joined(separator: "\n")
  }

  @Test func depthwiseRoundTrips() throws {
    var schedule = Small.schedule
    schedule.edit(2) { (m: inout MatMul) in
      (m.isDepthwise, m.k) = (true, 2)
      m.aOrder = .windows(Windows(width: 2, channels: 8, kernelRows: 1, kernelColumns: 2, outputColumns: 1))
    }
    #expect(schedule.line(of: 2).contains("depthwise 2x2x8 a="))
    #expect(try parse(schedule.text) == schedule)
  }

  @Test func tokensOnTheirWayAndKeptOperandsRoundTrip() throws {
    var schedule = Small.schedule
    schedule.instructions[0].posts[0].delay = 3
    schedule.edit(2) { (m: inout MatMul) in m.keeps = true }
    #expect(schedule.line(of: 0).hasSuffix("post array:b+3"))
    schedule.instructions[2].posts[0].whenRead = true
    #expect(schedule.line(of: 2).hasSuffix("post vector@read"))
    #expect(schedule.line(of: 2).contains("] keep op=0"))
    #expect(try parse(schedule.text) == schedule)
    #expect(try mistakes(text(replacing: "dma.weights:", by: schedule.line(of: 0) + "x")).count == 1)
  }

  /// What is kept must be there.
  @Test func keptOperandsAreThoseOfTheMatmulBefore() {
    var schedule = Small.schedule
    schedule.edit(2) { (m: inout MatMul) in m.keeps = true }
    #expect(schedule.keptMistakes.map(\.mistake) == ["keep: array doesn't read row by row"])
    schedule.accelerator.engines[0].rowByRow = true
    #expect(schedule.keptMistakes.map(\.mistake) == ["keep: there is no matmul before it"])
    schedule.instructions.insert(schedule.instructions[2], at: 2)
    schedule.edit(2) { (m: inout MatMul) in m.keeps = false }
    #expect(schedule.keptMistakes.map(\.mistake).first?.hasPrefix("keep: operand b takes more than") != false)
    schedule.edit(3) { (m: inout MatMul) in m.b.offset += 1 }
    #expect(schedule.keptMistakes.map(\.mistake) == ["keep: operand b isn't that of the matmul before"])
  }

  @Test func form() throws {
    let yaml = Small.accelerator.yaml.split(separator: "\n").map { "  | \($0)\n" }.joined()
    #expect(
      Small.schedule.text == """
        vsched 1
        model gemm image=0 batch=1
        accelerator
        \(yaml)tensor weight 0x0 32 fc.weight
        tensor input 0x1000 8 x
        tensor output 0x2000 16 y
        op 0 matmul fc macs=64 elements=16
        layer 0 fc ops=0

        # layer 0 fc, from instruction 0
        dma.weights: load dram[0x0 1x32] -> weights[0x0 4x8] op=0 layer=0 post array:b
        dma.io:      load dram[0x1000 1x8] -> activations[0x0 2x4] op=0 layer=0 post array:a
        array:       matmul 2x4x8 a=activations[0x0 2x4] b=weights[0x0 4x8] out=accumulators[0x0 2x32] op=0 layer=0 \
        wait dma.io:a,dma.weights:b post vector
        vector:      requantize@0 2x8 accumulators[0x0 2x32] -> activations[0x100 2x8/64] layer=0 wait array \
        post dma.io*2
        dma.io:      store activations[0x100 2x8/64] -> dram[0x2000 1x16] op=0 layer=0 wait vector*2

        end 5

        """)
    #expect(Small.schedule.line(of: 0).hasPrefix("dma.weights: load dram[0x0 1x32] -> weights"))
    #expect(Small.schedule.line(of: 5) == "")
  }

  @Test func formOfTheRest() throws {
    var schedule = Small.schedule
    schedule.preloads = [Small.weights(0x20, 2, 8)]
    schedule.layers = [Layer(name: "", operators: []), Layer(name: "two words", operators: [0])]
    guard case .matmul(var matmul) = schedule.instructions[2].operation else { throw Missing() }
    matmul.accumulate = true
    schedule.instructions[2].operation = .matmul(matmul)
    guard case .vector(var vector) = schedule.instructions[3].operation else { throw Missing() }
    vector.stages.append(VectorStage(.add, op: 0))
    vector.operand = Small.activations(0x200, 2, 8)
    schedule.instructions[3].operation = .vector(vector)
    schedule.instructions[3].layer = 1
    let lines = schedule.text.split(separator: "\n")
    #expect(lines.contains("preload weights[0x20 2x8]"))
    #expect(lines.contains(#"layer 0 """#))
    #expect(lines.contains(#"layer 1 "two words" ops=0"#))
    #expect(lines.contains { $0.contains(" out+=accumulators[0x0 2x32] ") })
    #expect(lines.contains { $0.contains("requantize@0+add@0 2x8 ") && $0.contains(" with=activations[0x200 2x8] ") })
    #expect(lines.contains(##"# layer 1 "two words", from instruction 3"##))
    #expect(lines.filter { $0.hasPrefix("# layer") }.count == 2)  // Layer 0 goes on in instruction 4.
    #expect(try parse(schedule.text) == schedule)
  }

  struct Missing: Error {}

  /// The example of docs/schedule.md is what the printer writes, and every kind of finding is explained there.
  @Test func documentation() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/schedule.md")
    let documentation = try String(contentsOf: file, encoding: .utf8)
    let text = Small.schedule.text
    let tables = try #require(text.range(of: "tensor weight"))
    #expect(documentation.contains(text[tables.lowerBound...]))
    for kind in LintFinding.Kind.allCases { #expect(documentation.contains("`\(kind.rawValue)`"), "\(kind)") }
  }

  @Test func roundTripOfRandomSchedules() throws {
    for seed in 0..<300 {
      var random = RandomSchedule(seed: UInt64(seed))
      let schedule = random.schedule()
      let text = schedule.text
      let parsed = try parse(text, schedule.accelerator)
      #expect(parsed == schedule, "seed \(seed)")
      #expect(parsed.text == text, "seed \(seed)")
    }
  }

  @Test func acceleratorSource() throws {
    let text = Small.schedule.text
    let (yaml, firstLine) = try ScheduleText.acceleratorSource(of: text, file: "s.vsched")
    #expect(yaml == Small.accelerator.yaml)
    #expect(firstLine == 4)
    #expect(text.split(separator: "\n")[firstLine - 1] == "  | name: small")
  }

  @Test(arguments: [
    ("", "s.vsched:0:1"), ("\n# only\n", "s.vsched:2"), ("name: x\n", "s.vsched:1:1: error: not a schedule"),
    ("vsched 2\n", "s.vsched:1:8: error: version 2"), ("vsched 1\nmodel a image=0 batch=1\n", "no accelerator"),
    ("vsched 1\naccelerator\nend 0\n", "no accelerator"), ("vsched 1\naccelerator x\n  | a\n", "no accelerator"),
  ])
  func noAcceleratorSource(text: String, message: String) {
    do {
      _ = try ScheduleText.acceleratorSource(of: text, file: "s.vsched")
      Issue.record("accepted")
    } catch {
      #expect(error.description.contains(message.replacing(":0:1", with: "")), "\(error)")
    }
  }

  @Test func lineNumbers() {
    let text = Small.schedule.text
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let numbers = ScheduleText.lineNumbers(of: text)
    #expect(numbers.count == 5)
    #expect(
      numbers.map { lines[$0 - 1].prefix { $0 != ":" } } == ["dma.weights", "dma.io", "array", "vector", "dma.io"])
  }

  @Test func layoutIsFree() throws {
    let text = Small.schedule.text
    let loose = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.contains("|") || line.isEmpty || line.hasPrefix("#") ? line + "\r\n" : "  \(line) \t# note\r\n"
    }.joined()
    #expect(try parse(loose) == Small.schedule)
    #expect(try parse(text.replacing("0x1000", with: "4096")) == Small.schedule)
    #expect(try ScheduleText.acceleratorSource(of: loose, file: "s").yaml == Small.accelerator.yaml)
  }

  // MARK: Damage

  /// Only the last line break may be missing.
  @Test func truncation() throws {
    let bytes = Array(Small.schedule.text.utf8)
    for length in 0..<bytes.count - 1 {
      let cut = String(decoding: bytes[..<length], as: UTF8.self)
      #expect(!mistakes(cut).isEmpty, "cut at \(length)")
    }
    #expect(try parse(String(decoding: bytes.dropLast(), as: UTF8.self)) == Small.schedule)
  }

  /// Whatever byte is exchanged: a mistake with a place, or a schedule that the text states and prints the same again.
  @Test func mutations() throws {
    let bytes = Array(Small.schedule.text.utf8)
    var random = SplitMix64(seed: 1)
    for position in bytes.indices {
      var changed = bytes
      changed[position] = UInt8(truncatingIfNeeded: random.next())
      let text = String(decoding: changed, as: UTF8.self)
      do {
        let parsed = try parse(text)
        #expect(try parse(parsed.text) == parsed, "byte \(position)")
      } catch let error as DiagnosticError {
        #expect(error.diagnostics.allSatisfy { $0.mark.line > 0 && $0.mark.column > 0 }, "byte \(position): \(error)")
      }
    }
  }

  @Test func lostAndDoubledLines() throws {
    let lines = Small.schedule.text.split(separator: "\n", omittingEmptySubsequences: false)
    for index in lines.indices where !lines[index].isEmpty && !lines[index].hasPrefix("#") {
      if lines[index].hasPrefix("  |") { continue }  // The decoder of the accelerator sees to these.
      if lines[index].hasPrefix("tensor") { continue }  // Lint sees that the DRAM regions lie in no tensor.
      var fewer = lines
      fewer.remove(at: index)
      #expect(!mistakes(fewer.joined(separator: "\n")).isEmpty, "without line \(index + 1)")
      var more = lines
      more.insert(lines[index], at: index)
      #expect(!mistakes(more.joined(separator: "\n")).isEmpty, "line \(index + 1) twice")
    }
  }

  // MARK: Mistakes and their places

  @Test(arguments: [
    (
      "dma.weights:", "dma.wieghts: load dram[0x0 1x32] -> weights[0x0 4x8] op=0 layer=0", ":1: error: unknown unit",
      "'dma.weights'"
    ),
    (
      "dma.weights:", "dma.weights: load dram[0x0 1x32] -> wieghts[0x0 4x8] op=0 layer=0", ":37: error: unknown buffer",
      "'weights'"
    ),
    (
      "dma.weights:", "dma.weights: laod dram[0x0 1x32] -> weights[0x0 4x8] op=0 layer=0",
      ":14: error: unknown operation 'laod'", "'load'"
    ),
    (
      "dma.weights:", "dma.weights: load weights[0x0 1x32] -> weights[0x0 4x8] op=0 layer=0", ":19: error: a buffer",
      "dram"
    ),
    ("dma.weights:", "dma.weights: load dram[0x0 1x32] weights[0x0 4x8] op=0 layer=0", ":34: error: found", "'->'"),
    (
      "dma.weights:", "dma.weights: load dram[0x0 0x32] -> weights[0x0 4x8] op=0 layer=0", ":28: error: rows is 0",
      "at least 1"
    ),
    (
      "dma.weights:", "dma.weights: load dram[0x0 1x0] -> weights[0x0 4x8] op=0 layer=0", ":30: error: bytes of a row",
      "at least 1"
    ),
    ("dma.weights:", "dma.weights: load dram[-1 1x32] -> weights[0x0 4x8] op=0 layer=0", ":24: error: found", "offset"),
    (
      "dma.weights:", "dma.weights: load dram[0xg 1x32] -> weights[0x0 4x8] op=0 layer=0", ":26: error: found",
      "hexadecimal"
    ),
    (
      "dma.weights:", "dma.weights: load dram[0x8000000000000000 1x32] -> weights[0x0 4x8] op=0 layer=0",
      ":24: error: offset is too large", "0x7fff"
    ),
    (
      "dma.weights:", "dma.weights: load dram[0x0 1x9223372036854775808] -> weights[0x0 4x8] op=0 layer=0",
      ":30: error: bytes of a row is too large", "at most"
    ),
    (
      "dma.weights:", "dma.weights: load dram[0x7fffffffffffffff 1x1] -> weights[0x0 4x8] op=0 layer=0",
      ":24: error: the region ends beyond", ""
    ),
    (
      "dma.weights:", "dma.weights: load dram[0x0 4294967296x1/4294967296] -> weights[0x0 4x8] op=0 layer=0",
      ":24: error: the region ends", ""
    ),
    (
      "dma.weights:", "dma.weights: load dram[0x0 4294967296x4294967296/0] -> weights[0x0 4x8] op=0 layer=0",
      ":24: error: the region ends", ""
    ),
    (
      "dma.weights:", "dma.weights: load dram[0x0 1x32] -> weights[0x0 4x8] op=1 layer=0",
      ":57: error: there is no operator 1", "0 to 0"
    ),
    (
      "dma.weights:", "dma.weights: load dram[0x0 1x32] -> weights[0x0 4x8] op=0 layer=7",
      ":65: error: there is no layer 7", "0 to 0"
    ),
    (
      "dma.weights:", "dma.weights: load dram[0x0 1x32] -> weights[0x0 4x8] op=0 lyaer=0", ":59: error: found 'lyaer'",
      "'layer'"
    ),
    (
      "dma.weights:", "dma.weights: load dram[0x0 1x32] -> weights[0x0 4x8] layer=0", ":54: error: found 'layer'",
      "'op='"
    ),
    (
      "dma.weights:", "dma.weights: load dram[0x0 1x32] -> weights[0x0 4x8] op=0 layer=0 psot array:b",
      ":67: error: found 'psot'", "'post'"
    ),
    (
      "dma.weights:", "dma.weights: load dram[0x0 1x32] -> weights[0x0 4x8] op=0 layer=0 post arary:b",
      ":72: error: unknown unit", "'array'"
    ),
    (
      "dma.weights:", "dma.weights: load dram[0x0 1x32] -> weights[0x0 4x8] op=0 layer=0 post array:otu",
      ":78: error: unknown slot", "'out'"
    ),
    (
      "dma.weights:", "dma.weights: load dram[0x0 1x32] -> weights[0x0 4x8] op=0 layer=0 post array:b*0",
      ":80: error: count is 0", "at least 1"
    ),
    (
      "dma.weights:", "dma.weights: load dram[0x0 1x32] -> weights[0x0 4x8] op=0 layer=0 post array:b,",
      ":80: error: the line ends", "unit"
    ),
    (
      "dma.weights:", "dma.weights: load dram[0x0 1x32] -> weights[0x0 4x8] op=0 layer=0 post array:b wait vector",
      ":80: error: found 'wait'", ""
    ),
    (
      "dma.weights:", "dma.weights load dram[0x0 1x32] -> weights[0x0 4x8] op=0 layer=0",
      ":1: error: the unit 'dma.weights' without ':'", "'dma.weights:'"
    ),
    (
      "dma.weights:", "dma.weights: löad dram[0x0 1x32] -> weights[0x0 4x8] op=0 layer=0",
      ":14: error: unknown operation 'l'", ""
    ),
    ("dma.weights:", "größe: load", ":3: error: found", ""),
    ("array:", "array: matmul 2x4 a=activations[0x0 2x4]", ":18: error: found", "'x' in MxKxN"),
    (
      "array:",
      "array: matmul 4294967296x4294967296x1 a=activations[0x0 2x4] b=weights[0x0 4x8] out=accumulators[0x0 2x32] op=0 layer=0",
      ":15: error: M·K·N overflows", ""
    ),
    (
      "array:",
      "array: matmul 2x4x8 a=activations[0x0 2x4] b=weights[0x0 4x8] out-=accumulators[0x0 2x32] op=0 layer=0",
      ":63: error: no 'out='", "out+="
    ),
    (
      "vector:", "vector: requantise@0 2x8 accumulators[0x0 2x32] -> activations[0x100 2x8]",
      ":9: error: unknown operation", "'requantize'"
    ),
    (
      "vector:", "vector: requantize@0+gleu@0 2x8 accumulators[0x0 2x32] -> activations[0x100 2x8]",
      ":22: error: unknown operation", "'gelu'"
    ),
    ("vector:", "vector: requantize 2x8 accumulators[0x0 2x32] -> activations[0x100 2x8]", ":19: error: found", "'@'"),
    (
      "vector:",
      "vector: requantize@0 2x8 accumulators[0x0 2x32] -> activations[0x100 2x8] wiht=weights[0x0 1x1] layer=0",
      ":75: error: found 'wiht'", "'layer='"
    ),
    ("tensor weight", "tensor wieght 0x0 32 fc.weight", ":8: error: unknown kind of tensor", "'weight'"),
    ("tensor weight", "tensor weight 0x0 0 fc.weight", ":19: error: size in bytes is 0", ""),
    ("tensor weight", "tensor weight 0x7fffffffffffffff 1 fc.weight", ":15: error: the tensor ends", ""),
    ("tensor weight", "tensor weight 0x0 32 \"fc.weight", ":22: error: the tensor's name has no closing quote", ""),
    ("tensor weight", "tensor weight 0x0 32 \"a\\n\"", ":24: error: unknown escape", ""),
    ("tensor weight", "tensor weight 0x0 32 \"a\\u{d800}\"", ":24: error: unknown escape", ""),
    ("tensor weight", "tensor weight 0x0 32 fc weight", ":25: error: found 'weight'", "the end of the line"),
    ("tensor weight", "tenosr weight 0x0 32 fc", ":1: error: unknown keyword 'tenosr'", "'tensor'"),
    ("op 0", "op 1 matmul fc macs=64 elements=16", ":4: error: operator 1 is out of order", "expected 0"),
    ("op 0", "op 0 matmul fc macs=64", ":23: error: no 'elements='", ""),
    ("op 0", "op 0 matmul fc macs=-64 elements=16", ":21: error: found", ""),
    ("layer 0", "layer 0 fc ops=0,1", ":18: error: there is no operator 1", ""),
    ("model", "model gemm image=0 batch=0", ":26: error: batch is 0", ""),
    ("end", "end 6", ":5: error: 'end 6' after 5 instructions", ""),
    ("end", "end 99999999999999999999", ":5: error: number of instructions is too large", ""),
  ])
  func place(start: String, line: String, message: String, hint: String) throws {
    let found = mistakes(try text(replacing: start, by: line))
    let match = found.contains { $0.contains(message) && (hint.isEmpty || $0.contains(hint)) }
    #expect(match, "\(found)")
    // A mistake in a table has no echo in the lines that refer to it.
    #expect(found.count == 1, "\(found)")
  }

  @Test func everyMistakeAtOnce() throws {
    var lines = Small.schedule.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for index in lines.indices where lines[index].hasPrefix("dma.") {
      lines[index] = lines[index].replacing("dma.", with: "dmo.").replacing("[0x0", with: "[0xz")
    }
    let found = mistakes(lines.joined(separator: "\n"))
    // Three unknown units, and two bad numbers behind them.
    #expect(found.filter { $0.contains("unknown unit") }.count == 3)
    #expect(found.filter { $0.contains("hexadecimal digits") }.count == 2)
    #expect(found.count == 5)
  }

  @Test func mistakesAreBounded() {
    let found = mistakes("vsched 1\n" + String(repeating: "nonsense\n", count: 100_000))
    #expect(found.count == 100)
  }
}
