import CoSimulation
import Foundation
import Testing

/// `vitsim cosim` as a user runs it.
@Suite struct CLICosimTests {
  private static let hasSystemC = SystemCKernel.isAvailable
  private static let edge = "configs/accelerators/edge-16x16.yaml"

  /// A schedule of one product on the 16 × 16 array.
  private func product(in scratch: Scratch) throws -> String {
    let file = scratch.file("gemm.vsched").path
    let result = try CLIProgram.shell("$vitsim gemm 50 20 33 --accelerator \(Self.edge) --schedule > '\(file)'")
    #expect(result.status == 0, "\(result.errors)")
    return file
  }

  @Test(.enabled(if: hasSystemC, "built without SystemC: apt install libsystemc-dev, then a clean build"))
  func aProductAgreesCycleByCycle() throws {
    let scratch = try Scratch()
    let schedule = try product(in: scratch)
    let run = try CLIProgram.run(["run", schedule, "--format", "json"])
    let summary = try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
    let cycles = try #require((summary["total"] as? [String: Any])?["cycles"] as? Int)

    let text = try CLIProgram.run(["cosim", schedule])
    #expect(text.status == 0, "\(text.errors)")
    #expect(text.output.hasPrefix("vitsim and SystemC agree: \(cycles) cycles, "))
    for level in ["registers", "transactions"] {
      let result = try CLIProgram.run(["cosim", schedule, "--level", level, "--format", "json"])
      let object = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      #expect(object["format"] as? String == "vitsim-cosimulation" && object["version"] as? Int == 1)
      #expect(object["agree"] as? Bool == true && object["cycles"] as? Int == cycles)
      #expect(object["difference"] == nil)
      let registers = try #require(object["registers"] as? Int)
      #expect(level == "registers" ? registers > 5 * 256 : registers == 0)
    }
  }

  @Test(.enabled(if: hasSystemC, "built without SystemC: apt install libsystemc-dev, then a clean build"))
  func aTrainedModelIsComparedWithItsValues() throws {
    let result = try CLIProgram.run([
      "cosim", "--model", "examples/vit.int8.onnx", "--accelerator", Self.edge, "--format", "json",
    ])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect(result.status == 0 && object["agree"] as? Bool == true)
    #expect(object["values"] as? Bool == true)
    let scratch = try Scratch()
    let gemm = try CLIProgram.run(["cosim", try product(in: scratch)])
    #expect(gemm.output.contains("the vector unit without values"))
  }

  @Test(.enabled(if: !hasSystemC, "built with SystemC")) func withoutSystemCItSaysWhatIsMissing() throws {
    let result = try CLIProgram.run(["cosim", "configs/deit-tiny-edge.yaml"])
    #expect(result.status == 2)
    #expect(result.errors.contains("libsystemc-dev"))
    #expect(result.errors.split(separator: "\n").count == 1)
  }

  @Test(.enabled(if: hasSystemC, "built without SystemC: apt install libsystemc-dev, then a clean build"))
  func whatTheModelDoesNotHaveIsNamed() throws {
    let result = try CLIProgram.run([
      "cosim", "configs/trio-vit-zcu102.yaml", "--model", "efficientvit-b0", "--image", "32",
    ])
    #expect(result.status == 2)
    #expect(result.errors.contains("mat: kernel-taps: separate"))
  }

  @Test func aProgramImageIsExportedWithTheMemorysBytes() throws {
    let scratch = try Scratch()
    let schedule = try product(in: scratch)
    func image(_ options: String...) throws -> Data {
      let file = scratch.file("image").path
      let result = try CLIProgram.run(["cosim", schedule, "--export", file] + options)
      #expect(result.status == 0 && result.output.isEmpty, "\(result.errors)")
      return try Data(contentsOf: URL(fileURLWithPath: file))
    }
    let (first, again, other) = (try image(), try image("--seed", "1"), try image("--seed", "2"))
    #expect(first.starts(with: Array("VSIMIMG1".utf8)) && first.count.isMultiple(of: 8))
    #expect(first == again && first != other && first.count == other.count)
    // 50 × 33 and 33 × 20 operands.
    #expect(try first.count - image("--level", "transactions").count >= 50 * 33 + 33 * 20)
  }

  /// All but the input is the model's own.
  @Test func aQuantizedModelIsExportedWithItsWeights() throws {
    let scratch = try Scratch()
    func image(_ seed: String) throws -> Data {
      let file = scratch.file("image").path
      let result = try CLIProgram.run([
        "cosim", "--model", "examples/vit.int8.onnx", "--accelerator", Self.edge, "--export", file, "--seed", seed,
      ])
      #expect(result.status == 0, "\(result.errors)")
      return try Data(contentsOf: URL(fileURLWithPath: file))
    }
    let (first, second) = (try image("1"), try image("2"))
    let differing = zip(first, second).count { $0 != $1 }
    #expect(first.count == second.count && first.count > 205_066)
    #expect(differing > 0 && differing <= 28 * 28)
    let batch = try CLIProgram.run([
      "cosim", "--model", "examples/vit.int8.onnx", "--accelerator", Self.edge, "--batch", "2", "--export",
      scratch.file("batch").path,
    ])
    #expect(batch.status == 2 && batch.errors.contains("--batch"), "\(batch.errors)")
  }

  @Test func anExportThatCantBeLeavesNothing() throws {
    let scratch = try Scratch()
    let schedule = try product(in: scratch)
    let nowhere = try CLIProgram.run(["cosim", schedule, "--export", scratch.file("no/image").path])
    #expect(nowhere.status == 2 && nowhere.errors.contains("no/image"))
    let file = scratch.file("image").path
    let array = try CLIProgram.run(["cosim", schedule, "--export", file, "--array", "x.so"])
    #expect(array.status == 2 && array.errors.contains("--export"))
    #expect(!FileManager.default.fileExists(atPath: file))
  }

  @Test func mistakesAreRefused() throws {
    let scratch = try Scratch()
    let schedule = try product(in: scratch)
    let none = try CLIProgram.run(["cosim", schedule, "--array", "no-such-library.so"])
    #expect(none.status == 2 && none.errors.contains("no-such-library.so"))
    let level = try CLIProgram.run(["cosim", schedule, "--array", "x.so", "--level", "transactions"])
    #expect(level.status == 2 && level.errors.contains("--level"))
    let engine = try CLIProgram.run(["cosim", schedule, "--engine", "array"])
    #expect(engine.status == 2 && engine.errors.contains("--array"))
    let missing = try CLIProgram.run(["cosim", "nothing.yaml"])
    #expect(missing.status == 2 && missing.errors.contains("nothing.yaml"))
  }
}
