public import Exposition
public import Myosin

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

// Foundation takes `localizedDescription` from this protocol; for any other error it is "The operation could not be completed."

extension StateError: LocalizedError {
    /// The message, returned by `localizedDescription`.
    public var errorDescription: String? { message }
}

extension ValidationError: LocalizedError {
    /// The faults with their places, returned by `localizedDescription`.
    public var errorDescription: String? { description }
}

extension JSONSyntaxError: LocalizedError {
    /// The fault with its place, returned by `localizedDescription`.
    public var errorDescription: String? { "The text \(description)." }
}

extension MetricError: LocalizedError {
    /// The message, returned by `localizedDescription`.
    public var errorDescription: String? { description }
}
