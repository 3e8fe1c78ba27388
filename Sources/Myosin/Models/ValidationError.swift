/// What is wrong with a model's content: one or more faults, each with the place of the field.
///
/// Thrown by a model's `validate()` and told to HTTP clients with status 422.
public struct ValidationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One fault.
    public struct Fault: Sendable, Hashable {
        /// The field as a JSON pointer (RFC 6901), `/email` for example; empty for the whole model.
        public var pointer: String
        /// What is wrong, as it reads after the field's name: `is not an address`.
        public var detail: String

        /// Makes a fault.
        ///
        /// - Parameters:
        ///   - pointer: the field as a JSON pointer.
        ///   - detail: what is wrong, as it reads after the field's name.
        public init(pointer: String, detail: String) {
            self.pointer = pointer
            self.detail = detail
        }
    }

    /// The faults, in the order of their discovery.
    public var faults: [Fault]

    /// Makes an error of one fault.
    ///
    /// - Parameters:
    ///   - pointer: the field as a JSON pointer, `/email` for example; empty for the whole model.
    ///   - detail: what is wrong, as it reads after the field's name.
    public init(_ pointer: String, _ detail: String) {
        faults = [Fault(pointer: pointer, detail: detail)]
    }

    /// Makes an error of several faults.
    public init(_ faults: [Fault]) { self.faults = faults }

    /// The faults, each with its place.
    public var description: String {
        faults.map { ($0.pointer.isEmpty ? "the document" : $0.pointer) + " " + $0.detail }.joined(separator: "; ")
    }
}
