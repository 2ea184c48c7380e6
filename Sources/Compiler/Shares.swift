import Hardware

/// The columns of a piece that one engine computes.
struct Share {
  var site: Int
  /// Of the piece.
  var columns: Range<Int>
}

extension Target {
  /// `n` columns in blocks as wide as the widest engine, dealt out in every way in which the first engine gets at least as many as
  /// the others, and these the same: evenly, as far as that goes, then more and more to the first. None if engines don't make columns
  /// side by side.
  func shares(columns n: Int) -> [[Share]] {
    guard !sideBySide.isEmpty else { return [] }
    let blocks = ceilDiv(n, widest)
    return (ceilDiv(blocks, sideBySide.count)...blocks).map { shares(columns: n, first: $0) }
  }

  /// The same with `first` blocks for the first engine.
  private func shares(columns n: Int, first: Int) -> [Share] {
    var (left, start) = (ceilDiv(n, widest), 0)
    var shares: [Share] = []
    shares.reserveCapacity(sideBySide.count)
    for (index, site) in sideBySide.enumerated() where start < n {
      let own = index == 0 ? first : ceilDiv(left, sideBySide.count - index)
      left -= own
      let end = min(n, start + own * widest)
      if end > start { shares.append(Share(site: site, columns: start..<end)) }
      start = end
    }
    return shares
  }

  /// Columns of the widest engine of those side by side.
  private var widest: Int { sideBySide.reduce(1) { max($0, sites[$1].spec.columns) } }

  /// Time of `items` pieces of `columns` columns, each made by the engines side by side if they do so, else by any of them.
  ///
  /// - Parameter cycles: What so many columns of a piece take on an engine.
  func pieces(_ items: Int, columns: Int, cycles: (Site, Int) -> Double) -> Double {
    guard !sideBySide.isEmpty else { return shared(items: items) { cycles($0, columns) } }
    let even = shares(columns: columns, first: ceilDiv(ceilDiv(columns, widest), sideBySide.count))
    return Double(items) * even.reduce(0) { max($0, cycles(sites[$1.site], $1.columns.count)) }
  }
}

extension Emission {
  /// Who computes a piece of `n` columns that can begin at `time`: all engines side by side, so that they end together. While the others
  /// are still with the layer before, the first of them gets more, or all.
  ///
  /// - Parameter cycles: What so many columns of the piece take on an engine.
  mutating func share(columns n: Int, from time: Double, cycles: (Site, Int) -> Double) -> [Share] {
    func end(_ share: Share) -> Double {
      max(time, busy[share.site]) + cycles(target.sites[share.site], share.columns.count)
    }
    var best: (end: Double, shares: [Share]) = (.infinity, [])
    for shares in target.shares(columns: n) {
      let end = shares.reduce(0) { max($0, end($1)) }
      if end < best.end { best = (end, shares) }
    }
    guard !best.shares.isEmpty else {
      return [Share(site: pick(from: time) { cycles($0, n) }, columns: 0..<n)]
    }
    let ends = best.shares.map(end)
    for (share, end) in zip(best.shares, ends) { busy[share.site] = end }
    return best.shares
  }
}
