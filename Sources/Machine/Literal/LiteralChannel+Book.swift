// Where the cycles of a channel go.
extension LiteralChannel {
  mutating func book(_ moved: Part?, _ bus: inout LiteralBus) {
    if owner == program.count {
      if ended < owner {
        bus.ledger.charge(program[owner - 1].instruction, .drain)
      } else {
        bus.ledger.idle(unit)
      }
      return
    }
    let part: Part
    if owner < next {
      let isSettingUp = owner == issuing && bus.now < ready.first
      part = isSettingUp ? .setup : moved ?? .waitDRAM
    } else if ended < owner {
      part = .drain
    } else if bus.now < dispatch {
      part = .setup
    } else if let lack = bus.tokens.missing(program[owner].waits) {
      part = lack
      if bursts.isEmpty, returns.isEmpty {
        starvation = LiteralStarvation(bus.tokens.epoch, program[owner].instruction, lack)
      }
    } else {
      part = .waitPort
    }
    bus.ledger.charge(program[owner].instruction, part)
  }
}
