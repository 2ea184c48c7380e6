import CKernels
import Numerics
import TestSupport
import Testing

/// Does the fast product give what the plain sum gives, on every path and with any number of threads?
@Suite struct KernelProductTests {
  /// A random product: operands in any order, with gaps between rows, odd addresses and extreme values.
  struct Case {
    var (m, k, n) = (1, 1, 1)
    var a: [Int8] = []
    var b: [Int8] = []
    var bias: [UInt8]?
    var out: [UInt8] = []
    var (aPitch, bPitch, outPitch) = (1, 1, 4)
    var (aByColumns, bByColumns, accumulate) = (false, false, false)
    var windows: Windows?
    var (aZero, bZero) = (0, 0)
    struct Windows {
      var it: ck_windows
    }

    init(_ random: inout SplitMix64) {
      (m, k, n) = (random.int(1...40), random.int(1...60), random.int(1...100))
      if random.chance(10) { (m, k, n) = (random.int(1...36), random.int(256...420), random.int(1...40)) }
      if random.chance(20) { n = random.int(1...3) }
      aZero = random.pick([0, 0, -128, 127, random.int(-128...127)])
      bZero = random.pick([0, 0, 0, -128, 127, random.int(-128...127)])
      (aByColumns, bByColumns) = (random.chance(30), random.chance(40))
      if random.chance(35) {
        cutWindows(&random)
      } else {
        let (rows, columns) = aByColumns ? (k, m) : (m, k)
        aPitch = columns + random.int(0...5)
        a = Self.bytes((rows - 1) * aPitch + columns, &random)
      }
      let (rows, columns) = bByColumns ? (n, k) : (k, n)
      bPitch = columns + random.int(0...5)
      b = Self.bytes((rows - 1) * bPitch + columns, &random)
      outPitch = 4 * n + random.int(0...9)
      out = Self.bytes((m - 1) * outPitch + 4 * n, &random).map { UInt8(bitPattern: $0) }
      accumulate = random.chance(40)
      if random.chance(60) { bias = Self.bytes(4 * n, &random).map { UInt8(bitPattern: $0) } }
    }

    private mutating func cutWindows(_ random: inout SplitMix64) {
      aByColumns = false
      var it = ck_windows()
      it.channels = Int64(random.pick([1, 1, 2, 3, 8]))
      it.pixel_pitch = it.channels + Int64(random.pick([0, 0, 5]))
      (it.height, it.width) = (Int64(random.int(1...9)), Int64(random.int(1...9)))
      (it.kernel_rows, it.kernel_columns) = (Int64(random.int(1...4)), Int64(random.int(1...4)))
      (it.stride_y, it.stride_x) = (Int64(random.int(1...3)), Int64(random.int(1...3)))
      (it.dilation_y, it.dilation_x) = (Int64(random.int(1...2)), Int64(random.int(1...2)))
      (it.origin_y, it.origin_x) = (Int64(random.int(-4...3)), Int64(random.int(-4...3)))
      it.output_columns = Int64(random.int(1...9))
      k = Int(it.kernel_rows * it.kernel_columns * it.channels)
      let rowBytes = Int((it.width - 1) * it.pixel_pitch + it.channels)
      aPitch = rowBytes + random.int(0...3)
      a = Self.bytes((Int(it.height) - 1) * aPitch + rowBytes, &random)
      windows = Windows(it: it)
    }

    static func bytes(_ count: Int, _ random: inout SplitMix64) -> [Int8] {
      (0..<count).map { _ in random.chance(20) ? random.pick([-128, 127]) : Int8(random.int(-128...127)) }
    }

    /// Element (i, j) of A.
    func left(_ i: Int, _ j: Int) -> Int {
      guard let it = windows?.it else { return Int(aByColumns ? a[j * aPitch + i] : a[i * aPitch + j]) }
      let pixel = j / Int(it.channels)
      let (ky, kx) = (pixel / Int(it.kernel_columns), pixel % Int(it.kernel_columns))
      let (oy, ox) = (i / Int(it.output_columns), i % Int(it.output_columns))
      let y = Int(it.origin_y) + oy * Int(it.stride_y) + ky * Int(it.dilation_y)
      let x = Int(it.origin_x) + ox * Int(it.stride_x) + kx * Int(it.dilation_x)
      guard 0..<Int(it.height) ~= y, 0..<Int(it.width) ~= x else { return aZero }
      return Int(a[y * aPitch + x * Int(it.pixel_pitch) + j % Int(it.channels)])
    }

    /// What `out` has to hold, written from docs/numerics.md.
    var expected: [UInt8] {
      var result = out
      for i in 0..<m {
        for j in 0..<n {
          let place = i * outPitch + 4 * j
          var sum: Int32 = accumulate ? word(out, place) : 0
          if let bias { sum &+= word(bias, 4 * j) }
          for l in 0..<k {
            let right = Int(bByColumns ? b[j * bPitch + l] : b[l * bPitch + j])
            sum &+= Int32((left(i, l) - aZero) * (right - bZero))
          }
          for byte in 0..<4 { result[place + byte] = UInt8(truncatingIfNeeded: sum >> Int32(8 * byte)) }
        }
      }
      return result
    }

    private func word(_ bytes: [UInt8], _ place: Int) -> Int32 {
      (0..<4).reduce(0) { $0 | Int32(bitPattern: UInt32(bytes[place + $1]) << UInt32(8 * $1)) }
    }

    func computed(_ path: KernelPath, _ pool: ThreadPool) -> [UInt8]? {
      var result = out
      let done = a.withUnsafeBufferPointer { a in
        b.withUnsafeBufferPointer { b in
          result.withUnsafeMutableBufferPointer { out in
            (bias ?? [0]).withUnsafeBufferPointer { terms -> Bool in
              guard let a = a.baseAddress, let b = b.baseAddress, let out = out.baseAddress else { return false }
              var product = ck_product(
                m: Int64(m), k: Int64(k), n: Int64(n), depthwise: false, a: a, a_pitch: Int64(aPitch),
                a_by_columns: aByColumns,
                windows: windows?.it ?? ck_windows(), b: b, b_pitch: Int64(bPitch), b_by_columns: bByColumns,
                bias: bias == nil ? nil : terms.baseAddress, out: out, out_pitch: Int64(outPitch),
                accumulate: accumulate, a_zero: Int32(aZero), b_zero: Int32(bZero))
              return ck_product_run(&product, path.code, pool.pool)
            }
          }
        }
      }
      return done ? result : nil
    }
  }

  @Test func fastProductIsThePlainSum() throws {
    let pools = try [1, 2, 5].map { try #require(ThreadPool(threads: $0)) }
    for seed in 0..<80 {
      var random = SplitMix64(seed: UInt64(seed))
      let it = Case(&random)
      let expected = it.expected
      for path in KernelPath.available {
        for pool in pools {
          #expect(it.computed(path, pool) == expected, "seed \(seed), \(path), \(it.m)×\(it.k)×\(it.n)")
        }
      }
    }
  }
}
