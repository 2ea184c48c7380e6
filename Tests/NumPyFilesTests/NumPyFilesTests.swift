import Testing
@testable import NumPyFiles
