import Glibc
import HTTPTypes
@testable import MicroHTTP
import TestSupport
import Testing

@Suite struct ConnectionLimitTests {
    @Test func aConnectionAboveTheLimitIsToldAtOnce() async throws {
        var limits = ServerLimits.patient
        limits.maxConnections = 2
        let fixture = try Fixture(limits: limits)
        var open = try (0..<2).map { _ in try fixture.connect() }
        for client in open { #expect(try client.exchange(request("GET /hello")).status == 200) }
        // Before it has sent anything.
        let refused = try fixture.connect().read()
        #expect(refused.status == 503)
        #expect(refused.has("Retry-After: 1"))
        #expect(refused.has("Connection: close"))
        #expect(refused.body == "too many connections are open\n")
        try await until { fixture.server.statistics.limitHits[.connections] == 1 }
        #expect(fixture.server.statistics.connections == 2)
        // Room is made by those who leave.
        open.removeLast()
        try await until { fixture.server.statistics.connections == 1 }
        #expect(try fixture.connect().exchange(request("GET /hello")).status == 200)
        #expect(try open[0].exchange(request("GET /hello")).status == 200)
    }

    @Test func aRefusedClientMaySendItsRequestFirst() async throws {
        var limits = ServerLimits.patient
        limits.maxConnections = 0
        let fixture = try Fixture(limits: limits)
        for _ in 0..<300 {
            #expect(
                try fixture.connect().exchange(request("PUT /echo", body: String(repeating: "a", count: 2_000))).status
                    == 503
            )
        }
        try await until { fixture.server.statistics.limitHits[.connections] == 300 }
        #expect(fixture.server.statistics.requestsHandled == 0)
    }

    @Test func eachAddressIsCountedForItself() {
        var table = ConnectionTable()
        let connections = ["0.0.0.1", "0.0.0.1", "0.0.0.2", "0:0:0:1::", "::1"]
            .map {
                Connection(
                    descriptor: -1,
                    peer: PeerAddress(Self.storage(of: $0)),
                    listener: BoundAddress(path: "/"),
                    deadline: 0
                )
            }
        for one in connections { table.insert(one) }
        #expect(table.count == 5)
        #expect(table.count(from: .ipv4(1)) == 2)
        #expect(table.count(from: .ipv4(2)) == 1)
        #expect(table.count(from: .ipv6(1)) == 1)
        #expect(table.count(from: .local) == 0)
        table.remove(connections[0])
        table.remove(connections[0])
        table.remove(connections[4])
        #expect(table.count == 3)
        #expect(table.count(from: .ipv4(1)) == 1)
        table.remove(connections[1])
        #expect(table.count(from: .ipv4(1)) == 0)
        #expect(table.connections.map(\.index) == Array(0..<2))
    }

    @Test(arguments: [
        ("127.0.0.1", PeerAddress.Network.local), ("127.200.3.4", .local), ("10.1.2.3", .ipv4(0x0a01_0203)),
        ("::1", .local), ("::ffff:127.0.0.1", .local), ("::ffff:10.1.2.3", .ipv4(0x0a01_0203)),
        ("2001:db8:1:2::1", .ipv6(0x2001_0db8_0001_0002)), ("2001:db8:1:2:ffff::9", .ipv6(0x2001_0db8_0001_0002)),
    ])
    func aPeerIsCountedByItsAddressOrItsNetwork(_ text: String, _ network: PeerAddress.Network) {
        let peer = PeerAddress(Self.storage(of: text))
        #expect(peer.network == network)
        #expect(peer.text == (text.hasPrefix("::ffff:") ? String(text.dropFirst(7)) : text))
    }

    private static func storage(of text: String) -> sockaddr_storage {
        var storage = sockaddr_storage()
        withUnsafeMutableBytes(of: &storage) { bytes in
            if text.contains(":") {
                var address = sockaddr_in6()
                address.sin6_family = sa_family_t(AF_INET6)
                #expect(inet_pton(AF_INET6, text, &address.sin6_addr) == 1)
                bytes.storeBytes(of: address, as: sockaddr_in6.self)
            } else {
                var address = sockaddr_in()
                address.sin_family = sa_family_t(AF_INET)
                #expect(inet_pton(AF_INET, text, &address.sin_addr) == 1)
                bytes.storeBytes(of: address, as: sockaddr_in.self)
            }
        }
        return storage
    }

    @Test func aClientOnAUnixSocketIsLocal() {
        var storage = sockaddr_storage()
        storage.ss_family = sa_family_t(AF_UNIX)
        #expect(PeerAddress(storage).network == .local)
        #expect(PeerAddress(storage).text == nil)
    }
}
