import Foundation
import TestSupport
import Testing

/// A shipped description, damaged in a hundred ways, through the real program.
@Suite struct CLIMutationTests {
  private struct Mutation {
    let name: String
    let bytes: [UInt8]
    /// Whether what is left may still be a right description: optional keys take their defaults.
    let mayBeRight: Bool
  }

  private static func mutations(of text: String, count: Int) -> [Mutation] {
    var random = SplitMix64(seed: 0x5EED)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // Lines that hold `key: value`, without those whose value is free text.
    let values = lines.indices.filter { index in
      let line = lines[index].drop { $0 == " " || $0 == "-" }
      return !line.hasPrefix("#") && line.contains(": ") && !line.hasPrefix("name:") && !line.hasPrefix("device:")
    }
    return (0..<count).map { number in
      let index = random.pick(values)
      let line = lines[index].prefix { $0 != "#" }
      let colon = line.firstIndex(of: ":") ?? line.endIndex
      let key = String(line[..<colon])
      func replaced(_ name: String, _ new: String, mayBeRight: Bool = false) -> Mutation {
        var copy = lines
        copy[index] = new
        return Mutation(
          name: "\(name) in line \(index + 1)", bytes: Array(copy.joined(separator: "\n").utf8), mayBeRight: mayBeRight)
      }
      switch number % 10 {
      case 0: return replaced("misspelt key", key + "x:" + line[colon...].dropFirst())
      case 1: return replaced("negative", key + ": -1")
      case 2: return replaced("huge", key + ": 99999999999999999999999")
      case 3: return replaced("not a number", key + ": .nan")
      case 4: return replaced("wrong type", key + ": {a: [1, 2]}")
      case 5: return replaced("nothing", key + ":", mayBeRight: true)
      case 6: return replaced("fraction", key + ": 1.5e-3")
      case 7: return replaced("missing", "", mayBeRight: true)
      case 8:
        let cut = Array(text.utf8.prefix(random.int(0...(text.utf8.count - 1))))
        return Mutation(name: "cut at \(cut.count)", bytes: cut, mayBeRight: true)
      default:
        var bytes = Array(text.utf8)
        bytes[random.int(0...(bytes.count - 1))] = 0xFF
        return Mutation(name: "no UTF-8", bytes: bytes, mayBeRight: false)
      }
    }
  }

  @Test func aHundredMutationsAreRefusedWithTheirPlace() throws {
    let scratch = try Scratch()
    let original = CLIProgram.package.appendingPathComponent("configs/accelerators/zcu102-32x32.yaml")
    let file = scratch.file("mutated.yaml")
    for mutation in Self.mutations(of: try String(contentsOf: original, encoding: .utf8), count: 100) {
      try Data(mutation.bytes).write(to: file)
      let result = try CLIProgram.run(["lint", file.path])
      if mutation.mayBeRight, result.status == 0 { continue }
      #expect(result.status == 2, "\(mutation.name): \(result.output)")
      #expect(result.output.contains("mutated.yaml:"), "\(mutation.name)")
    }
  }
}
