/// Errors of other types that a model's own code throws, as faults of its document.
extension ValidationError {
    /// Makes the error of a model that `validate()` has refused.
    init(refusing error: any Error) {
        self.init(error, at: "") { "is refused: \($0)" }
    }

    /// Makes the error of a model that cannot be encoded.
    init(encoding error: any Error) {
        self.init(error, at: "") { "cannot be encoded: \($0)" }
    }

    /// Makes the error of a value that cannot be decoded, for its place in the document.
    init(decoding error: any Error, at pointer: String) {
        self.init(error, at: pointer) { "is not valid: \($0)" }
    }

    private init(_ error: any Error, at pointer: String, _ detail: (String) -> String) {
        func fault(_ path: [any CodingKey], _ detail: String, _ code: Code = .invalid) -> Fault {
            // Another decoder that the type's code uses counts from its own root.
            Fault(pointer: path.pointer.hasPrefix(pointer) ? path.pointer : pointer, detail: detail, code: code)
        }
        switch error {
        case let error as ValidationError:
            self = error
            for index in faults.indices { faults[index].pointer = pointer + faults[index].pointer }
            return
        case DecodingError.keyNotFound(let key, let context):
            faults = [fault(context.codingPath + [key], "is missing", .missing)]
        case DecodingError.dataCorrupted(let context):
            faults = [fault(context.codingPath, detail(context.debugDescription.asClause))]
        case DecodingError.typeMismatch(_, let context)
        where context.debugDescription.hasPrefix("Invalid number of keys"):
            // That of Swift's own decoding of an enumeration with payloads.
            faults = [fault(context.codingPath, "must have exactly one member, with the name of a case", .type)]
        case DecodingError.typeMismatch(_, let context):
            faults = [fault(context.codingPath, detail(context.debugDescription.asClause), .type)]
        case DecodingError.valueNotFound(_, let context):
            faults = [fault(context.codingPath, detail(context.debugDescription.asClause), .missing)]
        case EncodingError.invalidValue(_, let context):
            faults = [fault(context.codingPath, detail(context.debugDescription.asClause))]
        default: faults = [Fault(pointer: pointer, detail: detail(error.sentence))]
        }
        underlying = error
    }
}

extension ValidationError {
    /// Two errors are equal when their faults are.
    public static func == (left: ValidationError, right: ValidationError) -> Bool { left.faults == right.faults }

    /// Hashes the faults.
    public func hash(into hasher: inout Hasher) { hasher.combine(faults) }
}

extension Error {
    /// The error's own description, as the end of a sentence.
    ///
    /// An error without a description appears by its type and case, because its content may be secret.
    var sentence: String {
        if let error = self as? any CustomStringConvertible { return error.description.asClause }
        let mirror = Mirror(reflecting: self)
        if mirror.displayStyle != .enum { return "\(Self.self) was thrown" }
        return "\(Self.self).\(mirror.children.first?.label ?? "\(self)") was thrown"
    }
}

extension String {
    /// A sentence without its full stop, for the middle of another one.
    fileprivate var asClause: String { hasSuffix(".") && !hasSuffix("..") ? String(dropLast()) : self }
}
