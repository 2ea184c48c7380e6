import Testing
@testable import Quantizer
