import Foundation
import MicroHTTP
import Myosin
import TestSupport

@testable import MyosinService

/// A server-sent event as a client understands it.
struct Event: Equatable {
    var name = "message"
    var model: String?
    var revision: UInt64?
    var value: JSONValue?
    var missed = 0
    /// The number in its id.
    var id: UInt64?
}

/// Reads the events of a stream that a test asks for parts.
final class EventReader {
    private let stream: ResponseStream
    private var parser = EventParser()
    private(set) var hasEnded = false

    init(_ stream: ResponseStream) { self.stream = stream }

    var comments: Int { parser.comments }
    var retry: String? { parser.retry }

    /// What is there now.
    func read(parts: Int = .max) throws -> [Event] {
        var count = 0
        reading: while count < parts {
            count += 1
            switch stream.next() {
            case .bytes(let bytes): parser.take(bytes)
            case .shared(let body): parser.take(body.bytes)
            case .wait: break reading
            case .end:
                hasEnded = true
                break reading
            }
        }
        return try parser.takeEvents()
    }

    /// Reads until so many events have come.
    func read(atLeast count: Int) async throws -> [Event] {
        var events: [Event] = []
        try await until {
            events += try read()
            return events.count >= count
        }
        return events
    }
}

/// Takes the text of a stream in pieces and makes events of it (HTML Living Standard, section 9.2.6).
struct EventParser {
    private var text = ""
    private(set) var comments = 0
    private(set) var retry: String?

    mutating func take(_ bytes: [UInt8]) { text += String(decoding: bytes, as: UTF8.self) }

    /// The events that are complete.
    mutating func takeEvents() throws -> [Event] {
        // A comment is a line of whatever comes next.
        comments += text.components(separatedBy: "\n:\n").count - 1 + (text.hasPrefix(":\n") ? 1 : 0)
        text = text.replacing("\n:\n", with: "\n")
        if text.hasPrefix(":\n") { text.removeFirst(2) }
        var blocks = text.split(separator: "\n\n", omittingEmptySubsequences: false).map(String.init)
        text = blocks.removeLast()
        return try blocks.map { try event($0) }
    }

    private mutating func event(_ block: String) throws -> Event {
        var event = Event()
        for line in block.split(separator: "\n", omittingEmptySubsequences: false) {
            let pair = line.split(separator: ":", maxSplits: 1).map(String.init)
            let value = pair.count > 1 ? String(pair[1].dropFirst()) : ""
            switch pair.first {
            case "retry": retry = value
            case "event": event.name = value
            case "id": event.id = RevisionTag(value)?.number
            case "data":
                let data = try JSONValue(parsing: value)
                if case .string(let model)? = data.value(at: ["model"]) { event.model = model }
                if case .number(let number)? = data.value(at: ["revision"]) { event.revision = number.integer() }
                if case .number(let number)? = data.value(at: ["missed"]) { event.missed = number.integer() ?? -1 }
                event.value = data.value(at: ["value"])
            default: throw ValidationError("", "\(line) is no line of an event")
            }
        }
        return event
    }
}
