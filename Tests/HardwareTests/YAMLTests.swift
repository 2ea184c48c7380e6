import Foundation
import Hardware
import HardwareYAML
import Testing

/// What the text around the values can do wrong.
@Suite struct YAMLTests {
  private func mistakes(_ text: String, firstLine: Int = 1) -> String {
    do {
      _ = try ConfigNode.parse(yaml: text, file: "a.yaml", firstLine: firstLine)
      return ""
    } catch {
      return error.description
    }
  }

  @Test func keepsPlacesAndDuplicates() throws {
    let node = try ConfigNode.parse(yaml: "a: 1\nb:\n  - x: é\n    y: ~\na: 'null'\n\"a\": 3\n", file: "f")
    func mark(_ line: Int, _ column: Int) -> SourceMark { SourceMark(file: "f", line: line, column: column) }
    func entry(_ key: String, _ at: SourceMark, _ content: ConfigNode.Content, _ value: SourceMark) -> ConfigNode.Entry
    { ConfigNode.Entry(key: key, keyMark: at, value: ConfigNode(content, at: value)) }
    let element = ConfigNode(
      .mapping([
        entry("x", mark(3, 5), .scalar("é"), mark(3, 8)), entry("y", mark(4, 5), .null, mark(4, 8)),
      ]), at: mark(3, 5))
    #expect(
      node
        == ConfigNode(
          .mapping([
            entry("a", mark(1, 1), .scalar("1"), mark(1, 4)),
            entry("b", mark(2, 1), .sequence([element]), mark(3, 3)),
            entry("a", mark(5, 1), .scalar("null"), mark(5, 4)),
            entry("a", mark(6, 1), .scalar("3"), mark(6, 6)),
          ]), at: mark(1, 1)))
  }

  @Test func duplicatesInManyMappings() throws {
    let node = try ConfigNode.parse(yaml: "a: {x: 1, x: 2}\nb: {x: 1, x: 2, y: 1, y: 2}\nb: 1\n", file: "f")
    guard case .mapping(let entries) = node.content, case .mapping(let inner) = entries[1].value.content else {
      Issue.record("no mapping")
      return
    }
    #expect(entries.map(\.key) == ["a", "b", "b"])
    #expect(inner.map(\.key) == ["x", "x", "y", "y"])
  }

  @Test(arguments: [
    ("", "a.yaml:1:1: error: there is nothing in it; expected keys and values"),
    ("# only a comment\n", "a.yaml:1:1: error: there is nothing in it; expected keys and values"),
    ("a: 1\nb: [1, 2\n", "a.yaml:3:1: error: this is not valid YAML: did not find expected ',' or ']'"),
    ("a: 1\n\tb: 2\n", "a.yaml:2:1: error: this is not valid YAML: found a tab character that violates indentation"),
    ("a: 'x\n", "a.yaml:2:1: error: this is not valid YAML: found unexpected end of stream"),
    ("a: 1\n---\nb: 2\n", "a.yaml:2:1: error: this is not valid YAML: but found another document"),
    ("a: &x 1\nb: 2\n", "a.yaml:1:4: error: anchors and aliases (& before a word, even in a comment) are not allowed"),
    ("a: 1\nb: *x\n", "a.yaml:2:4: error: anchors and aliases (* before a word, even in a comment) are not allowed"),
    ("a: 1\n? [x]\n: 2\n", "a.yaml:2:3: error: a key is not a word"),
    ("a: !!int 1\n", "a.yaml:1:4: error: tags such as 'tag:yaml.org,2002:int' are not allowed"),
    ("a: !x [1]\n", "a.yaml:1:4: error: tags such as '!x' are not allowed"),
    ("a: 1\nb: \u{1}\n", "a.yaml:2:4: error: the character U+1 can't stand in YAML"),
    ("a: b\0\n", "a.yaml:1:5: error: the character U+0 can't stand in YAML"),
    ("'a': 1\n'a': 2\n", "a.yaml:1:1: error: duplicate key 'a'"),
  ])
  func mistake(text: String, start: String) { #expect(mistakes(text).hasPrefix(start), "\(mistakes(text))") }

  /// Many duplicates in a large file aren't worth a parse each.
  @Test func duplicatesInLargeFilesEndThePass() {
    let text = String(repeating: "key: 1\n", count: 10_000)
    #expect(mistakes(text) == "a.yaml:9:1: error: duplicate key 'key'")
  }

  @Test func nestingIsBounded() {
    #expect(mistakes(String(repeating: "[", count: 16) + String(repeating: "]", count: 16)) == "")
    #expect(
      mistakes(String(repeating: "[", count: 18) + String(repeating: "]", count: 18))
        == "a.yaml:1:18: error: values are nested more than 16 deep")
    for bomb in ["[", "{a: ", "- ", "? "] {
      for count in [500, 100_000] { #expect(mistakes(String(repeating: bomb, count: count)).contains(": error: ")) }
    }
    let staircase = (0..<900).map { String(repeating: " ", count: $0) + "a:\n" }.joined()
    #expect(mistakes(staircase).contains("nested more than 16 deep"))
  }

  @Test func aliasBombsAreRefusedAtOnce() {
    var text = "a0: &a0 [x, x]\n"
    for level in 1...40 { text += "a\(level): &a\(level) [*a\(level - 1), *a\(level - 1)]\n" }
    text += "? *a40\n: 1\n? *a40\n: 2\n"
    #expect(mistakes(text).hasPrefix("a.yaml:1:5: error: anchors and aliases"))
    #expect(mistakes("a: 2*3\nb: R&D\n") == "", "only where an anchor could stand")
  }

  @Test func linesCanStartElsewhere() {
    #expect(mistakes("a: 1\nb: *x\n", firstLine: 100).hasPrefix("a.yaml:101:4: "))
    #expect(mistakes("a: 1\nb: [\n", firstLine: 100).hasPrefix("a.yaml:102:1: "))
  }

  @Test func everyLineBreakAndByteOrderMark() {
    #expect(mistakes("\u{FEFF}a: *x\n").hasPrefix("a.yaml:1:4: "))
    #expect(mistakes("a: 1\r\nb: *x\r\n").hasPrefix("a.yaml:2:4: "))
    #expect(mistakes("a: 1\rb: *x\r").hasPrefix("a.yaml:2:4: "))
    #expect(HardwareTests.mistakes(smallYAML.replacing("\n", with: "\r\n")) == "")
  }
}

