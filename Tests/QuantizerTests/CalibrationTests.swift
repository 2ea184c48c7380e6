import Model
import Numerics
import Quantizer
import TestSupport
import Testing

struct CalibrationFileTests {
  @Test func roundTrip() throws {
    var table = CalibrationTable()
    table["x"] = .range(min: -1.5, max: 0.1)
    table["a \"quoted\" \\ name\n\u{1}é"] = .numbers(Quantization(scale: 0.007874016, zeroPoint: -3))
    table["y"] = .range(min: 0, max: 1e-30)
    #expect(try CalibrationTable(parsing: table.text) == table)
    #expect(try CalibrationTable(parsing: "{}") == CalibrationTable())
    #expect(try CalibrationTable(parsing: CalibrationTable().text) == CalibrationTable())
  }

  @Test func acceptsWhatPeopleWrite() throws {
    let table = try CalibrationTable(
      parsing: " {\"\\u0078\":{\"max\":2,\"min\":-1e0},\n\"y\" : { \"scale\" : 0.5 } }\n")
    #expect(table.names == ["x", "y"])
    #expect(table["x"] == .range(min: -1, max: 2))
    #expect(table["y"] == .numbers(Quantization(scale: 0.5)))
  }

  @Test(arguments: [
    ("", 1, 1, "expected an object"), ("[1]", 1, 1, "expected an object"),
    ("{\n  \"x\": 3}", 2, 8, "expected an object"),
    ("{\"x\": {\"min\": 0, \"max\": 1}", 1, 27, "expected ',' or '}'"),
    ("{\"x\": {\"min\": 0, \"max\": 1}} x", 1, 29, "expected the end"),
    ("{\"x\": {\"min\": 0}}", 1, 17, "'x' needs min and max"),
    ("{\"x\": {\"min\": 0, \"max\": 1, \"scale\": 1}}", 1, 39, "'x' needs min and max"),
    ("{\"x\": {\"min\": 2, \"max\": 1}}", 1, 27, "min must not be above max"),
    ("{\"x\": {\"min\": 0, \"max\": 1e39}}", 1, 30, "both ends must be finite"),
    ("{\"x\": {\"min\": 0, \"max\": nan}}", 1, 25, "expected a number"),
    ("{\"x\": {\"min\": 0, \"max\": 1e999}}", 1, 25, "too large"),
    ("{\"x\": {\"scale\": 0}}", 1, 19, "must be positive and finite"),
    ("{\"x\": {\"scale\": 1, \"zero_point\": 0.5}}", 1, 38, "it is an integer"),
    ("{\"x\": {\"scale\": 1, \"zero_point\": 128}}", 1, 38, "from -128 to 127"),
    ("{\"x\": {\"scale\": 1, \"zero_point\": 1e300}}", 1, 40, "it is an integer"),
    ("{\"x\": {\"scales\": 1}}", 1, 20, "unknown field 'scales'"),
    ("{\"x\": {\"scale\": 1, \"scale\": 1}}", 1, 28, "a second time"),
    ("{\"x\": {\"scale\": 1}, \"x\": {\"scale\": 1}}", 1, 25, "a second time"),
    ("{\"x", 1, 4, "doesn't end"), ("{\"\\q\"", 1, 3, "an escape"), ("{\"\\ud800\"", 1, 3, "an escape"),
    ("{\"\\u00", 1, 3, "an escape"), ("{\"\\", 1, 3, "an escape"), ("{\"a\nb\"", 1, 4, "control character"),
  ])
  func mistakesHavePlaces(text: String, line: Int, column: Int, problem: String) {
    do {
      _ = try CalibrationTable(parsing: text)
      Issue.record("'\(text)' was accepted")
    } catch {
      guard case .file(let foundLine, let foundColumn, let found) = error else {
        Issue.record("\(error) has no place")
        return
      }
      #expect(found.contains(problem), "\(text)")
      #expect(foundLine == line && foundColumn == column, "\(text): \(foundLine):\(foundColumn)")
    }
  }

  /// Whatever a byte becomes, reading ends with a table or an error.
  @Test func anyBytes() throws {
    var random = SplitMix64(seed: 11)
    let text = Array(
      "{\"x\": {\"min\": -1.5, \"max\": 2e1}, \"\\u0041\\n\": {\"scale\": 0.5, \"zero_point\": -3}}".utf8)
    var refused = 0
    for _ in 0..<500 {
      var bytes = text
      for _ in 0...random.int(0...2) {
        switch random.int(0...2) {
        case 0: bytes[random.int(0...bytes.count - 1)] = UInt8(random.int(0...255))
        case 1: bytes.removeSubrange(random.int(0...bytes.count - 1)...)
        default: bytes.insert(random.pick(Array("{}\":,\\u0-+e.".utf8)), at: random.int(0...bytes.count))
        }
        if bytes.isEmpty { bytes = [0] }
      }
      do { _ = try CalibrationTable(parsing: String(decoding: bytes, as: UTF8.self)) } catch { refused += 1 }
    }
    #expect(refused > 250)
  }
}
