import Hardware

extension ScheduleText {
  /// The accelerator's YAML that is embedded in a schedule, to be decoded before the schedule is parsed.
  ///
  /// - Returns: the YAML and the line of `text` in which it begins (its columns are four further right).
  /// - Throws: where `text` isn't a schedule or has no accelerator.
  public static func acceleratorSource(of text: String, file: String) throws(DiagnosticError) -> (
    yaml: String, firstLine: Int
  ) {
    var scanner = Scanner(text)
    do {
      try readVersion(&scanner)
    } catch {
      throw DiagnosticError(diagnostic(error, scanner, file))
    }
    var yaml: [UInt8] = []
    var firstLine: Int?
    var inside = false
    while scanner.advance() {
      if inside, let content = embedded(&scanner) {
        if firstLine == nil { firstLine = scanner.line }
        yaml += content
        yaml.append(UInt8(ascii: "\n"))
      } else if firstLine != nil {
        break
      } else {
        scanner.skipSpaces()
        inside = scanner.letters().elementsEqual("accelerator".utf8) && scanner.atEnd()
      }
    }
    guard let firstLine else {
      throw DiagnosticError(
        Diagnostic(
          SourceMark(file: file), "the schedule has no accelerator",
          expected: "'accelerator' and below it its YAML, each line after '|'"))
    }
    return (String(decoding: yaml, as: UTF8.self), firstLine)
  }

  /// For each instruction of a schedule the line of `text` that it stands in.
  public static func lineNumbers(of text: String) -> [Int] {
    var scanner = Scanner(text)
    var lines: [Int] = []
    while scanner.advance() {
      if !scanner.atEnd(), (try? scanner.name("name")) != nil, scanner.accept(":") { lines.append(scanner.line) }
    }
    return lines
  }

  /// Reads up to and including `vsched 1`.
  static func readVersion(_ scanner: inout Scanner) throws(Mistake) {
    while scanner.advance() {
      if scanner.atEnd() { continue }
      var start = scanner.at
      guard scanner.letters().elementsEqual("vsched".utf8) else {
        throw Mistake(start, "not a schedule", expected: "'vsched \(version)' in the first line")
      }
      scanner.skipSpaces()
      start = scanner.at
      let found = try scanner.decimal("version")
      guard found == version else { throw Mistake(start, "version \(found) of the text form", expected: "\(version)") }
      return try scanner.expectEnd()
    }
    throw Mistake(0, "the schedule is empty", expected: "'vsched \(version)' in the first line")
  }

  /// The part of a line behind its `|`, or `nil` (and nothing read) if it isn't a line of the accelerator.
  static func embedded(_ scanner: inout Scanner) -> ArraySlice<UInt8>? {
    scanner.skipSpaces()
    guard scanner.accept("|") else { return nil }
    _ = scanner.accept(" ")
    return scanner.bytes[scanner.at..<scanner.end]
  }

  static func diagnostic(_ mistake: Mistake, _ scanner: Scanner, _ file: String) -> Diagnostic {
    Diagnostic(
      scanner.mark(mistake.at, file: file), mistake.message, expected: mistake.expected, suggestion: mistake.suggestion)
  }
}

extension Schedule {
  /// Parses the text form.
  ///
  /// - Parameters:
  ///   - text: the whole file.
  ///   - file: its name for messages.
  ///   - accelerator: what `ScheduleText.acceleratorSource(of:file:)` found, decoded.
  /// - Throws: every mistake in the text, up to 100.
  public init(parsing text: String, file: String, accelerator: Accelerator) throws(DiagnosticError) {
    var parser = ScheduleParser(text, file: file, accelerator: accelerator)
    self = try parser.parse()
  }
}

/// Parses line by line; a line with a mistake is noted and left, so that the others are read too.
struct ScheduleParser {
  var scanner: Scanner
  var schedule: Schedule
  private let file: String
  private var found: [Diagnostic] = []
  private var model: ModelReference?
  private var hasModel = false
  private var hasAccelerator = false
  private var ended = false
  let units: [String]
  let buffers: [String]

  init(_ text: String, file: String, accelerator: Accelerator) {
    scanner = Scanner(text)
    self.file = file
    schedule = Schedule(
      accelerator: accelerator, model: ModelReference(name: "", image: 0, batch: 0), operators: [], layers: [],
      tensors: [], instructions: [])
    units = accelerator.queues.map(\.name)
    buffers = accelerator.buffers.map(\.name)
  }

