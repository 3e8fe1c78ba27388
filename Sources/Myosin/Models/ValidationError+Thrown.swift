/// Errors of other types that a model's own code throws, as faults of its document.
extension ValidationError {
    /// Says why `validate()` has refused a model.
    init(refusing error: any Error) {
        self.init(error, at: "") { "is refused: \($0)" }
    }

    /// Says why a model cannot be encoded.
    init(encoding error: any Error) {
        self.init(error, at: "") { "cannot be encoded: \($0)" }
    }

    /// Says why a value cannot be decoded, for its place in the document.
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
    /// What the error says of itself, as the end of a sentence.
    ///
    /// One that has no description of its own is called by its type and case: what it contains is not for a message.
    var sentence: String {
        if let error = self as? any CustomStringConvertible { return error.description.asClause }
        let mirror = Mirror(reflecting: self)
        if mirror.displayStyle != .enum { return "\(Self.self) was thrown" }
        return "\(Self.self).\(mirror.children.first?.label ?? "\(self)") was thrown"
    }
}

extension String {
    /// A sentence without its full stop, where another one follows.
    fileprivate var asClause: String { hasSuffix(".") && !hasSuffix("..") ? String(dropLast()) : self }
}
