import Foundation
import MicroHTTP
import TestSupport

/// A reverse proxy of Debian's in front of a server, with connections that it keeps.
///
/// It waits for its clients and for the server as long as they like; a client says by the end of its bytes that no more come.
/// It gives each request that it passes on an id of its own, in place of any that the client has sent.
final class Proxy {
    enum Kind: String, CaseIterable, Sendable {
        case nginx
        case haproxy
    }

    /// Where clients find it.
    let address: BoundAddress
    private let program: Program
    private let directory: TemporaryDirectory

    init(_ kind: Kind, to server: BoundAddress) async throws {
        directory = try TemporaryDirectory()
        let file = "\(directory.path)/configuration"
        let host = "127.78.0.1"
        guard let port = try freeAddress(on: host).split(separator: ":").last.flatMap({ UInt16($0) }) else {
            throw RawConnection.Failure(what: "no port")
        }
        address = BoundAddress(host: host, port: port)
        switch kind {
        case .nginx:
            try Data(Self.nginx(directory.path, address, server).utf8).write(to: URL(filePath: file))
            program = try Program("/usr/sbin/nginx", ["-p", directory.path, "-c", file, "-e", "stderr"])
        case .haproxy:
            try Data(Self.haproxy(address, server).utf8).write(to: URL(filePath: file))
            program = try Program("/usr/sbin/haproxy", ["-db", "-f", file])
        }
        let address = address
        try await until { (try? RawConnection(address)) != nil }
    }

    /// Stops it; a thread of tests blocks other signals, and so would the programs that it has started.
    func stop() { _ = program.end(with: SIGKILL) }

    private static func nginx(_ directory: String, _ address: BoundAddress, _ server: BoundAddress) -> String {
        """
        daemon off;
        master_process off;
        pid \(directory)/pid;
        events { worker_connections 2048; }
        http {
            access_log off;
            client_header_timeout 1h;
            client_body_timeout 1h;
            keepalive_timeout 1h;
            send_timeout 1h;
            client_body_temp_path \(directory)/body;
            proxy_temp_path \(directory)/proxy;
            fastcgi_temp_path \(directory)/fastcgi;
            uwsgi_temp_path \(directory)/uwsgi;
            scgi_temp_path \(directory)/scgi;
            upstream server { server \(server); keepalive 4; }
            server {
                listen \(address);
                location / {
                    proxy_pass http://server;
                    proxy_http_version 1.1;
                    proxy_next_upstream off;
                    proxy_connect_timeout 1h;
                    proxy_send_timeout 1h;
                    proxy_read_timeout 1h;
                    proxy_ignore_client_abort on;
                    proxy_set_header Connection "";
                    proxy_set_header X-Proxy-Id $request_id;
                }
            }
        }
        """
    }

    private static func haproxy(_ address: BoundAddress, _ server: BoundAddress) -> String {
        """
        global
            maxconn 2048
        defaults
            mode http
            retries 0
            timeout connect 1h
            timeout server 1h
            timeout client 1h
            timeout http-request 1h
            timeout http-keep-alive 1h
            http-reuse always
        frontend clients
            bind \(address)
            unique-id-format %ci-%cp-%ts-%rt-%pid-%[rand]
            http-request set-header X-Proxy-Id %[unique-id]
            default_backend servers
        backend servers
            server one \(server)

        """
    }
}
