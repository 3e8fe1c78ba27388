/// What is wrong with a schema: one or more faults, each with its place.
package struct JSONSchemaError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One fault.
    package struct Fault: Sendable, Hashable, CustomStringConvertible {
        /// The place in the schema as a JSON pointer (RFC 6901), `/properties/humidity/default` for example.
        package let pointer: String
        /// What is wrong there and what to do about it.
        package let detail: String

        package init(_ pointer: String, _ detail: String) { (self.pointer, self.detail) = (pointer, detail) }

        /// The place and what is wrong there.
        package var description: String { "\(pointer.isEmpty ? "the schema" : pointer) \(detail)" }
    }

    /// The faults, in the order of their discovery.
    package let faults: [Fault]

    package init(_ faults: [Fault]) { self.faults = faults }

    /// The faults, each with its place.
    package var description: String { faults.map(\.description).joined(separator: "; ") }
}