  mutating func parse() throws(DiagnosticError) -> Schedule {
    do {
      try ScheduleText.readVersion(&scanner)
    } catch {
      throw DiagnosticError(ScheduleText.diagnostic(error, scanner, file))
    }
    while found.count < ScheduleText.mistakeLimit, scanner.advance() {
      do {
        try line()
      } catch {
        note(error)
      }
    }
    if found.count < ScheduleText.mistakeLimit { checkComplete() }
    if let error = DiagnosticError(found) { throw error }
    if let model { schedule.model = model }
    return schedule
  }

  /// Notes a mistake after which the rest of the line can still be read.
  mutating func note(_ mistake: Mistake) {
    if found.count == ScheduleText.mistakeLimit { return }
    found.append(ScheduleText.diagnostic(mistake, scanner, file))
  }

  private mutating func checkComplete() {
    func missing(_ what: String) -> Diagnostic {
      Diagnostic(SourceMark(file: file, line: scanner.line, column: 1), "the schedule ends without \(what)")
    }
    if !hasModel { found.append(missing("'model'")) }
    if !hasAccelerator { found.append(missing("'accelerator'")) }
    if !ended {
      found.append(missing("'end \(schedule.instructions.count)' in its last line: the file may have been cut off"))
    }
  }

  private static let keywords = [
    "model", "accelerator", "tensor", "op", "layer", "arithmetic", "preload", "loaded", "end",
  ]

  private mutating func line() throws(Mistake) {
    if scanner.atEnd() { return }
    let start = scanner.at
    if ended { throw Mistake(start, "text after 'end'") }
    let word = try scanner.name("a keyword or the name of a unit and ':'")
    if scanner.accept(":") { return try instruction(unit: lookUp(word, in: units, start, "unit")) }
    let keyword = String(decoding: word, as: UTF8.self)
    let wordEnd = scanner.at
    if !scanner.atEnd(), scanner.at == wordEnd { throw scanner.unexpected("':' or a blank after \(quoted(keyword))") }
    switch keyword {
    case "model": try readModel(start)
    case "accelerator": try accelerator(start)
    case "tensor": try tensor()
    case "op": try op()
    case "layer": try layer()
    case "arithmetic": try arithmetic()
    case "preload": schedule.preloads.append(try region())
    case "loaded": try loaded()
    case "end": try end()
    default:
      if let unit = units.first(where: { $0 == keyword }) {
        throw Mistake(start, "the unit \(quoted(unit)) without ':'", expected: "'\(unit):'")
      }
      throw Mistake(
        start, "unknown keyword \(quoted(keyword))",
        expected: "one of \(Self.keywords.joined(separator: ", ")), or a unit and ':'",
        suggestion: didYouMean(keyword, among: Self.keywords + units))
    }
    try scanner.expectEnd()
  }

  // MARK: Tables

  private mutating func readModel(_ start: Int) throws(Mistake) {
    if hasModel { throw Mistake(start, "a second 'model'") }
    hasModel = true
    let name = String(decoding: try scanner.name("the model's name"), as: UTF8.self)
    let image = try field("image")
    let batch = try field("batch", atLeast: 1)
    model = ModelReference(name: name, image: image, batch: batch)
  }

  private mutating func loaded() throws(Mistake) {
    let start = scanner.at
    let name = try scanner.name("the name of a matrix engine")
    let engine = lookUp(name, in: schedule.accelerator.engines.map(\.name), start, "engine")
    schedule.loaded.append(LoadedTiles(engine: engine, tiles: try field("tiles", atLeast: 1)))
  }

  private mutating func accelerator(_ start: Int) throws(Mistake) {
    if hasAccelerator { throw Mistake(start, "a second 'accelerator'") }
    hasAccelerator = true
    try scanner.expectEnd()
    var next = scanner
    while next.advance(), ScheduleText.embedded(&next) != nil { scanner = next }
    scanner.leaveLine()
  }

  private mutating func tensor() throws(Mistake) {
    let kind = try oneOf(TensorKind.self, "kind of tensor")
    scanner.skipSpaces()
    let start = scanner.at
    let address = try scanner.address("address")
    scanner.skipSpaces()
    let bytes = try scanner.decimal("size in bytes", atLeast: 1)
    if address.addingReportingOverflow(bytes).overflow { throw Mistake(start, "the tensor ends beyond 2^63") }
    scanner.skipSpaces()
    let name = String(decoding: try scanner.name("the tensor's name"), as: UTF8.self)
    schedule.tensors.append(DRAMTensor(name: name, kind: kind, address: address, bytes: bytes))
  }

