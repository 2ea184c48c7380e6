import Testing

@testable import Hardware

@Suite struct ResourcesTests {
  private func buffer(
    _ bytes: Int, banks: Int = 1, ports: Int = 2, word: Int, _ memory: MemoryKind = .bram
  ) -> BufferSpec {
    BufferSpec(name: "b", bytes: bytes, banks: banks, ports: ports, wordBytes: word, memory: memory)
  }

  @Test func blockRAMsByHand() {
    // 512 words of 64 bits: one 512 × 72.
    #expect(buffer(4 << 10, word: 8).bram36 == 1)
    // One word more needs a second.
    #expect(buffer((4 << 10) + 8, word: 8).bram36 == 2)
    // 4096 bytes of 8 bits: one 4K × 9.
    #expect(buffer(4 << 10, word: 1).bram36 == 1)
    // 32,768 words of 8 bits: eight 4K × 9 deep, or eight 32K × 1 side by side.
    #expect(buffer(32 << 10, word: 1).bram36 == 8)
    // 6144 words of 256 bits: 2K × 18 is best, 15 wide (256/18 = 14.2) · 3 deep.
    #expect(buffer(192 << 10, word: 32).bram36 == 45)
    // 512 words of 1024 bits: 512 × 72, 15 wide (1024/72 = 14.2).
    #expect(buffer(64 << 10, word: 128).bram36 == 15)
    // 16 bytes of 128 bits still take two blocks, 72 bits each.
    #expect(buffer(16, word: 16).bram36 == 2)
    // Banks don't share blocks: 8 · 45.
    #expect(buffer(1536 << 10, banks: 8, word: 32).bram36 == 360)
    // Two ports are there; a third takes a copy.
    #expect(buffer(4 << 10, ports: 3, word: 8).bram36 == 2)
    #expect(buffer(4 << 10, ports: 16, word: 8).bram36 == 8)
    // A last word that is cut short takes its place in the depth.
    #expect(buffer(513 * 8 - 1, word: 8).bram36 == 2)
  }

  @Test func otherMemories() {
    // 8192 words of 1024 bits: 15 wide · 2 deep.
    #expect(buffer(1 << 20, word: 128, .uram).uram == 30)
    #expect(buffer(1 << 20, word: 128, .uram).bram36 == 0)
    #expect(buffer(4 << 10, word: 8).uram == 0)
    #expect(buffer(1 << 20, word: 128, .distributed).uram == 0)
    #expect(buffer(1 << 20, word: 128, .distributed).bram36 == 0)
  }

  /// The largest that a description may ask for neither traps nor wraps around.
  @Test func extremesStayFinite() {
    for word in [1, 1 << 20] {
      #expect(buffer(1 << 40, banks: 1024, ports: 16, word: word).bram36 > (1 << 40) / (36 << 10) * 8)
    }
  }

  @Test func sumsAndViolations() {
    let engine = MatrixEngineSpec(
      name: "a", interconnect: .systolic, dataflow: .weightStationary, rows: 5, columns: 5, macsPerPE: 3, inputs: 0,
      weights: 0, outputs: 0, macsPerDSP: 2)
    let accelerator = Accelerator(
      name: "x", clock: 1, engines: [engine, engine],
      buffers: [buffer(4 << 10, word: 8), buffer(1 << 20, word: 128, .uram)], channels: [], dram: .ideal(latency: 0),
      vector: VectorUnitSpec(lanes: 1, operations: [:], dsps: 7), declaredLogic: .init(luts: 100, flipFlops: 200))
    let resources = Resources.estimate(accelerator)
    // 75 multipliers, two a DSP: 38 an engine.
    #expect(resources == Resources(dsps: 38 + 38 + 7, bram36: 1, uram: 30, luts: 100, flipFlops: 200))
    func device(_ dsps: Int, _ bram36: Int, _ uram: Int, _ luts: Int, _ flipFlops: Int) -> DeviceSpec {
      DeviceSpec(name: "chip", dsps: dsps, bram36: bram36, uram: uram, luts: luts, flipFlops: flipFlops)
    }
    #expect(resources.violations(on: device(83, 1, 30, 100, 200)) == [])
    #expect(
      resources.violations(on: device(82, 0, 29, 99, 199)) == [
        "needs 83 DSP, chip has 82", "needs 1 BRAM36, chip has 0", "needs 30 URAM, chip has 29",
        "needs 100 LUT, chip has 99", "needs 200 FF, chip has 199",
      ])
  }

  @Test func knownDevicesHaveDifferentNames() {
    #expect(Set(DeviceSpec.known.map(\.name)).count == DeviceSpec.known.count)
    #expect(DeviceSpec.known.allSatisfy { isName($0.name) })
  }
}
