import HTTPTypes
import Myosin
import TestSupport
import Testing

/// A fault that a problem lists.
struct Fault: Sendable, Equatable, CustomStringConvertible {
    let pointer: String
    let detail: String

    init(_ pointer: String, _ detail: String) { (self.pointer, self.detail) = (pointer, detail) }

    /// The code that goes with the sentence.
    var code: String {
        switch detail {
        case "is missing", "must have a value, got null": "missing"
        case _ where detail.hasPrefix("is not a field of this model") || detail.hasPrefix("is not a model"): "unknown"
        case _ where detail.hasPrefix("is the server's"): "read-only"
        case _ where detail.hasPrefix("must have at least"): "count"
        case _ where detail.hasPrefix("must not have an element twice"): "duplicate"
        case _ where detail.hasPrefix("must be one of"): "choice"
        case _ where detail.hasPrefix("must be an email address"): "format"
        default: "type"
        }
    }

    var description: String { "\(pointer) \(detail)" }
}

/// A problem details object as it came, read strictly.
struct Refused {
    let status: Int
    let detail: String
    let faults: [Fault]

    /// Reads a reply and checks what every problem has to have.
    init(_ reply: Reply) throws {
        let parsed = try JSONValue(parsing: reply.body)
        guard case .object(let object) = parsed, case .string(let detail) = object["detail"] else {
            throw RawConnection.Failure(what: "\(reply.text) is not a problem")
        }
        (status, self.detail) = (reply.status, detail)
        faults = try Self.faults(object["errors"])
        #expect(object.keys == ["type", "title", "status", "detail"] + (faults.isEmpty ? [] : ["errors"]))
        #expect(object["type"] == "about:blank")
        #expect(object["title"] == .string(reply.reason))
        #expect(object["status"] == .number(JSONNumber(reply.status)))
        #expect(detail.hasSuffix(".") || detail.hasSuffix("?"))
        #expect(!detail.hasSuffix("..") && !detail.hasSuffix("?."))
        #expect(detail.first?.isLowercase == false)
        #expect(reply.body.last == UInt8(ascii: "\n"))
        #expect(reply.fields[.contentType] == "application/problem+json")
        #expect(reply.fields[.cacheControl] == "no-store")
        #expect(reply.fields[.eTag] == nil)
        for fault in faults { #expect(fault.pointer.isEmpty || fault.pointer.hasPrefix("/")) }
    }

    private static func faults(_ value: JSONValue?) throws -> [Fault] {
        guard let value else { return [] }
        guard case .array(let elements) = value else { throw RawConnection.Failure(what: "errors is not an array") }
        #expect(!elements.isEmpty)
        return try elements.map { element in
            guard case .object(let object) = element, object.keys == ["pointer", "detail", "code"],
                case .string(let pointer) = object["pointer"], case .string(let detail) = object["detail"]
            else { throw RawConnection.Failure(what: "an error has other fields than pointer, detail and code") }
            let fault = Fault(pointer, detail)
            #expect(object["code"] == .string(fault.code))
            return fault
        }
    }
}
