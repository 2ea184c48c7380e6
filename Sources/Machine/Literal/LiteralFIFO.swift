/// A first-in, first-out queue that grows when it must: registers between two parts of the literal machine.
struct LiteralFIFO<Element> {
  private var slots: [Element] = []
  private var head = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// The oldest element. The queue must not be empty.
  var first: Element {
    _read { yield slots[head] }
    _modify { yield &slots[head] }
  }

  /// The element `index` places behind the oldest.
  subscript(index: Int) -> Element {
    _read { yield slots[(head &+ index) & (slots.count &- 1)] }
    _modify { yield &slots[(head &+ index) & (slots.count &- 1)] }
  }

  mutating func push(_ element: Element) {
    if count == slots.count { grow(with: element) }
    slots[(head &+ count) & (slots.count &- 1)] = element
    count &+= 1
  }

  @discardableResult mutating func pop() -> Element {
    let element = slots[head]
    head = (head &+ 1) & (slots.count &- 1)
    count &-= 1
    return element
  }

  /// Doubles the ring; its size stays a power of two.
  private mutating func grow(with filler: Element) {
    var larger: [Element] = []
    larger.reserveCapacity(max(8, slots.count * 2))
    for index in 0..<count { larger.append(self[index]) }
    while larger.count < max(8, slots.count * 2) { larger.append(filler) }
    slots = larger
    head = 0
  }
}
