import Testing
import Validation

/// Loops whose order of commands, or whose way to memory, depends on time. The table of Gemmini's whole products has few such rows;
/// these are of a cycle-level model of its RTL that gives every row of the table exactly (docs/designs.md).
@Suite struct GemminiLoopTests {
  private static let header =
    "M,N,K,tI,tJ,tK,I0,J0,K0,fullC,bias,at,bt,SA,SB,SC,lat,gap,total,reads,read_beats,writes,write_beats,first_A,errors\n"

  private func largestDifference(_ row: String) throws -> Double {
    let result = try validate(Self.header + row + "\n")
    #expect(result.compared == 1)
    return result.largestDifference
  }

  /// Each loop's bias goes out among the operands of the loop before, at a place that depends on when its commands were done. In a
  /// wrong place it takes up to 43 % more.
  @Test(arguments: [
    "80,98,48,1,3,3,5,3,1,0,1,1,0,80,112,112,20,2,5121,1715,2765,320,640,44,0",
    "100,70,32,1,2,2,7,3,1,0,1,0,0,32,80,80,150,0,18810,1119,2070,350,600,24,0",
  ])
  func aBiasFindsItsPlace(row: String) throws { #expect(try largestDifference(row) < 0.02) }

  /// Rows whose loops don't make up the product, or whose later loops would wait for their commands, are left out with the reason.
  @Test(arguments: [
    "32,32,32,2,2,2,1,1,3,0,0,0,0,32,32,32,20,0", "32,32,32,2,2,2,5,1,1,0,0,0,0,32,32,32,20,0",
    "32,32,32,2,2,2,1,2,1,0,0,0,0,32,32,32,20,0", "16,16,16,4,1,1,2,1,1,0,0,0,0,16,16,16,20,0",
    "320,32,32,2,2,2,1,1,1,0,0,0,0,32,32,32,20,0", "32,32,20000,2,2,2,1,1,1,0,0,0,0,20000,32,32,20,0",
    "65536,65536,65536,2,2,2,2048,2048,2048,0,0,0,0,65536,65536,65536,20,0",
    "32,32,32,1,2,2,2,1,1,0,0,0,0,32,32,32,20,10",
  ])
  func rowsThatCannotBeRunAreLeftOut(row: String) throws {
    let result = try validate(Self.header + row + ",1,1,1,1,1,1,0\n")
    #expect((result.compared, result.leftOut) == (0, 1))
  }

  /// A burst that waits for the credit of its second beat keeps all others off the way (rule R6): without, 3 to 5 % less.
  @Test(arguments: [
    "80,96,16,3,2,1,2,3,1,0,0,0,0,16,96,96,100,0,2861,336,432,240,480,24,0",
    "128,128,128,2,2,8,4,4,1,0,0,0,0,128,128,128,100,0,22310,3072,8192,512,1024,24,0",
    "91,53,53,5,2,4,2,2,1,0,0,0,0,64,64,64,100,5,3515,438,1240,182,364,74,0",
    "28,95,16,2,6,1,1,1,1,1,0,0,1,16,16,96,150,0,2518,124,124,168,672,24,0",
  ])
  func aHeldWayKeepsOthersOff(row: String) throws { #expect(try largestDifference(row) < 0.005) }
}
