import Foundation
import Testing

/// `vitsim run --trace`.
@Suite struct CLIPerfettoTests {
  static let example = "traces/two-engines/case.vsched"

  @Test(arguments: ["event", "literal", "both"])
  func theReportIsTheSameAndTheTraceIsThere(engine: String) throws {
    let scratch = try Scratch()
    let file = scratch.file("run.perfetto")
    let result = try CLIProgram.run(["run", Self.example, "--engine", engine, "--trace", file.path])
    #expect(result.status == 0 && scratch.names == ["run.perfetto"])
    #expect(result.errors.hasPrefix("\(file.path): about 0.1 MB"))
    #expect(result.output == (try CLIProgram.run(["run", Self.example, "--engine", engine])).output)
    // Packets are field 1 of the trace; names are sent once.
    let bytes = try Data(contentsOf: file)
    #expect(bytes.first == 0x0A)
    #expect(bytes.ranges(of: Data("array0.utilization".utf8)).count <= 1)
  }

  @Test func partsAreSmaller() throws {
    let scratch = try Scratch()
    func size(_ arguments: [String]) throws -> Int {
      let file = scratch.file("run.perfetto")
      #expect(try CLIProgram.run(["run", CLITests.config, "--trace", file.path] + arguments).status == 0)
      return try Data(contentsOf: file).count
    }
    let whole = try size([])
    #expect(try size(["--trace-window", "1000:50000"]) < whole / 4)
    #expect(try size(["--trace-units", "vector,dma.*"]) < whole)
  }

  @Test func aWholeDeiTBaseIsSmall() throws {
    let scratch = try Scratch()
    let file = scratch.file("run.perfetto")
    #expect(try CLIProgram.run(["run", "configs/deit-base-zcu102.yaml", "--trace", file.path]).status == 0)
    #expect(try Data(contentsOf: file).count < 100_000_000)
  }

  @Test(arguments: [
    (["--trace", "t", "--trace-window", "5"], "--trace-window"),
    (["--trace", "t", "--trace-window", "2:1"], "--trace-window"),
    (["--trace", "t", "--trace-window", "100000:100001"], "choose a window before its end"),
    (["--trace", "t", "--trace-units", "vectr"], "did you mean"),
    (["--trace", "t", "--trace-units", ""], "trace-units"),
    (["--trace-units", "vector"], "--trace FILE"), (["--trace", "no/such/t"], "no/such/t"),
    (["--trace", "."], "directory"), (["--trace", "t", "--trace-limit", "0"], "--trace-limit"),
    (["--trace-limit", "9"], "--trace FILE"), (["--trace", "t", "--trace-units", "vector, vectr "], "'vectr'"),
  ])
  func badInputIsExplained(arguments: [String], message: String) throws {
    let scratch = try Scratch()
    let example = CLIProgram.package.appendingPathComponent(Self.example).path
    let result = try CLIProgram.run(["run", example] + arguments, in: scratch.directory)
    #expect(result.status == 2 && result.output == "" && scratch.names.isEmpty)
    #expect(result.errors.contains(message), "\(result.errors)")
  }

  @Test func whatIsTooLargeIsRefused() throws {
    let scratch = try Scratch()
    let file = scratch.file("run.perfetto").path
    let result = try CLIProgram.run(["run", "configs/vit-base-gemmini.yaml", "--trace", file, "--trace-limit", "1"])
    #expect(result.status == 2 && result.output == "" && scratch.names.isEmpty)
    #expect(result.errors.contains("--trace-limit 1") && result.errors.contains("--trace-window"))
  }
}
