import Foundation

/// CPU time and peak memory of this process, from the operating system's own accounts.
enum Meter {
  /// User and system CPU seconds so far.
  static var cpuSeconds: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
    return seconds(usage.ru_utime) + seconds(usage.ru_stime)
  }

  /// Largest resident set so far, MB.
  static var peakMegabytes: Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_maxrss) / 1000
  }

  /// CPU seconds of `body`: the median over `runs` after one warm-up.
  static func median(of runs: Int, _ body: () throws -> Void) rethrows -> Double {
    try body()
    var samples: [Double] = []
    for _ in 0..<runs {
      let start = cpuSeconds
      try body()
      samples.append(cpuSeconds - start)
    }
    return samples.sorted()[runs / 2]
  }
}
