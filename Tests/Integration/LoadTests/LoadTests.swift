import TestSupport
import Testing

/// What the server promises about crowds, with processes of their own for the server and for its clients.
///
/// One after the other, because each takes what the machine has. `make load-test` runs them with the real crowds, and measures how
/// long answers take, for which the machine must be idle.
@Suite(.serialized) struct LoadTests {
    @Test func manyConnectionsAreKeptAndThoseAboveTheLimitAreTold() async throws {
        try await onThread {
            let count = Load.count(1_000, full: 10_000)
            let server = try Probe(["serve", "connections=\(count)"])
            let address = try server.line()
            let files = try Asker(address: address).figures()["files"]
            let crowd = try Probe(["idle", address, "\(count + 100)"])
            #expect(try crowd.line() == "ready 200=\(count) 503=100")
            crowd.goOn()
            #expect(try crowd.line() == "again 0=100 200=\(count)")
            server.goOn()
            let figures = Figures(try server.line())
            #expect(figures["connections"] == 0)
            #expect(figures["handled"] == 2 * count + 1)
            #expect(figures["files"] < files, "\(figures.line)")
        }
    }

    /// Few descriptors, many clients: those that find none are told, and when others leave there is room again.
    @Test func aLackOfDescriptorsIsSurvived() async throws {
        try await onThread {
            let server = try Probe(["serve", "connections=5000"], maxOpenFiles: 256)
            let address = try server.line()
            let crowd = try Probe(["idle", address, "1000"])
            let ready = Figures(try crowd.line())
            #expect(ready["200"] > 200 && ready["200"] < 256, "\(ready.line)")
            #expect(ready["200"] + ready["503"] == 1_000, "\(ready.line)")
            crowd.goOn()
            #expect(Figures(try crowd.line())["200"] == ready["200"])
            // Asked of the system, because the server may have no descriptor for a client that asks.
            try waitUntil { ProcessFigures.read(of: server.processNumber).descriptors < 100 }
            let normal = Figures(try Probe(["latency", address, "200"]).line())
            #expect(normal["requests"] > 0)
            server.goOn()
            let figures = Figures(try server.line())
            #expect(figures["hit.descriptors"] == ready["503"], "\(figures.line)")
        }
    }

    @Test func answersThatWaitNeedNoThreads() async throws {
        try await onThread {
            let count = Load.count(500, full: 2_000)
            let server = try Probe(["serve", "connections=5000"])
            let address = try server.line()
            let asker = Asker(address: address)
            let before = try asker.figures()
            let crowd = try Probe(["later", address, "\(count)"])
            #expect(try crowd.line() == "ready")
            try waitUntil { try asker.figures()["waiting"] == count }
            #expect(try asker.figures()["threads"] == before["threads"])
            crowd.goOn()
            #expect(try crowd.line() == "left")
            #expect(try asker.put("/answer") == "\(count)\n")
            #expect(try crowd.line() == "answered 200=\(count / 2)")
            // The server notices those that have left, and keeps nothing of them; the one that is left asks.
            try waitUntil { try asker.figures()["connections"] <= 1 }
            #expect(try asker.figures()["running"] <= 1)
        }
    }

    @Test func streamsThatWaitAreCheapAndAllAreWoken() async throws {
        try await onThread {
            let count = Load.count(500, full: 5_000)
            let server = try Probe(["serve", "connections=6000"])
            let address = try server.line()
            let asker = Asker(address: address)
            let before = try asker.figures()
            let crowd = try Probe(["watch", address, "\(count)"])
            #expect(try crowd.line() == "ready")
            let after = try asker.figures()
            let bytesEach = (after["resident"] - before["resident"]) / count
            print("\(count) idle streams: \(bytesEach) bytes of resident memory each")
            #expect(after["watchers"] == count)
            #expect(after["threads"] == before["threads"])
            if Load.isFull { #expect(bytesEach <= 13 << 10) }
            for round in 0..<3 {
                #expect(try asker.put("/publish", "\(round)") == "\(count)\n")
                crowd.goOn()
                #expect(Figures(try crowd.line())["received"] == count)
            }
            server.goOn()
            let figures = Figures(try server.line())
            #expect(figures["watchers"] == 0)
        }
    }

    /// Stopped again and again under load, it answers all that it has accepted and leaves nothing behind.
    @Test func stoppingUnderLoadLosesNothing() async throws {
        try await onThread {
            let rounds = Load.count(20, full: 100)
            let stops = Figures(try Probe(["stop", "\(rounds)", "64"]).line(within: Load.patience))
            print(stops.line)
            #expect(stops["rounds"] == rounds)
            #expect(stops["handled"] > rounds * 64, "Void: hardly anything was asked.")
            #expect(stops["wrong"] == 0, "\(stops.line)")
            if Load.isFull { #expect(stops["longest"] < 5_000, "\(stops.line)") }
            #expect(stops["descriptors"] == 0)
            #expect(stops["threads"] == 0)
            #expect(stops["residentKiB"] < 8 << 10, "\(stops.line)")
        }
    }

    @Test func requestsOfEveryKindLeaveNothingBehind() async throws {
        try await onThread {
            let count = Load.count(20_000, full: 1_000_000)
            let server = try Probe(["serve"])
            let address = try server.line()
            let asker = Asker(address: address)
            // What the process keeps for good comes with the first requests.
            #expect(Figures(try Probe(["mixed", address, "5000"]).line())["wrong"] == 0)
            try waitUntil { try asker.figures()["connections"] <= 1 }
            let before = try asker.figures()
            let mixed = Figures(try Probe(["mixed", address, "\(count)"]).line(within: Load.patience))
            #expect(mixed["requests"] == count)
            #expect(mixed["wrong"] == 0, "\(mixed.line)")
            try waitUntil { try asker.figures()["connections"] <= 1 }
            let after = try asker.figures()
            let growth = after["resident"] - before["resident"]
            print("\(count) requests: resident memory grew by \(growth >> 10) KiB; \(mixed.line)")
            #expect(growth < 1 << 20, "\(before.line) then \(after.line)")
            #expect(after["threads"] == before["threads"])
        }
    }

    /// In a network of its own, since loopback addresses are not limited.
    @Test func oneAddressDoesNotTakeAllConnections() async throws {
        try await onThread {
            let probe = Program.path(of: "http-probe")
            let script =
                "ip link set lo up && ip address add 10.9.9.9/32 dev lo && exec \(probe) neighbours 10.9.9.9:0 300"
            let ending = try Program.run("/usr/bin/unshare", ["-n", "sh", "-c", script])
            #expect(ending.output == "200=256 503=44 hits=44\n", "\(ending.errors)")
        }
    }
}
