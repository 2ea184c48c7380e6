import Exploration
import Hardware
import HardwareYAML
import Testing

@Suite struct SweepDescriptionTests {
  /// `path=value` of each point.
  private func points(_ yaml: String) throws -> [String] {
    let description = try description(yaml)
    return (0..<description.count).map { index in
      description.overrides(at: index).map { "\($0.path)=\($0.value.inlineYAML)" }.joined(separator: " ")
    }
  }

  @Test func aGridIsEveryCombination() throws {
    #expect(
      try points("base: a.yaml\ngrid:\n  clock: [1MHz, 2MHz]\n  engines.array.rows: [8, 16, 32]\n") == [
        "clock=1MHz engines.array.rows=8", "clock=1MHz engines.array.rows=16", "clock=1MHz engines.array.rows=32",
        "clock=2MHz engines.array.rows=8", "clock=2MHz engines.array.rows=16", "clock=2MHz engines.array.rows=32",
      ])
  }

  @Test func keysWithACommaMoveTogether() throws {
    #expect(
      try points("base: a.yaml\ngrid:\n  a.rows , b.width: [[8, 64bit], [16, [x, y]]]\n  clock: [1MHz]\n") == [
        "a.rows=8 b.width=64bit clock=1MHz", "a.rows=16 b.width=[x, y] clock=1MHz",
      ])
  }

  @Test func aListComesAfterTheGridAndModelsMultiplyBoth() throws {
    let text = """
      base: a.yaml
      models: [deit-tiny, {name: deit-small, batch: 8}]
      grid: {clock: [1MHz]}
      list:
        - {dram: {model: ideal, latency: 20}, device: null}
        - {"a,b": [1, 2]}
      """
    #expect(
      try points(text) == [
        "model={name: deit-tiny} clock=1MHz", "model={name: deit-tiny} dram={model: ideal, latency: 20} device=null",
        "model={name: deit-tiny} a=1 b=2", "model={name: deit-small, batch: 8} clock=1MHz",
        "model={name: deit-small, batch: 8} dram={model: ideal, latency: 20} device=null",
        "model={name: deit-small, batch: 8} a=1 b=2",
      ])
    #expect(try description(text).paths == ["clock", "dram", "device", "a", "b"])
  }

  @Test func withoutGridAndListItIsTheBaseAlone() throws {
    #expect(try points("base: a.yaml") == [""])
    #expect(try points("base: a.yaml\nmodels: [deit-tiny]") == ["model={name: deit-tiny}"])
  }

  @Test func namesAndBases() throws {
    #expect(try description("base: a.yaml").name == "sweep")
    #expect(try description("name: shapes\nbase: a.yaml").name == "shapes")
    guard case .path("a.yaml", let mark) = try description("base: a.yaml").base else {
      Issue.record("not a path")
      return
    }
    #expect(mark.description == "sweep.yaml:1:7")
    guard case .inline(let node) = try description("base: {clock: 1MHz}").base else {
      Issue.record("not inline")
      return
    }
    #expect(node["clock"]?.text == "1MHz")
  }

  @Test(arguments: [
    ("bse: a.yaml", "sweep.yaml:1:1: error: unknown key 'bse' in the sweep; did you mean 'base'?"),
    (
      "base: [a]",
      "sweep.yaml:1:7: error: base is a list; expected the path of a configuration, or the configuration itself"
    ),
    ("- a", "sweep.yaml:1:1: error: the sweep is a list; expected a mapping of keys to values"),
    ("base: a\nname: A B", "sweep.yaml:2:7: error: name of the sweep is 'A B'; expected a name of lower-case letters"),
    ("base: a\nmodels: deit-tiny", "sweep.yaml:2:9: error: models is 'deit-tiny'; expected a list of 1 to 64 models"),
    ("base: a\nmodels: [{nam: x}]", "sweep.yaml:2:11: error: unknown key 'nam' in model; did you mean 'name'?"),
    ("base: a\ngrid: [a]", "sweep.yaml:2:7: error: grid is a list; expected a mapping of paths to lists of values"),
    ("base: a\ngrid: {}", "sweep.yaml:2:7: error: grid is an empty mapping; expected a mapping of paths to lists"),
    ("base: a\ngrid: {clock: 5}", "sweep.yaml:2:15: error: 'clock' is '5'; expected a list of values"),
    ("base: a\ngrid: {clock: []}", "sweep.yaml:2:15: error: 'clock' is an empty list; expected a list of values"),
    (
      "base: a\ngrid: {\"a,b\": [[1]]}",
      "sweep.yaml:2:16: error: a value of 2 paths is a list of 1; expected a list of 2 values"
    ),
    ("base: a\ngrid: {\"a,b\": [7]}", "sweep.yaml:2:16: error: a value of 2 paths is '7'; expected a list of 2 values"),
    ("base: a\ngrid: {\"a,\": [[1, 2]]}", "sweep.yaml:2:8: error: 'a,' has an empty path"),
    ("base: a\ngrid: {\"a,b\": [[1, 2]], b: [1]}", "sweep.yaml:2:25: error: 'b' is set twice, first in line 2"),
    (
      "base: a\ngrid:\n  clock: [1]\n  accelerator.clock: [2]",
      "sweep.yaml:4:3: error: 'clock' is set twice, first in line 3"
    ),
    ("base: a\nlist: [3]", "sweep.yaml:2:8: error: a point is '3'; expected a mapping of paths to values"),
    ("base: a\nlist: []", "sweep.yaml:2:7: error: list is an empty list; expected a list of 1 to 100000 points"),
  ])
  func mistakesOfTheFile(yaml: String, expected: String) {
    let error = #expect(throws: DiagnosticError.self) { try description(yaml) }
    #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "")")
  }

  @Test func tooManyPointsAreRefusedWithTheirNumber() throws {
    let values = (1...400).map(String.init).joined(separator: ", ")
    func grid(_ paths: [String]) -> String {
      "base: a\ngrid:\n" + paths.map { "  \($0): [\(values)]\n" }.joined()
    }
    #expect(try description(grid(["a"])).count == 400)
    let error = #expect(throws: DiagnosticError.self) { try description(grid(["a", "b"])) }
    #expect(error?.description.contains("there are 160000 points; expected at most 100000") == true)
    let huge = #expect(throws: DiagnosticError.self) { try description(grid((0..<30).map { "a\($0)" })) }
    #expect(huge?.description.contains("too many points to count") == true)
  }
}
