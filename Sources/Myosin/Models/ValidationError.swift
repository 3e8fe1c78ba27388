/// The faults of a model's content, each with the place of its field.
///
/// A model's `validate()` throws it, and clients get each fault with its code.
public struct ValidationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of a fault, for programs: sentences may change, codes don't.
    ///
    /// Later versions may add codes, and a program may have codes of its own.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        /// The code's name as clients see it, `read-only` for example.
        public let description: String

        /// Makes a code of your own.
        ///
        /// - Parameter name: the name that clients see.
        public init(_ name: String) { description = name }

        /// A field that must be there is not.
        public static let missing = Code("missing")
        /// The model has no such field, or the state no such model.
        public static let unknown = Code("unknown")
        /// The value is of another type than the field.
        public static let type = Code("type")
        /// The number is too small, too large, or has more digits than the field holds.
        public static let range = Code("range")
        /// The number is not a multiple of the step.
        public static let multiple = Code("multiple")
        /// There are too few or too many characters, elements or fields.
        public static let count = Code("count")
        /// The value is none of those that are allowed.
        public static let choice = Code("choice")
        /// The string does not have the format.
        public static let format = Code("format")
        /// An element is there twice.
        public static let duplicate = Code("duplicate")
        /// The value fits none of the alternatives, or more than one of those that exclude each other.
        public static let alternative = Code("alternative")
        /// The type of the field has no form in documents, whatever its value is.
        package static let withoutForm = Code("without-form")
        /// The schema rules the value out.
        public static let forbidden = Code("forbidden")
        /// Clients may not change the field.
        public static let readOnly = Code("read-only")
        /// Any other fault; the code of faults that give none.
        public static let invalid = Code("invalid")

        /// All codes that the libraries themselves give.
        package static let all = [
            missing, unknown, type, range, multiple, count, choice, format, duplicate, alternative, forbidden, readOnly,
            invalid,
        ]
    }

    /// One fault.
    public struct Fault: Sendable, Hashable {
        /// The field as a JSON pointer (RFC 6901), `/email` for example; empty for the whole model.
        public var pointer: String
        /// The sentence that follows the field's name: `is not an address`.
        public var detail: String
        /// The kind of the fault.
        public var code: Code
        /// The field as a key path, until its pointer is known.
        var field: FieldPath?

        /// Makes a fault.
        ///
        /// - Parameters:
        ///   - pointer: the field as a JSON pointer.
        ///   - detail: the sentence that follows the field's name.
        ///   - code: the kind of the fault.
        public init(pointer: String, detail: String, code: Code = .invalid) {
            (self.pointer, self.detail, self.code) = (pointer, detail, code)
        }
    }

    /// How many faults of a document, or of a change of several models, are looked for.
    package static let maxFaults = 100

    /// The faults, in the order of their discovery.
    public var faults: [Fault]
    /// The error of another type that the model's own code has thrown, or nil if there is none.
    public internal(set) var underlying: (any Error)?

    /// Makes an error of one fault.
    ///
    /// - Parameters:
    ///   - pointer: the field as a JSON pointer, `/email` for example; empty for the whole model.
    ///   - detail: the sentence that follows the field's name: `is not an address`.
    ///   - code: the kind of the fault.
    public init(_ pointer: String, _ detail: String, code: Code = .invalid) {
        faults = [Fault(pointer: pointer, detail: detail, code: code)]
    }

    /// Makes an error of one fault, at a field that the compiler checks: `ValidationError(\Self.litres, "must not be negative")`.
    ///
    /// When `validate()` throws the error, the engine finds the field by its stored properties, also in nested values and in
    /// elements. The documents of the defaults and of ``StateModel/samples`` show the encoded names. They identify a renamed
    /// field by its value, unless another property of its object has the same type and value, or is not encoded. If a place is
    /// not certain, the pointer names the nearest value around the field, or the whole model. Then add a sample, or name the
    /// field by its pointer. A property with its own code always stands for the whole model. The engine keeps the first 100
    /// faults.
    ///
    /// The key path must be valid for the value: an index in it, as in `list[2]`, must exist.
    ///
    /// - Parameters:
    ///   - field: the field; inside the model its root is `Self`.
    ///   - detail: the sentence that follows the field's name: `must not be negative`.
    ///   - code: the kind of the fault.
    public init<Model: StateModel, Value>(
        _ field: any KeyPath<Model, Value> & Sendable,
        _ detail: String,
        code: Code = .invalid
    ) {
        var fault = Fault(pointer: "", detail: detail, code: code)
        fault.field = FieldPath(field)
        faults = [fault]
    }

    /// Makes an error of several faults.
    public init(_ faults: [Fault]) { self.faults = faults }

    /// The error with pointers in place of key paths, and with at most ``maxFaults`` faults.
    ///
    /// - Parameters:
    ///   - model: the refused value.
    ///   - values: values that show the encoded names of fields, in addition to the samples of the model.
    /// - Returns: the error.
    package func located<Model: StateModel>(in model: Model, showing values: [Model]) -> ValidationError {
        let first = faults.prefix(Self.maxFaults)
        if first.allSatisfy({ $0.field == nil }) { return ValidationError(Array(first)) }
        // Shared by all faults.
        let (names, tables) = (FieldNames(of: values + Model.samples), ElementTables(of: model))
        return ValidationError(
            first.map { fault in
                guard let field = fault.field else { return fault }
                let pointer = field.pointer(in: model, named: names, tables) ?? ""
                return Fault(pointer: pointer, detail: fault.detail, code: fault.code)
            }
        )
    }

    /// The faults, each with its place.
    public var description: String {
        faults.map { ($0.pointer.isEmpty ? "the document" : $0.pointer) + " " + $0.detail }.joined(separator: "; ")
    }
}