/// Files that can't be what they should be.
@Suite struct InputFileTests {
  private func mistake(_ path: String, limit: Int = 1000) -> String {
    do {
      return try InputFile.read(path: path, limit: limit)
    } catch {
      return error.description
    }
  }

  @Test func readsRegularFilesOnly() throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "vitsim-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
      let path = directory + "/" + name
      try Data(bytes).write(to: URL(filePath: path))
      return path
    }

    #expect(mistake(try write("good", Array("a: 1\n".utf8))) == "a: 1\n")
    #expect(mistake(try write("empty", [])) == "")
    #expect(mistake(try write("full", [UInt8](repeating: 65, count: 1000))).count == 1000)
    let large = try write("large", [UInt8](repeating: 65, count: 1001))
    #expect(mistake(large) == "\(large): error: the file has more than 1000 bytes; expected a smaller file")
    let latin = try write("latin", Array("a: 1\nb: é".utf8) + [0xE9, 0x0A])
    #expect(mistake(latin) == "\(latin):2:5: error: this byte is not UTF-8 text; expected UTF-8")
    #expect(mistake(directory) == "\(directory): error: the file is a directory")
    #expect(
      mistake(directory + "/none") == "\(directory)/none: error: the file can't be opened: No such file or directory")
    #expect(mistake(directory + "/godo").hasSuffix("No such file or directory; did you mean '\(directory)/good'?"))
    let pipe = directory + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(mistake(pipe) == "\(pipe): error: the file is not a regular file")
    #expect(mistake("/dev/null") == "/dev/null: error: the file is not a regular file")
    #expect(mistake("").hasSuffix("error: the file has no valid name"))
    #expect(mistake("a\0b").hasSuffix("error: the file has no valid name"))
  }

  @Test func runConfigurationsNameTheirFiles() throws {
    func mistake(_ text: String, _ overrides: [String] = []) -> String {
      do {
        _ = try RunConfiguration.parse(
          text: text, file: Shipped.root + "/configs/new.yaml", overrides: overrides)
        return ""
      } catch {
        return error.description.replacing(Shipped.root + "/configs/", with: "")
      }
    }
    let right = "model: {name: deit-tiny, image: 224, batch: 2}\naccelerator: accelerators/edge-16x16.yaml\n"
    #expect(mistake(right) == "")
    #expect(mistake(right, ["accelerator=accelerators/hbm-128x128.yaml"]) == "")
    #expect(
      mistake("model: deit-tiny\naccelerator: none.yaml\n")
        == "new.yaml:2:14: error: 'none.yaml' can't be opened: No such file or directory")
    #expect(mistake("model: deit-tiny\naccelerator: accelerators\n").hasSuffix(" is a directory"))
    #expect(
      mistake("model: {nam: deit-tiny, batch: 0}\naccelerator: [x]\nimage: 3\n")
        == """
        new.yaml:1:9: error: unknown key 'nam' in model; did you mean 'name'?
        new.yaml:1:32: error: batch '0' is zero; expected a whole number from 1 to 1024
        new.yaml:2:14: error: accelerator is a list; expected the path of an accelerator's description, or the \
        description itself
        new.yaml:3:1: error: unknown key 'image' in the run configuration; expected one of model, accelerator, \
        published
        """)
    #expect(
      mistake("model: deit-tiny\n")
        == """
        new.yaml:1:1: error: missing key 'accelerator' in the run configuration; expected the path of an \
        accelerator's description, or the description itself
        """)
    // A mistake in the model doesn't hide those of the accelerator, in its own file or in line.
    let both = mistake(
      "model: {}\naccelerator: accelerators/edge-16x16.yaml\n", ["vector.lanes=0", "engines.nobody.rows=1"])
    #expect(both.split(separator: "\n").count == 3)
    let inline = "model: {}\naccelerator:\n" + smallYAML.split(separator: "\n").map { "  \($0)\n" }.joined()
    #expect(mistake(inline.replacing("rows: 8", with: "rows: 0")).split(separator: "\n").count == 2)
  }
}
