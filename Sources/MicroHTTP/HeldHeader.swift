/// What is known of a header that has not come completely, while its connection is held.
///
/// A class, so that the connections without one, which are most, need no room for it.
final class HeldHeader {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    enum Place {
        /// The first header of a connection, which libmicrohttpd is given only after that.
        case arrival(Acceptor.Arrival)
        /// A later one, whose line and perhaps some fields are in libmicrohttpd's memory.
        case memory(Begun, wire: OpaquePointer)
    }

    /// A header whose line was read and not refused; the memory of the fields is lent as long as the connection is
    /// suspended, that of the line too but for its query.
    struct Begun {
        let line: RequestLine
        /// The bytes before the request line.
        let start: Int
        /// The bytes of the line and its end.
        let lineBytes: Int
        /// What has come of the fields.
        let fields: Bytes

        /// Judges the request by the bytes of its fields, those that had come among them.
        func judge(_ bytes: Bytes, limits: ServerLimits) -> RequestHead.Judgement {
            var reader = FieldReader()
            switch reader.read(bytes) {
            case .incomplete: return .incomplete(hasLine: true)
            case .malformed: return .refused(.malformedField)
            case .complete(let count):
                // As in `HeaderMemory`.
                guard reader.fields > 0 else { return .refused(.malformedLine) }
                do throws(Refusal) {
                    let head = try RequestHead(line, reader, start: start, bytes: lineBytes + count, limits: limits)
                    return .accepted(head)
                } catch {
                    return .refused(error)
                }
            }
        }
    }

    let place: Place

    init(_ place: Place) { self.place = place }
}