extension ValidationError.Fault {
    /// A field that must be there is not.
    package static func missing(_ pointer: String) -> Self {
        .init(pointer: pointer, detail: "is missing", code: .missing)
    }

    /// A field that the model does not have.
    ///
    /// - Parameters:
    ///   - pointer: the field.
    ///   - meant: the name that was probably meant.
    /// - Returns: the fault.
    package static func unknown(_ pointer: String, meant: String? = nil) -> Self {
        let hint = meant.map { meant in
            // Canonically equivalent, as `String` compares: it looks the same.
            let isTwin = pointer.hasSuffix("".appendingPointer(to: meant))
            return ", did you mean \(isTwin ? "\(meant.quotedInASCII), with these code points" : meant.quoted)?"
        }
        return .init(pointer: pointer, detail: "is not a field of this model\(hint ?? "")", code: .unknown)
    }

    /// A field that must have a value and gets null.
    package static func nulled(_ pointer: String) -> Self {
        .init(pointer: pointer, detail: "must have a value, got null", code: .missing)
    }

    /// A value that is none of those that are allowed.
    ///
    /// - Parameters:
    ///   - pointer: the field.
    ///   - allowed: the allowed values as text.
    ///   - got: the value as text.
    /// - Returns: the fault.
    package static func choice(_ pointer: String, among allowed: [String], got: String) -> Self {
        let phrase = "\(allowed.count > 1 ? "one of " : "")\(allowed.joined(separator: ", "))"
        return .init(pointer: pointer, detail: "must be \(phrase), got \(got)", code: .choice)
    }

    /// A text that looks like the one that is allowed, and has other code points.
    ///
    /// - Parameters:
    ///   - pointer: the field.
    ///   - allowed: the text that is allowed.
    ///   - got: the text that is there.
    /// - Returns: the fault.
    static func spelling(_ pointer: String, _ allowed: String, got: String) -> Self {
        let detail = "must be \(allowed.quotedInASCII) with these code points, got \(got.quotedInASCII)"
        return .init(pointer: pointer, detail: detail, code: .choice)
    }

    /// A value nested deeper than a reader accepts.
    static func tooDeep(_ pointer: String) -> Self {
        let detail = "would be nested deeper than \(JSONValue.maxDepth) levels"
        return .init(pointer: pointer, detail: detail, code: .count)
    }

    /// A number that JSON does not have.
    static func notFinite(_ pointer: String, _ value: some BinaryFloatingPoint & LosslessStringConvertible) -> Self {
        .init(pointer: pointer, detail: "is \(value), which JSON cannot tell; use a finite number", code: .range)
    }
}
