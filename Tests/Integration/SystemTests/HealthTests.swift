import Foundation
import IntegrationSupport
import TestSupport
import Testing

/// The command `health` beside real services: at each kind of address, with the flags of the service and without.
@Suite struct HealthTests {
    private let directory: TemporaryDirectory
    private let exporter = Program.path(of: "myosin-exporter")
    private var models: String { "--state.models \(Service.exampleModels)" }

    init() throws { directory = try TemporaryDirectory() }

    /// How long a service may take that is going to answer.
    private static let patient = "--timeout 1h"

    /// Runs a script in a network and among processes of its own, where `start` starts a service and waits for it, and `health` asks.
    ///
    /// - Returns: what the script prints on both streams.
    private func run(_ script: String) throws -> String {
        let whole = """
            ip link set lo up
            cd \(directory.path)
            start() {
                : > log
                "$@" \(Service.longDeadlines.joined(separator: " ")) > log 2>&1 &
                until grep -q Ready log; do kill -0 $! || { cat log; exit 9; }; sleep 0.05; done
            }
            serve() { start \(exporter) \(models) "$@"; }
            health() { \(exporter) health "$@" 2>&1; echo "status $?"; }
            \(script)
            """
        let spaces = ["--mount-proc", "--net", "--pid", "--fork", "--kill-child"]
        return try Program.run("/usr/bin/unshare", spaces + ["/bin/sh", "-c", whole]).output
    }

    // MARK: Addresses

    /// The address to listen on, and where it is asked.
    private static let addresses = [
        ("127.0.0.1:8000", "127.0.0.1:8000"), ("localhost:9000", "127.0.0.1:9000"),
        ("127.0.0.9:9000", "127.0.0.9:9000"),
        (":9000", "127.0.0.1:9000"), ("0.0.0.0:9000", "127.0.0.1:9000"), ("[::1]:9000", "[::1]:9000"),
        ("[::]:9000", "[::1]:9000"), ("unix:a,b.sock,mode=0600", "unix:a,b.sock"),
    ]

    @Test(arguments: addresses, ["", ",access=none", ",access=metrics", ",access=read", ",access=write"])
    func itAsksWhereTheFlagsSay(_ address: (listening: String, asked: String), _ access: String) throws {
        let flags = "--web.listen-address '\(address.listening)\(access)' --log.level debug"
        let output = try run("serve \(flags); health \(Self.patient) \(models) \(flags)")
        let more = access == ",access=none" ? ", and answers anonymous clients nothing else" : ""
        #expect(output == "\(address.asked) is healthy\(more).\nstatus 0\n")
    }

