#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// A later header of a connection, in the memory where libmicrohttpd has received it.
///
/// libmicrohttpd calls back when it has parsed the request line, before it looks at the fields. At that moment the bytes behind
/// the line are as they came: only later it writes NUL over colons and the ends of lines, and then nobody can tell a bare LF,
/// a NUL or a line of just a colon from a proper end. So the fields are read here, and not when they are reported.
///
/// What this relies on, and why a mistake would be noticed:
/// - Each connection has one block of memory, ``ServerLimits/poolBytes`` long, which does not move and in which every request
///   begins at the first byte. The first request tells where that is.
/// - What was not received is NUL, as libmicrohttpd clears the block when a request is over. That does not hold for the first
///   request, which is judged before libmicrohttpd is given the connection.
/// - A NUL that was received and has only NUL behind it looks like nothing. It is overwritten with a byte that belongs to no
///   field; if it was nothing, libmicrohttpd will write what it receives over that. So either way the header that
///   libmicrohttpd reads has one more byte than the one that was judged, or is that very one.
/// - libmicrohttpd takes the query apart when the callback has returned, so of the line only what comes before it is used later.
/// - When libmicrohttpd has read the header, it must begin and end where the judged one does, or the request is refused: then
///   each line has ended at the same place, as no line within is empty for libmicrohttpd and the judge both.
struct ReceivedHeader {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    enum Reading {
        case accepted(RequestHead)
        /// The fields go on with what has not been received yet.
        case begun(PendingHeader.Begun)
    }

    /// Where the block begins and ends.
    private let first: UnsafeMutablePointer<UInt8>
    private let end: UnsafeMutablePointer<UInt8>

    private static let versionBytes = 8
    private static let longestMethod = 16

    /// - Parameters:
    ///   - first: where the connection's requests begin.
    ///   - limits: the limits that the block was made for.
    init(at first: UnsafeMutablePointer<UInt8>, limits: ServerLimits) {
        self.first = first
        end = first + limits.poolBytes
    }

    /// Whether the method is HEAD, once the line was parsed.
    var isHead: Bool { Bytes(start: first, count: 5).elementsEqual(Self.head) }
    private static let head = Array("HEAD\0".utf8)

    /// Reads the header whose target was parsed.
    ///
    /// - Parameters:
    ///   - target: where its target is.
    ///   - limits: the limits to judge it by.
    /// - Returns: what was accepted, or what is known of a header that has not come completely.
    /// - Throws: why it is refused.
    func read(target: UnsafeMutablePointer<CChar>, limits: ServerLimits) throws(Refusal) -> Reading {
        guard let (line, start) = line(target: UnsafeMutableRawPointer(target).assumingMemoryBound(to: UInt8.self)),
            let versionStart = line.version.baseAddress
        else { throw .malformedLine }
        if let refusal = line.refusal(limits: limits) { throw refusal }
        let fieldsStart = versionStart + Self.versionBytes + 2
        let lineBytes = fieldsStart - UnsafePointer(first) - start
        let rest = Bytes(start: fieldsStart, count: UnsafePointer(end) - fieldsStart)
        var fields = HeaderFieldParser()
        switch fields.read(rest) {
        case .complete(let count):
            // The line's end may have been LF and NUL, and then libmicrohttpd takes that NUL for an empty line.
            guard fields.fields > 0 else { throw .malformedLine }
            return .accepted(
                try RequestHead(line, fields, start: start, bytes: lineBytes + count, limits: limits)
            )
        case .malformed(let place) where isEmpty(from: fieldsStart + place):
            guard lineBytes + place < limits.headerRoomBytes else { throw .headerTooLong(limits) }
            first[fieldsStart - UnsafePointer(first) + place] = Self.noByteOfAField
            return begun(line, start, lineBytes, Bytes(rebasing: rest[..<place]), limits)
        case .malformed: throw .malformedField
        case .incomplete: return begun(line, start, lineBytes, rest, limits)
        }
    }

    private func begun(
        _ line: RequestLine,
        _ start: Int,
        _ lineBytes: Int,
        _ fields: Bytes,
        _ limits: ServerLimits
    ) -> Reading {
        var query: [UInt8]?
        // They are no longer there when it is known whether the header has room.
        let bytes = start + lineBytes + DetachedHeader.substituteBytes
        if !limits.haveRoom(forHeader: bytes, pairs: line.parameters + DetachedHeader.substituteFields) {
            let target = UnsafeMutableBufferPointer(mutating: line.target)
            query = target.firstIndex(of: UInt8(ascii: "?")).map { Array(target[($0 + 1)...]) }
            DetachedHeader.hideParameters(in: target)
        }
        let begun = PendingHeader.Begun(
            line: line,
            start: start,
            lineBytes: lineBytes,
            fields: fields,
            hiddenQuery: query
        )
        return .begun(begun)
    }

    private static let noByteOfAField: UInt8 = 0x7f

    /// The line around a target; nil if it is not written as it must be.
    private func line(target: UnsafeMutablePointer<UInt8>) -> (line: RequestLine, start: Int)? {
        // An empty line before it has left two NULs, or is still there. It may have been two bare LF, or NUL and LF: nothing is
        // hidden by that.
        let hasEmptyLine =
            (first[0] == 0 && first[1] == 0) || (first[0] == UInt8(ascii: "\r") && first[1] == UInt8(ascii: "\n"))
        let start = hasEmptyLine ? 2 : 0
        let method = first + start
        let methodBytes = target - method - 1
        guard (1...Self.longestMethod).contains(methodBytes), method[0] != 0, target[-1] == 0 else { return nil }
        let targetBytes = strlen(UnsafeRawPointer(target).assumingMemoryBound(to: CChar.self))
        let version = target + targetBytes + 1
        let lineEnd = version + Self.versionBytes
        // libmicrohttpd 0.9.75 has written NUL over both bytes of the end, 1.0 over the first.
        guard lineEnd + 2 <= end, lineEnd[0] == 0, lineEnd[1] == 0 || lineEnd[1] == UInt8(ascii: "\n") else {
            return nil
        }
        let line = RequestLine(
            method: Bytes(start: method, count: methodBytes),
            target: Bytes(start: target, count: targetBytes),
            version: Bytes(start: version, count: Self.versionBytes)
        )
        return (line, start)
    }

    private func isEmpty(from start: UnsafePointer<UInt8>) -> Bool {
        Bytes(start: start, count: UnsafePointer(end) - start).allSatisfy { $0 == 0 }
    }
}

/// The later header that was accepted last, since whoever keeps a connection mostly asks for the same again.
///
/// What ``ReceivedHeader`` accepts depends on nothing but the limits and the bytes up to the header's end, so the same bytes at the
/// same moment are the same header. Not Sendable: only the loop's thread touches it.
final class LastHeaderCache {
    private let room: UnsafeMutableRawPointer
    private let roomBytes: Int
    private var count = 0
    private var head: RequestHead?

    init(_ limits: ServerLimits) {
        roomBytes = limits.poolBytes
        room = .allocate(byteCount: roomBytes, alignment: 1)
    }

    deinit { room.deallocate() }

    /// What was accepted, if a connection's memory begins with the same bytes.
    func head(in memory: UnsafePointer<UInt8>) -> RequestHead? { memcmp(room, memory, count) == 0 ? head : nil }

    /// Keeps what was accepted; libmicrohttpd has not touched the fields yet.
    func keep(_ head: RequestHead, in memory: UnsafePointer<UInt8>) {
        let count = head.start + head.bytes
        guard count <= roomBytes else { return }
        (self.head, self.count) = (head, count)
        memcpy(room, memory, count)
    }
}
