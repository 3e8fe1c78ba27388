public import Exposition
public import Myosin

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

// Foundation asks this protocol for `localizedDescription`, and says "The operation could not be completed." of any other error.

extension StateError: LocalizedError {
    /// The message, which `localizedDescription` gives.
    public var errorDescription: String? { message }
}

extension ValidationError: LocalizedError {
    /// The faults, each with its place, which `localizedDescription` gives.
    public var errorDescription: String? { description }
}

extension JSONSyntaxError: LocalizedError {
    /// The fault with its place, which `localizedDescription` gives.
    public var errorDescription: String? { "The text \(description)." }
}

extension MetricError: LocalizedError {
    /// The message, which `localizedDescription` gives.
    public var errorDescription: String? { description }
}
