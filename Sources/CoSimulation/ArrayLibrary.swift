import CArray
import Glibc

/// A shared library with the functions of `vitsim_array.h`: an array in RTL, opened at run time (docs/cosimulation.md).
///
/// ```swift
/// let library = try ArrayLibrary(path: "libsystolic_16x16.so")
/// let array = try library.array(ArrayShape(rows: 16, columns: 16))
/// try array.clock(ArrayEdges(load: row))
/// print(array.registers)
/// ```
public final class ArrayLibrary {
  public let path: String
  private let handle: UnsafeMutableRawPointer
  let functions: ArrayFunctions

  /// Opens the library; a name without a directory is a file of the working directory.
  ///
  /// - Throws: `cannotOpen`, `wrongVersion`, `missingFunction`.
  public init(path: String) throws(ArrayLibraryError) {
    self.path = path
    guard let handle = dlopen(path.contains("/") ? path : "./" + path, RTLD_NOW | RTLD_LOCAL) else {
      throw .cannotOpen(path: path, reason: dlerror().map { String(cString: $0) } ?? "unknown reason")
    }
    do {
      functions = try ArrayFunctions(SymbolTable(path: path, handle: handle))
    } catch {
      dlclose(handle)
      throw error
    }
    self.handle = handle
  }

  deinit { dlclose(handle) }

  /// A new array whose registers are all 0.
  ///
  /// - Throws: `wrongShape`, `wrongGroups`.
  public func array(_ shape: ArrayShape) throws(ArrayLibraryError) -> RTLArray {
    guard let asked = vitsim_array_shape(shape) else {
      throw .wrongShape(path: path, reason: "no array has a shape like \(shape)")
    }
    var (wanted, reason) = (asked, UnsafePointer<CChar>?.none)
    guard let array = functions.create(&wanted, &reason) else {
      throw .wrongShape(path: path, reason: reason.map { String(cString: $0) } ?? "no reason is given")
    }
    let text = functions.groups(array).map { String(cString: $0) } ?? ""
    guard let groups = ArrayGroup.layout(text.split(separator: " "), of: shape) else {
      functions.destroy(array)
      throw .wrongGroups(path: path, text: text)
    }
    return RTLArray(library: self, array: array, shape: shape, groups: groups)
  }
}

/// The functions of `vitsim_array.h` in an open library.
struct ArrayFunctions {
  typealias Version = @convention(c) () -> Int32
  typealias Create =
    @convention(c) (UnsafePointer<vitsim_array_shape>?, UnsafeMutablePointer<UnsafePointer<CChar>?>?)
    -> UnsafeMutableRawPointer?
  typealias Destroy = @convention(c) (UnsafeMutableRawPointer?) -> Void
  typealias Clock = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<vitsim_array_edges>?) -> Void
  typealias Groups = @convention(c) (UnsafeMutableRawPointer?) -> UnsafePointer<CChar>?
  typealias Registers = @convention(c) (UnsafeMutableRawPointer?, UnsafeMutablePointer<Int32>?) -> Void
  typealias Waveform = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<CChar>?) -> Int32

  let create: Create
  let destroy: Destroy
  let clock: Clock
  let groups: Groups
  let registers: Registers
  let waveform: Waveform

  /// The version comes first: a library of another one may lack functions for good reason.
  init(_ table: SymbolTable) throws(ArrayLibraryError) {
    let version = unsafeBitCast(try table.address("vitsim_array_version"), to: Version.self)()
    guard version == VITSIM_ARRAY_VERSION else {
      throw .wrongVersion(path: table.path, found: Int(version), expected: Int(VITSIM_ARRAY_VERSION))
    }
    create = unsafeBitCast(try table.address("vitsim_array_create"), to: Create.self)
    destroy = unsafeBitCast(try table.address("vitsim_array_destroy"), to: Destroy.self)
    clock = unsafeBitCast(try table.address("vitsim_array_clock"), to: Clock.self)
    groups = unsafeBitCast(try table.address("vitsim_array_groups"), to: Groups.self)
    registers = unsafeBitCast(try table.address("vitsim_array_registers"), to: Registers.self)
    waveform = unsafeBitCast(try table.address("vitsim_array_waveform"), to: Waveform.self)
  }
}

/// Looks names up in an open library.
struct SymbolTable {
  let path: String
  let handle: UnsafeMutableRawPointer

  func address(_ name: String) throws(ArrayLibraryError) -> UnsafeMutableRawPointer {
    guard let address = dlsym(handle, name) else { throw .missingFunction(path: path, name: name) }
    return address
  }
}

extension vitsim_array_shape {
  /// `nil` if a number isn't one of an array, or doesn't fit.
  fileprivate init?(_ shape: ArrayShape) {
    let numbers = [shape.rows, shape.columns, shape.peRegisters, shape.operandBits]
    guard numbers.allSatisfy({ $0 > 0 && $0 <= Int16.max }) else { return nil }
    self.init(
      rows: Int32(shape.rows), columns: Int32(shape.columns), pe_registers: Int32(shape.peRegisters),
      operand_bits: Int32(shape.operandBits), shadow_weights: shape.hasShadow ? 1 : 0)
  }
}
