import CoSimulation
import Compiler
import Hardware
import Schedule
import Testing

/// Bad input to the accelerator in a platform: a response, or status error with its code; never the end of the simulation.
@Suite(.enabled(if: PlatformToolbox.isPossible, Comment(rawValue: PlatformToolbox.reason)))
struct PlatformRefusalTests {
  private static func product() throws -> Schedule {
    try Compiler.gemm(m: 8, k: 16, n: 16, on: PlatformToolbox.accelerator("edge-16x16.yaml"), operandsOnChip: false)
  }

  /// What the platform says to each line of a script that begins with an access.
  private static func play(_ image: [UInt8], _ script: [String], _ options: String = "") throws -> [String] {
    let outcome = try PlatformToolbox.run(image, options, script: script.joined(separator: "\n"))
    let answers = outcome.text.split(separator: "\n").compactMap { line -> String? in
      guard let arrow = line.firstRange(of: " -> ") else { return nil }
      return String(line[arrow.upperBound...])
    }
    #expect(answers.count == script.count { $0.hasPrefix("read") || $0.hasPrefix("write") }, "\(outcome.text)")
    return answers
  }

  private static let start = ["write64 0x18 1", "write64 0x20 $image", "write64 0x08 1"]
  /// Status, error, its address.
  private static let result = ["interrupt", "read64 0x10", "read64 0x30", "read64 0x38"]

  /// The last three answers of a run that ends with an error.
  private static func ending(
    _ image: [UInt8], _ options: String = "", before: [String] = [], start: [String] = start
  ) throws -> [String] {
    Array(try play(image, before + start + result, options).suffix(3)).map { String($0.prefix { $0 != " " }) }
  }

