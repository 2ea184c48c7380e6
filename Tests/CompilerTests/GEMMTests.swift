import Compiler
import Hardware
import Model
import Schedule
import Testing

@Suite struct GEMMTests {
  @Test func onChipIsOneInstruction() throws {
    var big = Accelerator.zcu102
    for index in big.buffers.indices { big.buffers[index].bytes = 1 << 40 }
    let schedule = try Compiler.gemm(m: 3136, k: 147, n: 64, on: big, operandsOnChip: true)
    #expect(schedule.instructions.count == 1)
    #expect(schedule.preloads.map(\.bytes) == [3136 * 147, 147 * 64])
    #expect(schedule.macs == 3136 * 147 * 64)
    #expect(schedule.operators.map(\.elements) == [0])
    #expect(Lint.check(schedule) == [])
  }

  @Test func onChipInOneSharedBuffer() throws {
    let schedule = try Compiler.gemm(m: 5, k: 7, n: 3, on: .unified, operandsOnChip: true)
    #expect(Lint.check(schedule) == [])
  }

  @Test func onChipMustFit() throws {
    #expect(
      throws: CompileError.doesNotFit(
        layer: "gemm", what: "operand B", buffer: "weights", needed: 1024 * 1024, available: 512 * 1024)
    ) { try Compiler.gemm(m: 1, k: 1024, n: 1024, on: .zcu102, operandsOnChip: true) }
  }

  /// One, primes, edges of the array and beyond, on every accelerator.
  @Test(arguments: Accelerator.all)
  func fromDRAM(_ accelerator: Accelerator) throws {
    for (m, k, n) in [(1, 1, 1), (1, 300, 1), (97, 1, 3), (2, 3, 211), (31, 37, 41), (64, 64, 64), (257, 129, 130)] {
      let schedule = try Compiler.gemm(m: m, k: k, n: n, on: accelerator, operandsOnChip: false)
      #expect(schedule.macs == m * k * n)
      check(schedule)
    }
  }

  @Test(arguments: [(0, 1, 1), (1, -1, 1), (1, 1, Int.min), (Int.max, 2, 1), (1 << 21, 1 << 21, 1 << 21)])
  func badSizes(_ m: Int, _ k: Int, _ n: Int) throws {
    for onChip in [false, true] {
      #expect {
        try Compiler.gemm(m: m, k: k, n: n, on: .zcu102, operandsOnChip: onChip)
      } throws: {
        if case .badSize(name: "gemm", _)? = $0 as? CompileError { true } else { false }
      }
    }
  }

  /// Sizes that are legal but hopeless are refused at once, without overflow and without memory.
  @Test(arguments: [0, 1, 2], Accelerator.all)
  func hugeSizes(_ axis: Int, _ accelerator: Accelerator) throws {
    var sizes = [1, 1, 1]
    sizes[axis] = 1 << 56
    #expect(throws: CompileError.tooManyInstructions(layer: "gemm", limit: 1_500_000)) {
      try Compiler.gemm(m: sizes[0], k: sizes[1], n: sizes[2], on: accelerator, operandsOnChip: false)
    }
  }
}
