@testable import MicroHTTP

/// How libmicrohttpd 0.9.75 reads a later header of a connection, with all that it lets through: `get_next_header_line`,
/// `parse_initial_message_line`, `process_header_line` and `process_broken_line` in its `connection.c`.
///
/// The reader of ``ReceivedHeader`` is tried on the memory that it leaves.
final class Libmicrohttpd075 {
    typealias Bytes = UnsafeBufferPointer<UInt8>

    private let limits: ServerLimits
    private let memory: UnsafeMutableBufferPointer<UInt8>
    private var received = 0
    /// Where the next line begins.
    private var next = 0
    private var line = 0
    private var target = 0

    /// The library has received these bytes of a request, and no others.
    init(_ bytes: ArraySlice<UInt8>, limits: ServerLimits) {
        self.limits = limits
        memory = .allocate(capacity: limits.poolBytes)
        memory.initialize(repeating: 0)
        receive(bytes)
    }

    deinit { memory.deallocate() }

    /// Whether a handler would be called for the request, of which this much was received at first and the rest later.
    ///
    /// - Returns: the bytes of its header; nil if it is refused, or the library refuses it by itself.
    static func takes(_ bytes: [UInt8], receivedAtFirst count: Int, limits: ServerLimits) -> Int? {
        let library = Libmicrohttpd075(bytes[..<count], limits: limits)
        guard let target = library.readLine() else { return nil }
        guard let reading = try? ReceivedHeader(at: library.first, limits: limits).read(target: target, limits: limits)
        else { return nil }
        library.takeQueryApart()
        let accepted: RequestHead
        switch reading {
        case .accepted(let head): accepted = head
        case .begun(let begun):
            let fields = Array(begun.fields) + bytes[count...]
            let judgement = fields.withUnsafeBufferPointer { begun.judge($0, limits: limits) }
            guard case .accepted(let head) = judgement else { return nil }
            accepted = head
        }
        library.receive(bytes[count...])
        guard let end = library.readFields(), library.line == accepted.start, end - library.line == accepted.bytes
        else {
            return nil
        }
        return accepted.bytes
    }

    private var first: UnsafeMutablePointer<UInt8> {
        guard let first = memory.baseAddress else { fatalError("there is memory") }
        return first
    }

    private func receive(_ bytes: ArraySlice<UInt8>) {
        for byte in bytes.prefix(memory.count - received) {
            memory[received] = byte
            received += 1
        }
    }

    /// Reads the request line; nil if there is none, or the library takes it for none.
    private func readLine() -> UnsafeMutablePointer<CChar>? {
        var length = 0
        repeat {
            guard let (start, count) = takeLine() else { return nil }
            (line, length) = (start, count)
        } while memory[line] == 0
        let end = line + length
        guard let space = (line..<end).first(where: { memory[$0] == 0x20 }) else { return nil }
        memory[space] = 0
        target = space + 1
        while target < end, memory[target] == 0x20 { target += 1 }
        guard target < end else { return nil }
        var version = end - 1
        while memory[version] == 0x20, version > target { version -= 1 }
        while memory[version] != 0x20, version > target { version -= 1 }
        guard version > target, end - version == 9, memory[(version + 1)...].starts(with: Array("HTTP/".utf8)) else {
            return nil
        }
        memory[version] = 0
        return UnsafeMutableRawPointer(first + target).assumingMemoryBound(to: CChar.self)
    }

    /// As `MHD_parse_arguments_` does behind the callback.
    private func takeQueryApart() {
        var place = target
        while memory[place] != 0 {
            if [0x3f, 0x26, 0x3d].contains(memory[place]) { memory[place] = 0x00 }
            place += 1
        }
    }

    /// Reads the fields; nil if they are not complete, or refused by the library itself.
    private func readFields() -> Int? {
        var isFirst = true
        while let (start, _) = takeLine() {
            if isFirst, memory[start] == 0 { return next }
            if !isFirst, memory[start] == 0x20 || memory[start] == 0x09 { continue }
            if memory[start] != 0 {
                let end = memory[start...].firstIndex(of: 0) ?? memory.count
                guard let colon = memory[start..<end].firstIndex(of: 0x3a) else { return nil }
                memory[colon] = 0
            }
            if !isFirst, memory[start] == 0 { return next }
            isFirst = false
        }
        return nil
    }

    private func takeLine() -> (start: Int, count: Int)? {
        let start = next
        var place = start
        while place < received {
            if memory[place] == 0x0d, place + 1 < received, memory[place + 1] == 0x0a {
                (memory[place], memory[place + 1], next) = (0, 0, place + 2)
                return (start, place - start)
            }
            if memory[place] == 0x0a {
                (memory[place], next) = (0, place + 1)
                return (start, place - start)
            }
            place += 1
        }
        return nil
    }
}