  @Test func accessesThatTheMapDoesntHave() throws {
    let answers = try Self.play(
      ProgramImage(Self.product()).bytes,
      [
        "read64 0x00", "read32 0x04", "read64 0x58", "read64 0x1000", "read 8 0x04", "read 3 0x10", "read 16 0x10",
        "write64 0x40 1", "write32 0x24 7", "read64 0x20", "write32 0x20 5", "read64 0x20", "read64 0x10",
      ])
    #expect(
      answers == [
        "0x14d495356 TLM_OK_RESPONSE", "0x1 TLM_OK_RESPONSE", "0x0 TLM_ADDRESS_ERROR_RESPONSE",
        "0x0 TLM_ADDRESS_ERROR_RESPONSE", "0x0 TLM_BURST_ERROR_RESPONSE", "0x0 TLM_BURST_ERROR_RESPONSE",
        "0x0 TLM_BURST_ERROR_RESPONSE", "0x1 TLM_COMMAND_ERROR_RESPONSE", "0x7 TLM_OK_RESPONSE",
        "0x700000000 TLM_OK_RESPONSE", "0x5 TLM_OK_RESPONSE", "0x700000005 TLM_OK_RESPONSE", "0x0 TLM_OK_RESPONSE",
      ])
  }

  @Test(arguments: ["--style lt", "--style at"]) func aStartWhileItIsRunning(options: String) throws {
    let schedule = try Self.product()
    let script = Self.start + ["write64 0x08 1", "wait 3", "write64 0x08 1", "read64 0x10"] + Self.result
    let answers = try Self.play(ProgramImage(schedule).bytes, script, options + " --level transactions")
    #expect(answers[3].hasSuffix("TLM_GENERIC_ERROR_RESPONSE") && answers[4].hasSuffix("TLM_GENERIC_ERROR_RESPONSE"))
    #expect(answers[5] == "0x1 TLM_OK_RESPONSE")
    #expect(answers[6...] == ["0x102 TLM_OK_RESPONSE", "0x0 TLM_OK_RESPONSE", "0x0 TLM_OK_RESPONSE"])
  }

  @Test(arguments: ["--style lt", "--style at"]) func noImageThere(options: String) throws {
    let start = ["write64 0x18 1", "write64 0x20 0x10000000000", "write64 0x08 1"]
    #expect(
      try Self.ending(ProgramImage(Self.product()).bytes, options, start: start) == ["0x103", "0x1", "0x10000000000"])
  }

  /// Every word in turn is another one: the run ends, done or with an error that says so.
  @Test func damagedImages() throws {
    let image = ProgramImage(try Self.product()).bytes
    #expect(try Self.ending(damaged(image, 0), hardware: image) == ["0x103", "0x2", "0x0"])
    #expect(try Self.ending(damaged(image, 1), hardware: image) == ["0x103", "0x2", "0x0"])
    #expect(try Self.ending(damaged(image, 2), hardware: image).first == "0x103")
    for word in stride(from: 3, to: image.count / 8, by: 37) {
      let ending = try Self.ending(damaged(image, word), hardware: image)
      #expect(ending[0] == "0x103" || ending == ["0x102", "0x0", "0x0"], "word \(word): \(ending)")
    }
  }

  private func damaged(_ image: [UInt8], _ word: Int) -> [UInt8] {
    var image = image
    image[8 * word + 1] ^= 0x55
    return image
  }

  /// A program on the hardware of another image.
  private static func ending(_ image: [UInt8], hardware: [UInt8]) throws -> [String] {
    try PlatformToolbox.withFile(hardware) { try ending(image, "--level transactions --hardware \($0)") }
  }

  @Test func aProgramForAnotherAccelerator() throws {
    var other = try Self.product()
    other.accelerator.channels[0].setup += 1
    let image = ProgramImage(try Self.product()).bytes
    #expect(try Self.ending(ProgramImage(other).bytes, hardware: image) == ["0x103", "0x3", "0x0"])
  }

  @Test(arguments: ["--style lt", "--style at"]) func tokensThatNeverCome(options: String) throws {
    var schedule = try Self.product()
    schedule.instructions[0].waits.append(TokenWait(from: 0, slot: .start))
    let ending = try Self.ending(ProgramImage(schedule).bytes, options + " --level transactions")
    #expect(ending == ["0x103", "0x5", "0x0"])
  }

  /// Bursts go to where no memory is; with a good base the next run is as if nothing had been.
  @Test(arguments: ["--style lt", "--style at", "--style lt --transport waits"])
  func aMemoryThatAnswersWithAnError(options: String) throws {
    let schedule = try Self.product()
    let first = try #require(
      schedule.instructions.compactMap { instruction -> Int? in
        if case .load(let transfer) = instruction.operation { transfer.dram.address } else { nil }
      }.first)
    let answers = try Self.play(
      ProgramImage(schedule).bytes,
      ["write64 0x28 0x40000000"] + Self.start + Self.result + ["write64 0x28 0", "write64 0x08 1"] + Self.result,
      options + " --level transactions")
    #expect(answers[4] == "0x103 TLM_OK_RESPONSE" && answers[5] == "0x6 TLM_OK_RESPONSE")
    #expect(answers[6] == "0x\(String(0x4000_0000 + first, radix: 16)) TLM_OK_RESPONSE")
    #expect(answers[9...] == ["0x102 TLM_OK_RESPONSE", "0x0 TLM_OK_RESPONSE", "0x0 TLM_OK_RESPONSE"])
  }

  @Test func aBaseThatIsntAligned() throws {
    let ending = try Self.ending(ProgramImage(Self.product()).bytes, before: ["write64 0x28 0x108"])
    #expect(ending == ["0x103", "0x7", "0x108"])
  }

  /// Hardware that the model doesn't have is refused before the simulation begins.
  @Test func hardwareThatTheModelDoesntHave() throws {
    var schedule = try Self.product()
    schedule.accelerator.engines[0].rows = 512
    schedule.accelerator.engines[0].columns = 512
    #expect(throws: ArrayToolbox.Failure.self) { try PlatformToolbox.run(ProgramImage(schedule).bytes, "") }
  }
}
