import Hardware

/// Tensors, layers, operators and preloads by themselves.
extension Linter {
  mutating func checkTables() {
    let model = schedule.model
    if !(0...1 << 20 ~= model.image) || !(1...1 << 20 ~= model.batch) {
      add(.table, nil, "model \(model.name): image \(model.image), batch \(model.batch); both go up to 2^20")
    }
    checkTensors()
    checkLayers()
    for region in schedule.preloads { _ = check(region, "preload", nil, written: true) }
    for instruction in schedule.readPostMistakes {
      add(
        .token, instruction, "tokens @read of a unit that doesn't read row by row, or beside others for the same slot")
    }
    for (instruction, mistake) in schedule.keptMistakes { add(.table, instruction, mistake) }
    for mistake in schedule.loadedMistakes { add(.table, nil, mistake) }
  }

  private mutating func checkTensors() {
    var sound: [DRAMTensor] = []
    for tensor in schedule.tensors {
      if tensor.address < 0 || tensor.bytes < 1 || tensor.address.addingReportingOverflow(tensor.bytes).overflow {
        regionsAreSound = false
        add(.table, nil, "tensor \(tensor.name) has address \(tensor.address) and \(tensor.bytes) bytes")
      } else {
        sound.append(tensor)
      }
    }
    sound.sort { $0.address < $1.address }
    for (low, high) in zip(sound, sound.dropFirst()) where low.address + low.bytes > high.address {
      regionsAreSound = false
      add(
        .table, nil,
        "tensors \(low.name) and \(high.name) overlap in DRAM from address \(high.address) on: move one of them")
    }
  }

  private mutating func checkLayers() {
    var layerOf = [Int?](repeating: nil, count: schedule.operators.count)
    for (index, layer) in schedule.layers.enumerated() {
      for op in layer.operators {
        guard layerOf.indices.contains(op) else {
          add(.index, layer: index, "\(layer.name) lists operator \(op) of \(layerOf.count)")
          continue
        }
        if let other = layerOf[op] {
          add(.table, layer: index, "\(schedule.operators[op].name) is in this layer and in layer \(other): keep one")
        }
        layerOf[op] = index
      }
    }
    if schedule.operators.reduce(0, { saturatingSum($0, max(0, $1.macs)) }) == .max {
      add(.table, nil, "the multiply-accumulates of all operators are more than 2^63")
    }
    for (op, info) in schedule.operators.enumerated() {
      if layerOf[op] == nil { add(.table, nil, "operator \(op) (\(info.name)) is in no layer: add it to one") }
      if info.macs < 0 || info.elements < 0 {
        add(.table, nil, "operator \(op) (\(info.name)) has \(info.macs) MACs and \(info.elements) elements")
      }
    }
  }

  /// The schedule's operators against those of the model, one by one.
  mutating func compareOperators(with model: [OperatorInfo]) {
    let own = schedule.operators
    for index in 0..<max(own.count, model.count) {
      if index >= own.count {
        add(.table, nil, "operator \(index) (\(model[index].name)) of the model is missing: compile the schedule again")
      } else if index >= model.count {
        add(.table, nil, "operator \(index) (\(own[index].name)) isn't in the model, which has \(model.count)")
      } else if own[index] != model[index] {
        add(.table, nil, "operator \(index) is \(Self.text(own[index])), in the model \(Self.text(model[index]))")
      }
    }
  }

  private static func text(_ op: OperatorInfo) -> String {
    "\(op.kind.rawValue) \(op.name) with \(op.macs) MACs and \(op.elements) elements"
  }
}
