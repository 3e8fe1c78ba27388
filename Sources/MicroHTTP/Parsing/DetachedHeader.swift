internal import HTTPTypes
internal import Primitives

/// A header for which the memory of its connection has no room, kept here until the request is over.
///
/// Browsers send all their cookies and clients send tokens of some KiB, but most headers are small. So each connection has the
/// memory for a small one, as long as it is open. In the place of a larger one libmicrohttpd reads a substitute: the same line, and
/// only those fields that libmicrohttpd itself looks at. Handlers read the fields and the query here.
///
/// Not Sendable: only the loop's thread touches it.
final class DetachedHeader {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    /// The fields, in the order in which they came.
    let fields: UnsafeBufferPointer<ConnectionFields.Pair>
    /// The query as it came; nil without one, and where libmicrohttpd has its parameters.
    let query: Bytes?
    /// The socket that libmicrohttpd reads the substitute from; nil where it does not, or does no longer.
    var feed: StandInSocket?
    private let bytes: UnsafeMutableBufferPointer<UInt8>
    private let pairs: UnsafeMutableBufferPointer<ConnectionFields.Pair>
    private let head: RequestHead

    /// More than the shortest substitute for any fields takes: `Host`, `Content-Length`, `Connection` and `Expect`.
    static let substituteBytes = 128
    static let substituteFields = 4
    private static let versionBytes = 8
    private static let lineEnd = 2

    /// Copies a header that was accepted.
    ///
    /// - Parameters:
    ///   - head: what was found in it.
    ///   - line: where its line begins, whose fields follow at once; the spaces and the end of the line may be NUL.
    convenience init(_ head: RequestHead, at line: UnsafePointer<UInt8>) {
        let whole = Bytes(start: line, count: head.bytes)
        let target = Self.target(of: head, in: whole)
        let query = whole[target].firstIndex(of: UInt8(ascii: "?"))
        self.init(
            head,
            query: query.map { Bytes(rebasing: whole[($0 + 1)..<target.upperBound]) },
            fields: Bytes(rebasing: whole[Self.fieldsStart(behind: target)...])
        )
    }

    /// Copies a header that was accepted.
    ///
    /// - Parameters:
    ///   - head: what was found in it.
    ///   - query: the query; nil without one, and where libmicrohttpd has its parameters.
    ///   - fields: the fields and the empty line.
    init(_ head: RequestHead, query: Bytes?, fields: Bytes) {
        self.head = head
        let queryBytes = query?.count ?? 0
        bytes = .allocate(capacity: queryBytes + fields.count)
        let (queryCopy, rest) = (bytes.extracting(..<queryBytes), bytes.extracting(queryBytes...))
        if let query { _ = queryCopy.initialize(from: query) }
        _ = rest.initialize(from: fields)
        self.query = query == nil ? nil : Bytes(queryCopy)
        let found = Self.pairs(of: Bytes(rest))
        pairs = .allocate(capacity: found.count)
        _ = pairs.initialize(from: found)
        self.fields = UnsafeBufferPointer(pairs)
    }

    deinit {
        pairs.deallocate()
        bytes.deallocate()
    }

    /// The bytes of a request line with its end.
    ///
    /// - Parameters:
    ///   - head: what was found in the header.
    ///   - line: where the line begins.
    /// - Returns: where the fields begin, counted from the line.
    static func lineBytes(of head: RequestHead, at line: UnsafePointer<UInt8>) -> Int {
        fieldsStart(behind: target(of: head, in: Bytes(start: line, count: head.bytes)))
    }

    /// Makes many parameters one, so that libmicrohttpd takes memory for one.
    static func hideParameters(in line: UnsafeMutableBufferPointer<UInt8>) {
        guard let query = line.firstIndex(of: UInt8(ascii: "?")) else { return }
        for index in query..<line.endIndex where line[index] == UInt8(ascii: "&") { line[index] = UInt8(ascii: ".") }
    }

    /// The fields that libmicrohttpd reads in the place of these, and the empty line; they are no longer than these.
    ///
    /// - Parameter count: how many bytes it is at least; white space fills it up.
    /// - Returns: the bytes.
    func substitute(atLeast count: Int) -> [UInt8] {
        // Without Host, which only HTTP/1.0 may lack, the shortest field that there is.
        var name = hasField("host") ? "Host:" : "a:"
        var rest = "\r\n"
        if head.bodyBytes > 0 { rest += "Content-Length:\(head.bodyBytes)\r\n" }
        if head.expectsContinue { rest += "Expect:100-continue\r\n" }
        if hasConnectionOption("close") {
            rest += "Connection:close\r\n"
        } else if hasConnectionOption("keep-alive") {
            rest += "Connection:Keep-Alive\r\n"
        }
        rest += "\r\n"
        name += String(repeating: " ", count: max(0, count - name.utf8.count - rest.utf8.count))
        return Array((name + rest).utf8)
    }

    /// Whether a Connection field has an option, which is in lower case.
    private func hasConnectionOption(_ option: StaticString) -> Bool {
        fields.contains { name, value in
            name.equalsLowercase("connection")
                && value?.split(separator: UInt8(ascii: ","))
                    .contains { Bytes(rebasing: $0).withoutOuterSpace.equalsLowercase(option) } == true
        }
    }

    private func hasField(_ wanted: StaticString) -> Bool { fields.contains { $0.name.equalsLowercase(wanted) } }

    /// Where the target is in a header, which NUL or a space ends.
    private static func target(of head: RequestHead, in header: Bytes) -> Range<Int> {
        let rest = header[head.targetStart...]
        return head.targetStart..<(rest.firstIndex { $0 <= UInt8(ascii: " ") } ?? rest.endIndex)
    }

    private static func fieldsStart(behind target: Range<Int>) -> Int {
        target.upperBound + 1 + versionBytes + lineEnd
    }

    /// The fields, whose form was accepted.
    private static func pairs(of fields: Bytes) -> [ConnectionFields.Pair] {
        fields.split(separator: UInt8(ascii: "\n"))
            .compactMap { line in
                let line = Bytes(rebasing: line.dropLast())
                return line.firstIndex(of: UInt8(ascii: ":"))
                    .map { colon in
                        (Bytes(rebasing: line[..<colon]), Bytes(rebasing: line[(colon + 1)...]).withoutSpaceBefore)
                    }
            }
    }
}

extension QueryItem {
    /// The parameters of a query whose form was accepted, as libmicrohttpd finds them: nothing behind the last `&` is none.
    static func parse(_ query: UnsafeBufferPointer<UInt8>) -> [QueryItem] {
        var parts = query.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
        if parts.last?.isEmpty == true { parts.removeLast() }
        return parts.compactMap { part in
            let equals = part.firstIndex(of: UInt8(ascii: "="))
            let name = part[..<(equals ?? part.endIndex)]
            guard let name = decode(name) else { return nil }
            return QueryItem(name: name, value: equals.flatMap { decode(part[($0 + 1)...]) })
        }
    }

    private static func decode(_ part: Slice<UnsafeBufferPointer<UInt8>>) -> String? {
        PercentDecoding.decode(part.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 })
    }
}
