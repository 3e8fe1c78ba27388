// For epoll, which the module Glibc does not have.
internal import CLinux
internal import Glibc
internal import TestSupport

/// Reads many streams of server-sent events, each of one model, as fast as they come.
struct EventReaders {
    private let sockets: [Int32]
    private let poller: Int32
    private var ready: [epoll_event]
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)
    private(set) var clients: [EventClient]

    init(_ sockets: [Int32]) throws {
        self.sockets = sockets
        clients = [EventClient](repeating: EventClient(), count: sockets.count)
        ready = [epoll_event](repeating: epoll_event(), count: max(1, sockets.count))
        poller = epoll_create1(Int32(EPOLL_CLOEXEC))
        for (index, number) in sockets.enumerated() {
            var event = epoll_event(events: UInt32(EPOLLIN.rawValue), data: epoll_data_t(u64: UInt64(index)))
            guard epoll_ctl(poller, EPOLL_CTL_ADD, number, &event) == 0 else {
                throw Crowd.Failure(what: "epoll_ctl failed with \(errno)")
            }
        }
    }

    /// Counts events anew.
    mutating func beginCounting() {
        for index in clients.indices { (clients[index].events, clients[index].missed) = (0, 0) }
    }

    /// Reads until all clients have what is wanted.
    mutating func read(until isDone: (EventClient) -> Bool) throws {
        let end = ContinuousClock.now + patience
        var waiting = Set(clients.indices.filter { !isDone(clients[$0]) })
        while !waiting.isEmpty {
            guard ContinuousClock.now < end else {
                throw Crowd.Failure(what: "\(waiting.count) have not been told")
            }
            for index in try readWhatIsThere(waitingMilliseconds: 100) where isDone(clients[index]) {
                waiting.remove(index)
            }
        }
    }

    /// Reads what has come.
    ///
    /// - Returns: to whom.
    @discardableResult
    mutating func readWhatIsThere(waitingMilliseconds: Int32 = 0) throws -> [Int] {
        let count = epoll_wait(poller, &ready, Int32(ready.count), waitingMilliseconds)
        let indices = ready.prefix(Int(max(0, count))).map { Int($0.data.u64) }
        for index in indices {
            let bytes = recv(sockets[index], &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard bytes > 0 else { throw Crowd.Failure(what: "stream \(index) has ended") }
            try clients[index].take(buffer[..<bytes])
        }
        return indices
    }
}

/// What a client has been told of a model.
struct EventClient {
    /// The beginning of a line whose end has not come yet.
    private var rest: [UInt8] = []
    private var lastID: UInt64 = 0
    private(set) var lastRevision: UInt64 = 0
    var events = 0
    var missed = 0

    /// Takes what has come: a piece of the stream.
    mutating func take(_ piece: ArraySlice<UInt8>) throws {
        var piece = piece
        while let end = piece.firstIndex(of: UInt8(ascii: "\n")) {
            if rest.isEmpty {
                try takeLine(piece[..<end])
            } else {
                rest += piece[..<end]
                try takeLine(rest[...])
                rest.removeAll(keepingCapacity: true)
            }
            piece = piece[(end + 1)...]
        }
        rest += piece
    }

    private mutating func takeLine(_ line: ArraySlice<UInt8>) throws {
        if line.starts(with: "id: ".utf8) {
            // The id is the incarnation, a hyphen and the number.
            let number = Self.number(line.drop { $0 != UInt8(ascii: "-") }.dropFirst())
            guard number > lastID else { throw Crowd.Failure(what: "\(number) follows \(lastID)") }
            lastID = number
        } else if line.starts(with: #"data: {"model":"Slot00","revision":"#.utf8) {
            events += 1
            lastRevision = Self.number(line.dropFirst(35))
            // It is what the line ends with: ,"missed":3}
            let digits = line.dropLast().reversed().prefix { $0 >= 0x30 && $0 <= 0x39 }
            let before = line.dropLast(digits.count + 1)
            if before.suffix(10).elementsEqual(#","missed":"#.utf8) {
                missed += Int(Self.number(line.dropFirst(before.count)))
            }
        }
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64 {
        digits.prefix { $0 >= 0x30 && $0 <= 0x39 }.reduce(0) { $0 * 10 + UInt64($1 - 0x30) }
    }
}
