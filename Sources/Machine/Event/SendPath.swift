/// The beats between a channel's row buffer and the way to memory (rule D12).
struct SendPath {
  /// A burst that has begun to leave the row buffer.
  struct Burst {
    /// Among the channel's; among its transfer's.
    var number: Int
    var position: Int
    var instruction: Int
    var isLast: Bool
  }

  private struct Beat {
    var entered: Int
    var isLast: Bool
  }

  private let registers: Int
  /// Beats that are not on the way yet, and their bursts, oldest first.
  private var beats: [Beat] = []
  private var bursts: [Burst] = []
  /// How many have entered and left; when the last `registers` left, by number, and when the last of all did.
  private var entered = 0
  private var left = 0
  private var leaving: [Int]
  private(set) var lastBeat = -1
  /// A burst is on the way, and not all of its beats have gone.
  private var isHeld = false

  init(registers: Int) {
    self.registers = registers
    leaving = Array(repeating: 0, count: registers)
  }

  var isEmpty: Bool { beats.isEmpty && !isHeld }

  /// When the next beat may enter that comes in `time`, `nil` while that isn't known.
  func entry(_ time: Int) -> Int? {
    if entered < registers { return time }
    return entered - registers < left ? max(time, leaving[entered % registers]) : nil
  }

  mutating func begin(_ burst: Burst) { bursts.append(burst) }

  mutating func enter(at time: Int, isLast: Bool) {
    beats.append(Beat(entered: time, isLast: isLast))
    entered += 1
  }

  /// When the next burst can be on its way.
  var next: Int? {
    guard !isHeld, let beat = beats.first else { return nil }
    return max(beat.entered + registers, lastBeat + 1)
  }

  /// The next burst's first beat is on its way in `time`. Whether it is the last one, too.
  mutating func start(at time: Int) -> (burst: Burst, isOver: Bool) {
    let burst = bursts[0]
    isHeld = true
    return (burst, leave(at: time) != nil)
  }

  /// Beats behind a first one that is on its way leave. Whether one did, and the burst whose last it was.
  mutating func follow() -> (moved: Bool, ended: Burst?) {
    var moved = false
    while isHeld, let beat = beats.first {
      moved = true
      if let ended = leave(at: max(beat.entered + registers, lastBeat + 1)) { return (moved, ended) }
    }
    return (moved, nil)
  }

  private mutating func leave(at time: Int) -> Burst? {
    leaving[left % registers] = time
    left += 1
    lastBeat = time
    guard beats.removeFirst().isLast else { return nil }
    isHeld = false
    return bursts.removeFirst()
  }
}
