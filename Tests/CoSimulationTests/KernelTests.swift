import CoSimulation
import Foundation
import SystemCBridge
import TestSupport
import Testing

/// SystemC's kernel behind C functions.
@Suite(.enabled(if: SystemCKernel.isAvailable, "built without SystemC: apt install libsystemc-dev, then a clean build"))
struct KernelTests {
  @Test(arguments: [0, 1, 2]) func errorsWithinAProcessComeBackAsStatusAndText(kind: CInt) throws {
    let texts = ["an error within a process", "a fatal error within a process", "an exception within a process"]
    try SystemCKernel.exclusive {
      let status = vitsim_kernel_selftest(kind)
      let text = String(cString: vitsim_last_error())
      #expect(status == VITSIM_REPORT)
      #expect(text.contains(texts[Int(kind)]) && text.contains("failing"), "\(text)")
      // Until it is reset the kernel refuses to go on.
      #expect(vitsim_kernel_selftest(3) != VITSIM_OK)
      #expect(vitsim_kernel_reset() == VITSIM_OK)
      #expect(vitsim_kernel_selftest(3) == VITSIM_OK)
    }
  }

  /// Bytes of memory that this process holds.
  private static func memory() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return (text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 4096
  }

  /// In a process of its own, since other tests need memory too.
  @Test func aThousandModelsLeaveNothingBehind() async {
    await #expect(processExitsWith: .success) {
      var candidate = RandomCase(seed: 11, ordered: true)
      candidate.leaveOutVectorUnit()
      candidate.leaveOutWhatTheModelLacks()
      let image = ProgramImage(candidate.schedule, memory: candidate.image)
      var before = 0
      for round in 0..<1100 {
        // The first hundred fill what is used again.
        if round == 100 { before = try Self.memory() }
        try SystemCKernel.exclusive {
          let model = try SystemCModel(image, level: .registers)
          _ = try model.step(20)
        }
      }
      let grown = try Self.memory() - before
      #expect(grown < 4 << 20, "\(grown) bytes")
    }
  }

  @Test func oneModelAtATime() throws {
    var candidate = RandomCase(seed: 11)
    candidate.leaveOutVectorUnit()
    candidate.leaveOutWhatTheModelLacks()
    let image = ProgramImage(candidate.schedule)
    try SystemCKernel.exclusive {
      let first = try SystemCModel(image, level: .transactions)
      #expect(throws: CoSimulationError.misuse(what: "there is a model: reset the kernel first")) {
        try SystemCModel(image, level: .transactions)
      }
      _ = try first.step(3)
      #expect(first.cycle == 3)
      #expect(vitsim_kernel_reset() == VITSIM_OK)
      #expect(throws: CoSimulationError.misuse(what: "a model that isn't there")) { _ = try first.step(1) }
    }
  }
}
