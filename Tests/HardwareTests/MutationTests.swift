import Hardware
import HardwareYAML
import TestSupport
import Testing

/// Damaged descriptions: never a crash, never a place outside the file, never a silently wrong value.
@Suite struct MutationTests {
  /// One line of a file as key and value, with the text around them.
  private struct Line {
    var indent: Substring
    var key: Substring
    var value: Substring

    init?(_ line: Substring) {
      let content = line.prefix { $0 != "#" }
      guard let colon = content.firstIndex(of: ":") else { return nil }
      let start = content.firstIndex { $0 != " " && $0 != "-" } ?? colon
      indent = content[..<start]
      key = content[start..<colon]
      value = content[content.index(after: colon)...]
      while value.last == " " { value.removeLast() }
      if value.first == " " { value.removeFirst() }
    }
  }

  /// Decodes bytes as a file would be; checks every place that an error names.
  @discardableResult
  private func decode(_ bytes: [UInt8], _ what: @autoclosure () -> String) -> Accelerator? {
    do {
      return try Accelerator.parse(yaml: InputFile.decode(bytes, file: "f"), file: "f")
    } catch {
      // A file that ends in a line break has an empty line after it, where libyaml finds what is missing.
      let lines = bytes.split(separator: 10, omittingEmptySubsequences: false)
      for diagnostic in error.diagnostics {
        let mark = diagnostic.mark
        #expect(lines.indices.contains(mark.line - 1) && mark.column >= 1, "\(what()): \(diagnostic)")
        if lines.indices.contains(mark.line - 1) {
          #expect(mark.column <= lines[mark.line - 1].count + 1, "\(what()): \(diagnostic)")
        }
      }
    }
    return nil
  }

  /// Every key with wrong values (a third of them each, in turn): an error on exactly that line.
  @Test(arguments: Shipped.accelerators) func wrongValuesAreFoundWhereTheyStand(path: String) throws {
    let lines = try Shipped.text(path).split(separator: "\n", omittingEmptySubsequences: false)
    let wrong = [
      "", "-1", "-5KiB", ".nan", "NaN", ".inf", "-.inf", "1e400", "99999999999999999999", "9999999999TiB", "0x10",
      "010", "[1]", "{a: 1}", "Maybe So", "3.00001", "16 parsecs", "\"\"", "!!int 3", "*x", "&x 3", "\u{7}",
    ]
    for (index, text) in lines.enumerated() {
      guard let line = Line(text), !line.value.isEmpty, !line.value.hasPrefix("{"), !line.value.hasPrefix("[") else {
        continue
      }
      for value in stride(from: index % 3, to: wrong.count, by: 3).map({ wrong[$0] }) {
        var changed = lines
        changed[index] = "\(line.indent)\(line.key): \(value)"
        let what = "\(path):\(index + 1): \(line.key): \(value)"
        do {
          _ = try Accelerator.parse(yaml: changed.joined(separator: "\n"), file: "f")
          Issue.record("\(what) was taken")
        } catch {
          #expect(error.diagnostics.contains { $0.mark.line == index + 1 }, "\(what): \(error)")
        }
      }
    }
  }

  /// A key left out is missing or has its default, one that stands twice is found, a misspelt one is found and known.
  @Test(arguments: Shipped.accelerators) func wrongKeysAreFound(path: String) throws {
    let text = try Shipped.text(path)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let original = try Accelerator.parse(yaml: text, file: "f")
    for (index, text) in lines.enumerated() {
      guard let line = Line(text), !line.value.isEmpty else { continue }
      var changed = lines
      changed.insert("\(String(repeating: " ", count: line.indent.count))\(line.key): \(line.value)", at: index + 1)
      let twice = mistakes(changed.joined(separator: "\n"))
      #expect(twice.contains("a.yaml:\(index + 2):\(line.indent.count + 1): error: duplicate key '\(line.key)'"))

      changed = lines
      let misspelt = line.key.dropLast() + "qx"
      changed[index] = "\(line.indent)\(misspelt): \(line.value)"
      #expect(
        mistakes(changed.joined(separator: "\n"))
          .contains("a.yaml:\(index + 1):\(line.indent.count + 1): error: unknown key '\(misspelt)'"))

      guard !line.indent.contains("-") else { continue }
      changed = lines
      changed.remove(at: index)
      if let without = decode(Array(changed.joined(separator: "\n").utf8), "\(path) without line \(index + 1)") {
        // Left out, a key has its default: printing says what that was, and saying it changes nothing.
        #expect(try Accelerator.parse(yaml: without.yaml, file: "f") == without)
        #expect(without == original || without.yaml != original.yaml)
      }
    }
  }

  @Test(arguments: Shipped.accelerators) func cutAnywhere(path: String) throws {
    let bytes = Array(try Shipped.text(path).utf8)
    let original = try Accelerator.parse(yaml: Shipped.text(path), file: "f")
    // The last keys may be optional, or their last digits may be missing: everything before them must be there.
    for end in stride(from: bytes.count % 5, to: bytes.count, by: 5) {
      if let cut = decode(Array(bytes[..<end]), "\(path) cut at \(end)") {
        #expect(cut.engines == original.engines && cut.buffers == original.buffers, "\(path) cut at \(end)")
        #expect(cut.channels == original.channels && cut.dram == original.dram, "\(path) cut at \(end)")
      }
    }
  }

  @Test(arguments: Shipped.accelerators) func randomDamage(path: String) throws {
    let bytes = Array(try Shipped.text(path).utf8)
    var random = SplitMix64(seed: UInt64(bytes.count))
    for round in 0..<150 {
      var damaged = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let index = Int.random(in: damaged.indices, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: damaged[index] = UInt8.random(in: 0...255, using: &random)
        case 1: damaged[index] = Array("[]{}:-,#'\"|>%@`!?0 \n\t".utf8).randomElement(using: &random) ?? 0
        case 2: damaged.remove(at: index)
        default:
          damaged.insert(contentsOf: bytes.dropFirst(index).prefix(40), at: index)
        }
      }
      if let accelerator = decode(damaged, "\(path), round \(round)") {
        #expect(try Accelerator.parse(yaml: accelerator.yaml, file: "f") == accelerator)
      }
    }
  }

  @Test func notUTF8() throws {
    let bytes = Array(smallYAML.utf8)
    for index in bytes.indices {
      for byte: UInt8 in [0xFF, 0xC0, 0x80, 0xED] {
        var damaged = bytes
        damaged[index] = byte
        #expect(decode(damaged, "byte \(byte) at \(index)") == nil)
      }
    }
  }

  /// Damage to a run configuration is found as well.
  @Test func runConfigurations() throws {
    let path = Shipped.root + "/configs/deit-tiny-zcu102.yaml"
    let bytes = Array(try Shipped.text("configs/deit-tiny-zcu102.yaml").utf8)
    let whole = try RunConfiguration.load(path: path)
    for end in bytes.indices {
      do {
        let run = try RunConfiguration.parse(text: InputFile.decode(Array(bytes[..<end]), file: path), file: path)
        #expect(run.accelerator == whole.accelerator)
      } catch {
        #expect(error.diagnostics.allSatisfy { $0.mark.line >= 1 })
      }
    }
  }
}