  private mutating func op() throws(Mistake) {
    // An entry with a mistake still counts, so that the lines that refer to it aren't mistakes too.
    var op = OperatorInfo(name: "", kind: .move, macs: 0, elements: 0)
    defer { schedule.operators.append(op) }
    try index(schedule.operators.count, "operator")
    op.kind = try oneOf(OperatorKind.self, "kind of operator")
    scanner.skipSpaces()
    op.name = String(decoding: try scanner.name("the operator's name"), as: UTF8.self)
    op.macs = try field("macs")
    op.elements = try field("elements")
  }

  private mutating func layer() throws(Mistake) {
    var layer = Layer(name: "", operators: [])
    defer { schedule.layers.append(layer) }
    try index(schedule.layers.count, "layer")
    layer.name = String(decoding: try scanner.name("the layer's name"), as: UTF8.self)
    if scanner.atEnd() { return }
    try key("ops")
    repeat { layer.operators.append(try reference("operator", schedule.operators.count)) } while scanner.accept(",")
  }

  private mutating func end() throws(Mistake) {
    ended = true
    let start = scanner.at
    let count = try scanner.decimal("number of instructions")
    // Lines with mistakes have not become instructions: the count says nothing more then.
    if found.isEmpty, count != schedule.instructions.count {
      throw Mistake(start, "'end \(count)' after \(schedule.instructions.count) instructions: lines are missing")
    }
  }

  // MARK: Pieces

  /// The number that an entry of a table begins with: entries are numbered from 0.
  mutating func index(_ expected: Int, _ what: String) throws(Mistake) {
    let start = scanner.at
    let number = try scanner.decimal("number of the \(what)")
    if number != expected { note(Mistake(start, "\(what) \(number) is out of order", expected: "\(expected)")) }
    scanner.skipSpaces()
  }

  /// ` name=` and a number.
  mutating func field(_ name: String, atLeast least: Int = 0) throws(Mistake) -> Int {
    try key(name)
    return try scanner.decimal(name, atLeast: least)
  }

  mutating func key(_ name: String) throws(Mistake) {
    scanner.skipSpaces()
    let start = scanner.at
    let word = String(decoding: scanner.letters(), as: UTF8.self)
    if word != name || !scanner.accept("=") {
      throw Mistake(
        start, word.isEmpty ? "no '\(name)='" : "found \(quoted(word))", expected: "'\(name)='",
        suggestion: didYouMean(word, among: [name]))
    }
  }

  /// Whether the field that comes next is `name`.
  mutating func peekKey(_ name: StaticString) -> Bool {
    scanner.skipSpaces()
    return scanner.peek(name)
  }

  /// An index into a table that stands above.
  mutating func reference(_ what: String, _ count: Int) throws(Mistake) -> Int {
    let start = scanner.at
    let index = try scanner.decimal("number of the \(what)")
    if index >= count { note(Mistake(start, "there is no \(what) \(index) above this line", expected: below(count))) }
    return index
  }

  private func below(_ count: Int) -> String { count == 0 ? "a table of them first" : "0 to \(count - 1)" }

  /// A word that names a case of an enumeration.
  mutating func oneOf<Value: RawRepresentable<String> & CaseIterable>(
    _: Value.Type, _ what: String
  ) throws(Mistake) -> Value {
    scanner.skipSpaces()
    let start = scanner.at
    let word = String(decoding: scanner.word(), as: UTF8.self)
    if let value = Value(rawValue: word) { return value }
    throw unknown(word, Value.allCases.map(\.rawValue), start, what)
  }

  func unknown(_ word: String, _ known: [String], _ start: Int, _ what: String) -> Mistake {
    Mistake(
      start, word.isEmpty ? "no \(what)" : "unknown \(what) \(quoted(word))",
      expected: "one of \(known.joined(separator: ", "))", suggestion: didYouMean(word, among: known))
  }

  /// The index of a unit or buffer; an unknown one is noted, and the line read on.
  mutating func lookUp(_ name: ArraySlice<UInt8>, in names: [String], _ start: Int, _ what: String) -> Int {
    if let index = names.firstIndex(where: { $0.utf8.elementsEqual(name) }) { return index }
    note(unknown(String(decoding: name, as: UTF8.self), names, start, what))
    return 0
  }
}
