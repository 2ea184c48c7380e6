import Testing
@testable import ONNXImport
