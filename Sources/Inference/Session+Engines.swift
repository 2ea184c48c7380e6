import Machine
import Schedule

extension InferenceSession {
  /// Where the engines disagree about one image: what each vector instruction has written, what DRAM holds at the end, and time.
  ///
  /// - Parameter run: The event engine's, with `options`.
  /// - Returns: The first difference in words; `nil` if there is none.
  public func disagreement(
    on image: [Int8], run: Run, threads: Int, options: RunOptions = RunOptions()
  ) throws(MachineError) -> String? {
    let memory = memory(for: image)
    var written: [Int: [UInt8]] = [:]
    let event = try program.execute(memory, threads: threads) { written[$0.instruction] = $0.bytes }
    var first: String?
    var seen = 0
    let literal = try Simulator.run(schedule, engine: .literal, options: options, image: memory) { literal in
      seen += 1
      guard first == nil, let bytes = written[literal.instruction], bytes != literal.bytes else { return }
      let byte =
        zip(bytes, literal.bytes).enumerated().first { $1.0 != $1.1 }?.offset ?? min(bytes.count, literal.bytes.count)
      let layer = schedule.layers[schedule.instructions[literal.instruction].layer].name
      first = "byte \(byte) of what instruction \(literal.instruction) (\(layer)) writes"
    }
    if let first { return first }
    if seen != written.count {
      return "\(written.count) vector instructions of the event engine, \(seen) of the literal one"
    }
    for (index, tensor) in schedule.tensors.enumerated() where event.tensors[index] != literal.image.tensors[index] {
      return "tensor \(tensor.name) in DRAM"
    }
    return literal.run == run ? nil : "time: 'vitsim run --engine both' says where"
  }
}
