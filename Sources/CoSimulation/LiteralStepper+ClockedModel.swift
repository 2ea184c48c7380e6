import Machine

extension LiteralStepper: ClockedModel {
  public var name: String { "vitsim" }

  public func memories() -> [(name: String, bytes: [UInt8])] {
    schedule.accelerator.buffers.indices.map { (schedule.accelerator.buffers[$0].name, buffer($0)) }
      + zip(schedule.tensors, image.tensors).map { ($0.name, $1 ?? []) }
  }
}
