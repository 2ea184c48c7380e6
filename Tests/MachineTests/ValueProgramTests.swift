import Hardware
import Machine
import Numerics
import Schedule
import Testing

/// Does the fast form of values do what the instructions say, whatever the path and the number of threads?
@Suite struct ValueProgramTests {
  @Test func randomProgramsGiveTheBytesOfTheReference() throws {
    for seed in 0..<80 {
      let it = ValueCase(seed: UInt64(seed))
      let reference = ValueReference(it.schedule, it.image)
      let program = try ValueProgram(it.schedule, timings: it.timings)
      for path in KernelPath.available {
        for threads in [1, 3] {
          var events: [[UInt8]] = []
          let end = try program.execute(it.image, threads: threads, path: path) { events.append($0.bytes) }
          #expect(end.tensors == reference.tensors.map { $0 }, "seed \(seed), \(path), \(threads) threads")
          #expect(events == reference.events, "seed \(seed), \(path), \(threads) threads")
        }
      }
    }
  }

  @Test func oneProgramServesManyThreads() async throws {
    let it = ValueCase(seed: 4, instructions: 60)
    let program = try ValueProgram(it.schedule, timings: it.timings)
    var images = [it.image]
    for turn in 1..<8 {
      var image = it.image
      image.tensors[0] = image.tensors[0]?.map { $0 &+ UInt8(turn) }
      images.append(image)
    }
    let expected = images.map { ValueReference(it.schedule, $0).tensors }
    let results = try await withThrowingTaskGroup(of: (Int, MemoryImage).self) { group in
      for (index, image) in images.enumerated() {
        group.addTask { (index, try program.execute(image, threads: index % 2 + 1)) }
      }
      return try await group.reduce(into: [Int: MemoryImage]()) { $0[$1.0] = $1.1 }
    }
    for index in images.indices { #expect(results[index]?.tensors == expected[index].map { $0 }) }
  }

  @Test func instructionsActInTheOrderOfTheirEnds() throws {
    var bench = Bench()
    bench.transfer(address: 0, 4, bank: 0)
    bench.transfer(address: 4, 4, bank: 0)
    bench.transfer(write: true, address: 8, 4, bank: 0)
    var schedule = bench.schedule
    schedule.tensors = [DRAMTensor(name: "x", kind: .spill, address: 0, bytes: 12)]
    let image = MemoryImage(tensors: [[1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0]])
    func stored(_ ends: [Int]) throws -> [UInt8]? {
      let timings = ends.map { InstructionTiming(start: 0, end: $0) }
      return try ValueProgram(schedule, timings: timings).execute(image).tensors[0]?.suffix(4)
    }
    #expect(try stored([1, 2, 3]) == [5, 6, 7, 8])
    #expect(try stored([2, 1, 3]) == [1, 2, 3, 4])
    #expect(try stored([1, 3, 2]) == [1, 2, 3, 4])
    // Of those that end together, the queue decides, then the place in it.
    #expect(try stored([1, 1, 1]) == [5, 6, 7, 8])
  }

  @Test func imagesThatDoNotFitAreRefused() throws {
    let it = ValueCase(seed: 1)
    let program = try ValueProgram(it.schedule, timings: it.timings)
    var images = [MemoryImage(tensors: []), it.image, it.image, it.image]
    images[1].tensors[0] = [1]
    images[2].preloads = [[1]]
    images[3].preloads = [nil, nil]
    for image in images { #expect(throws: MachineError.self) { try program.execute(image) } }
    #expect(throws: MachineError.self) { try ValueProgram(it.schedule, timings: []) }
  }

  @Test func regionsOutsideTheirBuffersAreRefused() throws {
    let it = ValueCase(seed: 2, instructions: 40)
    for index in it.schedule.instructions.indices {
      var schedule = it.schedule
      switch schedule.instructions[index].operation {
      case .load(var transfer):
        transfer.dram.address += 1 << 20
        schedule.instructions[index].operation = .load(transfer)
      case .store(var transfer):
        transfer.region.offset += 1 << 20
        schedule.instructions[index].operation = .store(transfer)
      case .matmul(var matmul):
        matmul.b.pitch += 1 << 20
        matmul.out.offset = 1 << 20
        schedule.instructions[index].operation = .matmul(matmul)
      case .vector(var vector):
        vector.source.buffer = 9
        schedule.instructions[index].operation = .vector(vector)
      }
      #expect(throws: MachineError.self) { try ValueProgram(schedule, timings: it.timings) }
    }
  }
}
