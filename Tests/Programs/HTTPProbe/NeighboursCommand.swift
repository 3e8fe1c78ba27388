internal import HTTPTypes
internal import MicroHTTP
internal import TestSupport

/// A server and more clients from one address than it takes, in one process.
struct NeighboursCommand {
    let address: String
    let count: Int

    func run() throws {
        let configuration = ServerConfiguration(addresses: [try ListenAddress(address)], limits: .patient)
        let server = Server(configuration: configuration) { _ in .now(.text(status: .ok, "hello")) }
        let bound = try server.start()[0]
        var crowd = try Crowd("\(bound)")
        try crowd.connect(count)
        var statuses: [Int: Int] = [:]
        for index in crowd.sockets.indices {
            crowd.send(requestText("GET /"), on: index)
            statuses[crowd.readAnswer(on: index)?.status ?? 0, default: 0] += 1
        }
        HTTPProbe.say("\(IdleCommand.list(statuses)) hits=\(server.statistics.limitHits[.connectionsPerAddress] ?? 0)")
        crowd.closeAll()
        server.stop(within: .seconds(1))
    }
}