    @Test(arguments: addresses) func withoutFlagsItAsksWhereTheServiceListens(
        _ address: (listening: String, asked: String)
    ) throws {
        // From another directory, and beside other commands of the program.
        let output = try run(
            """
            serve '--web.listen-address=\(address.listening)'
            cd /
            health \(Self.patient)
            health \(Self.patient) --ready
            """
        )
        let asked = output.replacing(#/\/proc\/[0-9]+\/cwd\//#, with: "")
        #expect(asked == "\(address.asked) is healthy.\nstatus 0\n\(address.asked) is ready.\nstatus 0\n")
    }

    /// Ports that the system picks, and sockets that another program has opened.
    @Test func withoutFlagsItFindsTheSocketsOfTheService() throws {
        let output = try run(
            """
            serve --web.listen-address 127.0.0.1:0; health \(Self.patient); kill $!; wait $!
            serve --web.listen-address :0,access=none; health \(Self.patient); health \(Self.patient) --web.listen-address :0
            kill $!; wait $!
            cat > launch.py <<'END'
            import os, socket, sys
            one, two = socket.create_server(("127.0.0.1", 7001)), socket.socket(socket.AF_UNIX)
            two.bind("\(directory.path)/unit.sock")
            two.listen()
            copies = [os.dup(one.fileno()), os.dup(two.fileno())]
            for number, copy in enumerate(copies, 3): os.dup2(copy, number)
            os.closerange(5, 20)
            os.environ.update(LISTEN_FDS=sys.argv[1], LISTEN_PID=str(os.getpid()))
            os.execv(sys.argv[2], sys.argv[2:])
            END
            start python3 launch.py 2 \(exporter) \(models) --web.systemd-socket
            health \(Self.patient); health \(Self.patient) --web.systemd-socket; kill $!; wait $!; rm unit.sock
            start python3 launch.py 0 \(exporter) \(models) --web.listen-address fd:4
            health \(Self.patient); health \(Self.patient) --web.listen-address fd:4; kill $!; wait $!
            start env MYOSIN_WEB_LISTEN_ADDRESS=127.0.0.1:7003 MYOSIN_WEB_EXTERNAL_URL=http://gateway.example/gw1/ \(exporter) \(models)
            health \(Self.patient)
            """
        )
        let answers = output.replacing(#/\]:\d\d+/#, with: "]:PORT").replacing(#/0\.1:[1-9]\d{4}/#, with: "0.1:PORT")
        let closed = "[::1]:PORT is healthy, and answers anonymous clients nothing else.\nstatus 0\n"
        let unit = "127.0.0.1:7001 is healthy.\nstatus 0\n"
        let unix = "unix:\(directory.path)/unit.sock is healthy.\nstatus 0\n"
        // Where its variables say, below its prefix.
        let variables = "127.0.0.1:7003 is healthy.\nstatus 0\n"
        #expect(
            answers
                == "127.0.0.1:PORT is healthy.\nstatus 0\n\(closed)\(closed)\(unit)\(unit)\(unix)\(unix)\(variables)"
        )
    }

    /// One address that answers is enough; behind an external URL nobody of this machine may do anything.
    @Test func ofSeveralAddressesOneMustAnswer() throws {
        let output = try run(
            """
            serve --web.listen-address 127.0.0.1:9001 --web.listen-address unix:socket,access=none \
                --web.external-url https://gateway.example/myosin --web.anonymous none
            health \(Self.patient)
            health \(Self.patient) --web.listen-address 127.0.0.1:1 --web.listen-address unix:socket
            health \(Self.patient) --ready
            """
        )
        let lines = output.split(separator: "\n")
        #expect(
            lines.prefix(4).joined(separator: "\n") == """
                127.0.0.1:9001 is healthy, and answers anonymous clients nothing else.
                status 0
                unix:socket is healthy, and answers anonymous clients nothing else.
                status 0
                """
        )
        #expect(lines.last == "status 1")
        let refusal =
            "Error: 127.0.0.1:9001 does not answer /myosin/readyz: Behind https://gateway.example/myosin anonymous clients"
        #expect(lines.count == 6 && lines[4].hasPrefix(refusal), "\(output)")
    }

    @Test func aServiceIsFoundAfterAnUpgradeOfItsFile() throws {
        let output = try run(
            """
            cp \(exporter) exporter && cp exporter new && start ./exporter \(models) --web.listen-address :9000
            mv new exporter
            ./exporter health \(Self.patient)
            """
        )
        #expect(output == "127.0.0.1:9000 is healthy.\n")
    }

    @Test func theExampleDeviceHasItToo() throws {
        let device = Program.path(of: "device-example")
        let output = try run(
            "start \(device) --state.path state --web.listen-address :9000; \(device) health \(Self.patient)"
        )
        #expect(output == "127.0.0.1:9000 is healthy.\n")
    }

    // MARK: What is wrong

    @Test func aServiceThatDoesNotRunIsToldByItsAddress() throws {
        let output = try run(
            """
            health
            health --web.listen-address :9000 --web.listen-address unix:none.sock
            health --web.listen-address fd:3
            serve --web.listen-address 127.0.0.1:9001; serve --web.listen-address 127.0.0.1:9002
            health
            """
        )
        let lines = output.replacing(#/here: \d+, \d+\./#, with: "here: A, B.")
        #expect(
            lines == """
                Error: No service listens on 127.0.0.1:8000 (Connection refused).
                status 1
                Error: No service listens on 127.0.0.1:9000 (Connection refused). No service listens on unix:none.sock (No such file or directory).
                status 1
                Error: No process of this program is to be seen here. Run health as the user of the service.
                status 1
                Error: Several processes of this program run here: A, B. Name the address of one with --web.listen-address.
                status 1

                """
        )
    }

