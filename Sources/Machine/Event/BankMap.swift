import Hardware
import Schedule

/// The banks of all buffers, numbered one after the other (rule B1).
///
/// A class, since every job asks it where its operands are, and copies of its tables would cost more than the answers.
final class BankMap: Sendable {
  /// By bank.
  let ports: [Int]
  /// By buffer: its first bank, and bytes of each.
  private let first: [Int]
  private let bankBytes: [Int]

  init(_ buffers: [BufferSpec]) {
    var first: [Int] = []
    var ports: [Int] = []
    for buffer in buffers {
      first.append(ports.count)
      ports += Array(repeating: buffer.ports, count: buffer.banks)
    }
    self.first = first
    self.ports = ports
    bankBytes = buffers.map(\.bankBytes)
  }

  func banks(of region: Region) -> ClosedRange<Int> {
    let (base, bytes) = (first[region.buffer], bankBytes[region.buffer])
    return base + region.offset / bytes...base + (region.end - 1) / bytes
  }

  /// The factor by which roles that share a bank's ports slow the action down (rule B2).
  func share(_ claims: Claims) -> Int {
    var share = 1
    for index in 0..<claims.count {
      // Roles meet where a range begins, if anywhere.
      let bank = claims.banks(index).lowerBound
      share = max(share, ceil(claims.roles(in: bank), ports[bank]))
    }
    return share
  }
}
