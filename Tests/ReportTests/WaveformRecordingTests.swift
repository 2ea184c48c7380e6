import Analysis
import Machine
import Report
import Schedule
import Testing

/// What is recorded is what the literal engine's registers hold.
@Suite struct WaveformRecordingTests {
  private static let image = MemoryImage(
    tensors: Fixture.schedule.tensors.map { tensor in
      tensor.kind == .output ? nil : (0..<tensor.bytes).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
    })

  private static func record(
    _ window: Range<Int>?, _ units: [String]? = nil
  ) throws -> (changes: [String: [Int: UInt32]], pieces: Int) {
    let recording = try WaveformRecording(
      Fixture.schedule, image: image, cycles: try Fixture.run().cycles, window: window,
      units: units?.map { NamePattern($0) })
    var (bytes, pieces) = ([UInt8](), 0)
    try recording.write { piece in
      bytes += piece
      pieces += 1
    }
    return (try WaveformTests.read(String(decoding: bytes, as: UTF8.self)), pieces)
  }

  /// The partial sums of all PEs after each cycle of a window, and of the whole run.
  @Test(arguments: [nil, 30..<60, 0..<1, 50..<1_000_000])
  func registersAreThoseOfTheEngine(window: Range<Int>?) throws {
    let (changes, _) = try Self.record(window)
    let stepper = try LiteralStepper(Fixture.schedule, image: Self.image)
    let group = try #require(stepper.groups.firstIndex { $0.name == "array.sum" })
    let first = Array(stepper.groups[..<group]).registers
    #expect(changes.count == stepper.groups.registers)
    var (registers, sums) = ([Int32](repeating: 0, count: stepper.groups.registers), 0)
    while !stepper.isDone {
      let cycle = stepper.cycle
      try stepper.step()
      if let window, !window.contains(cycle) { continue }
      registers.withUnsafeMutableBufferPointer { stepper.read(into: $0) }
      for row in 0..<4 {
        for column in 0..<4 {
          let value = UInt32(bitPattern: registers[first + 4 * row + column])
          let all = try #require(changes["array.pe_\(row)_\(column).sum"])
          #expect(all.filter { $0.key <= cycle }.max { $0.key < $1.key }?.value == value, "cycle \(cycle)")
          sums += value == 0 ? 0 : 1
        }
      }
    }
    #expect(sums > 0 || window == 0..<1)
    let times = Set(changes.values.flatMap(\.keys))
    #expect(times.min() == window?.lowerBound ?? 0 && times.allSatisfy { window?.contains($0) ?? true })
  }

  @Test func unitsAreChosenByName() throws {
    let names = try Self.record(0..<50, ["dma.*", "tok*"]).changes.keys
    #expect(Set(names.map { $0.prefix { $0 != "." } }) == ["dma", "tokens"])
  }

  @Test func whatIsTooLargeIsRefused() throws {
    let error = #expect(throws: WaveformRecording.TooLarge.self) {
      _ = try WaveformRecording(Fixture.schedule, image: Self.image, cycles: 1 << 40)
    }
    #expect(error?.description.contains("choose fewer cycles or fewer units") == true)
    #expect(throws: WaveformRecording.TooLarge.self) {
      _ = try WaveformRecording(Fixture.schedule, image: Self.image, cycles: .max)
    }
  }
}
