import Hardware

/// The columns of a piece that one engine computes.
struct Share {
  var site: Int
  /// Of the piece.
  var columns: Range<Int>
}

extension Target {
  /// `n` columns in blocks as wide as the widest engine, dealt out to all of them; the first get more.
  func shares(columns n: Int) -> [Share] {
    let engines = sideBySide
    let width = engines.reduce(1) { max($0, sites[$1].spec.columns) }
    var blocks = ceilDiv(n, width)
    var start = 0
    var shares: [Share] = []
    shares.reserveCapacity(engines.count)
    for (index, site) in engines.enumerated() where start < n {
      let own = ceilDiv(blocks, engines.count - index)
      blocks -= own
      let end = min(n, start + own * width)
      if end > start { shares.append(Share(site: site, columns: start..<end)) }
      start = end
    }
    return shares
  }
}

extension Emission {
  /// Who computes a piece of `n` columns that can begin at `time`: all engines side by side, or the first of them while the others are
  /// still with the layer before.
  ///
  /// - Parameter cycles: What so many columns of the piece take on an engine.
  mutating func share(columns n: Int, from time: Double, cycles: (Site, Int) -> Double) -> [Share] {
    let shares = target.shares(columns: n)
    func end(_ site: Int, _ columns: Int) -> Double { max(time, busy[site]) + cycles(target.sites[site], columns) }
    let together = shares.reduce(0.0) { max($0, end($1.site, $1.columns.count)) }
    guard let first = shares.first?.site else {
      return [Share(site: pick(from: time) { cycles($0, n) }, columns: 0..<n)]
    }
    let alone = end(first, n)
    if alone < together {
      busy[first] = alone
      return [Share(site: first, columns: 0..<n)]
    }
    for share in shares { busy[share.site] = end(share.site, share.columns.count) }
    return shares
  }
}
