import Hardware
import HardwareYAML
import Testing

@Suite struct OverrideTests {
  private func parse(_ overrides: String...) throws -> RunConfiguration {
    try RunConfiguration.parse(text: smallYAML, file: "a.yaml", overrides: overrides)
  }

  private func mistakes(_ overrides: String...) -> String {
    do {
      _ = try RunConfiguration.parse(text: smallYAML, file: "a.yaml", overrides: overrides)
      return ""
    } catch {
      return error.description
    }
  }

  @Test func replacesAddsAndRemoves() throws {
    #expect(try parse("engines.array.rows=16").accelerator.engines[0].rows == 16)
    #expect(try parse("accelerator.engines.array.rows=16").accelerator.engines[0].rows == 16)
    #expect(try parse("engines.array.macs-per-pe=2").accelerator.engines[0].macsPerPE == 2)
    #expect(try parse("dma.channels.all.setup=9cycles").accelerator.channels[0].setup == 9)
    #expect(try parse("vector.operations.scale.latency=5").accelerator.vector.operations[.scale]?.latency == 5)
    #expect(try parse("resources.luts=7").accelerator.declaredLogic.luts == 7)
    #expect(try parse("dram={model: ideal, latency: 7}").accelerator.dram == .ideal(latency: 7))
    #expect(try parse("dram.model=ideal", "dram.bandwidth=null").accelerator.dram == .ideal(latency: 20))
    #expect(try parse("device=zcu102", "device=null").accelerator.device == nil)
    #expect(try parse("engines.array.rows=16", "engines.array.rows=4").accelerator.engines[0].rows == 4, "last wins")
    #expect(try parse().accelerator == Accelerator.parse(yaml: smallYAML, file: "a.yaml"))
  }

  @Test func reachesTheModel() throws {
    let request = try #require(try parse("model.name=deit-tiny", "model.batch=4").model)
    #expect(request.name == "deit-tiny")
    #expect(request.batch == 4)
    #expect(request.image == nil)
    #expect(try parse("model=deit-base").model?.name == "deit-base")
  }

  @Test func mistakesBlameTheOption() {
    #expect(
      mistakes("engines.array.rows=no")
        == """
        --set engines.array.rows=no: error: rows 'no' is not a number; expected a whole number from 1 to 4096
        """)
    #expect(
      mistakes("engines.aray.rows=8")
        == """
        --set engines.aray.rows=8: error: there is no 'aray' in engines; expected array; did you mean 'array'?
        """)
    #expect(
      mistakes("engins.array.rows=8")
        == "--set engins.array.rows=8: error: unknown key 'engins' in the accelerator; did you mean 'engines'?")
    #expect(
      mistakes("engines.array.row=8")
        == "--set engines.array.row=8: error: unknown key 'row' in engine 'array'; did you mean 'rows'?")
    #expect(mistakes("clock.x=8") == "--set clock.x=8: error: clock is '200MHz': it has no 'x'")
    #expect(
      mistakes("engines..rows=8")
        == """
        --set engines..rows=8: error: the path 'engines..rows' has an empty part; \
        expected a path such as engines.array.rows
        """)
    for text in ["", "=", "rows", "=8", "rows="] {
      #expect(
        mistakes(text)
          == "--set \(text): error: there is no path=value; expected something like engines.array.rows=32")
    }
    #expect(mistakes("clock={").hasPrefix("--set clock={: error: this is not valid YAML"))
    #expect(mistakes("clock=*x").hasPrefix("--set clock=*x: error: anchors and aliases"))
    let deep = Array(repeating: "a", count: 100_000).joined(separator: ".")
    #expect(mistakes(deep + "=1").contains("has more than 16 parts"))
  }

  @Test func allMistakesAtOnce() {
    let lines = mistakes("clock=1", "bad", "engines.x.rows=1", "vector.lanes=0").split(separator: "\n")
    #expect(lines.count == 4)
  }
}