    @Test func aServiceThatHangsIsTold() throws {
        let output = try run(
            """
            serve; kill -STOP $!
            health --timeout 300ms
            health --timeout 300ms --web.listen-address :8000 --web.listen-address 127.0.0.1:1
            # One that sends a byte now and then.
            cat > drip.py <<'END'
            import itertools, socket, time
            server = socket.create_server(("127.0.0.1", 9000))
            print("Ready", flush=True)
            connection, _ = server.accept()
            for _ in itertools.count():
                connection.send(b"H")
                time.sleep(0.01)
            END
            : > log; python3 drip.py > log 2> /dev/null &
            until grep -q Ready log; do sleep 0.05; done
            health --timeout 300ms --web.listen-address :9000
            # One whose queue of connections is full.
            cat > full.py <<'END'
            import socket, time
            server = socket.socket(socket.AF_UNIX)
            server.bind("full.sock")
            server.listen(0)
            clients = [socket.socket(socket.AF_UNIX)]
            clients[0].connect("full.sock")
            print("Ready", flush=True)
            time.sleep(3600)
            END
            : > log; python3 full.py > log &
            until grep -q Ready log; do sleep 0.05; done
            health --timeout 300ms --web.listen-address unix:full.sock
            """
        )
        let lines = output.replacing(#/within \d+ milli/#, with: "within N milli").split(separator: "\n")
        let late = "has not answered within N milliseconds."
        #expect(lines.count == 8 && lines[0] == "Error: 127.0.0.1:8000 \(late)", "\(output)")
        #expect(lines[2].hasPrefix("Error: 127.0.0.1:8000 \(late) No service listens on 127.0.0.1:1 ("))
        #expect(lines[4] == "Error: 127.0.0.1:9000 \(late)")
        #expect(lines[6] == "Error: unix:full.sock \(late)")
        for number in [1, 3, 5, 7] { #expect(lines[number] == "status 1") }
    }

    /// Other programs that may be at the port: their answers, and the faults that are found.
    private static let strangers = [
        ("HTTP/1.0 404 Not Found\\r\\n\\r\\nnothing", "GET /healthz is answered with status 404"),
        ("HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\nOK\\n", "GET /healthz is answered with status 200"),
        ("HTTP/1.1 403 Forbidden\\r\\n\\r\\nno", "GET /healthz is answered with status 403"),
        ("HTTP/1.1 200 OK\\r\\nContent-Length: 300\\r\\n\\r\\nok\\n", "the answer is not HTTP"),
        ("SSH-2.0-OpenSSH_9.2\\r\\n\\r\\n", "the answer is not HTTP"), ("", "the answer is not HTTP"),
        ("HTTP/1.1 OK\\r\\n\\r\\n", "the answer is not HTTP"), ("H' + b'T' * 70000 + b'", "the answer is not HTTP"),
    ]

    @Test(arguments: strangers) func anotherProgramIsTold(_ answer: String, _ what: String) throws {
        let output = try run(
            """
            cat > stranger.py <<'END'
            import socket
            server = socket.create_server(("127.0.0.1", 9000))
            print("Ready", flush=True)
            connection, _ = server.accept()
            connection.recv(65536)
            connection.sendall(b'\(answer)')
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65536): pass
            END
            : > log; python3 stranger.py > log &
            until grep -q Ready log; do sleep 0.05; done
            health \(Self.patient) --web.listen-address :9000
            """
        )
        let sentence =
            "Error: 127.0.0.1:9000 belongs to another program: \(what). Name the address of the service with "
        #expect(output == "\(sentence)--web.listen-address.\nstatus 1\n")
    }

    @Test func aServiceThatIsNotReadySaysWhy() throws {
        let output = try run(
            """
            mkdir models
            echo '{"type":"object","properties":{"a":{"type":"number","default":1}}}' > models/Pump.schema.json
            pump() { start \(exporter) --state.models models --state.path state --state.on-corrupt use-defaults; }
            pump; curl -sS -o /dev/null -X PATCH -d '{"a":2}' localhost:8000/state/Pump; kill $!; wait $!
            echo '{"type":"object","properties":{"b":{"type":"number","default":1}}}' > models/Pump.schema.json
            pump; health \(Self.patient); health \(Self.patient) --ready
            """
        )
        #expect(
            output == """
                127.0.0.1:8000 is healthy.
                status 0
                Error: 127.0.0.1:8000 is not ready: What was stored of Pump could not be used; it is kept in quarantine, and Pump has its defaults until it is changed.
                status 1

                """
        )
    }

    /// Another user sees neither the program of a process nor its sockets.
    @Test func anotherUserAsksAtTheDefaultAddress() throws {
        let output = try run(
            """
            cp \(exporter) exporter && chmod 755 exporter . && start ./exporter \(models)
            export LLVM_PROFILE_FILE=/dev/null  # Where the coverage is measured, that user may not write its files.
            setpriv --reuid=64999 --regid=64999 --clear-groups ./exporter health \(Self.patient) 2>&1
            setpriv --reuid=64999 --regid=64999 --clear-groups ./exporter health --web.systemd-socket 2>&1
            """
        )
        #expect(
            output == """
                127.0.0.1:8000 is healthy.
                Error: No process of this program is to be seen here. Run health as the user of the service.

                """
        )
    }
}
