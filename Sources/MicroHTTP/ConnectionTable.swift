/// The open connections, and how many each address has.
///
/// Not Sendable: only the loop's thread touches it.
struct ConnectionTable {
    private(set) var connections: [Connection] = []
    private var counts: [PeerAddress: Int] = [:]

    var count: Int { connections.count }

    /// How many connections an address has.
    func count(from peer: PeerAddress) -> Int { counts[peer] ?? 0 }

    mutating func insert(_ connection: Connection) {
        connection.index = connections.count
        connections.append(connection)
        if connection.peer != .local { counts[connection.peer, default: 0] += 1 }
    }

    mutating func remove(_ connection: Connection) {
        guard connection.index >= 0, let last = connections.popLast() else { return }
        if last !== connection {
            connections[connection.index] = last
            last.index = connection.index
        }
        connection.index = -1
        guard connection.peer != .local, let count = counts[connection.peer] else { return }
        counts[connection.peer] = count > 1 ? count - 1 : nil
    }
}
