internal import MicroHTTP
internal import Myosin

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Asks a service at its addresses whether it is alive, or ready.
struct HealthCheck {
    /// Whether `/readyz` is asked, and not `/healthz`.
    let asksReadiness: Bool
    /// How long all of it may take.
    let timeout: Duration
    /// What precedes the path.
    let prefix: PathPrefix

    private var path: String { "\(prefix)\(asksReadiness ? "/readyz" : "/healthz")" }

    /// Asks at one address after the other, until one answers as it should; each gets its share of the time.
    ///
    /// - Parameter addresses: the addresses.
    /// - Returns: a sentence that names the address that has answered.
    /// - Throws: ``HealthFailure`` with the fault of each address.
    func verdict(of addresses: [BoundAddress]) throws -> String {
        let end = ContinuousClock.now + timeout
        var reasons: [String] = []
        for (index, address) in addresses.enumerated() {
            let share = (end - .now) / (addresses.count - index)
            do {
                return try ask(address, by: .now + share)
            } catch let failure as HealthFailure {
                reasons.append(failure.description)
            } catch ClientConnection.Failure.system(let number) {
                let reason = String(cString: strerror(number))
                let isAbsent = number == ECONNREFUSED || number == ENOENT
                reasons.append(
                    isAbsent
                        ? "No service listens on \(address) (\(reason))." : "\(address) cannot be asked: \(reason)."
                )
            } catch ClientConnection.Failure.late {
                let milliseconds = Int((share / .milliseconds(1)).rounded())
                reasons.append("\(address) has not answered within \(milliseconds) milliseconds.")
            }
        }
        throw HealthFailure(reasons.joined(separator: " "))
    }

    private func ask(_ address: BoundAddress, by deadline: ContinuousClock.Instant) throws -> String {
        guard let answer = try HealthRequest("GET", path, at: address).answer(by: deadline) else {
            throw foreign(address, "the answer is not HTTP")
        }
        switch answer.status {
        case 200 where isOwn(answer): return "\(address) is \(asksReadiness ? "ready" : "healthy")."
        case 403 where answer.isProblem:
            // OPTIONS is answered whatever anonymous clients may do.
            if !asksReadiness, let allowed = try HealthRequest("OPTIONS", path, at: address).answer(by: deadline),
                allowed.status == 204, allowed.fields["allow"]?.contains("GET") == true
            {
                return "\(address) is healthy, and answers anonymous clients nothing else."
            }
            throw HealthFailure("\(address) does not answer \(path)\(answer.reason)")
        case 503 where asksReadiness && isOwn(answer):
            throw HealthFailure("\(address) is not ready: \(answer.reasons)")
        case let status where answer.isProblem && status != 404:
            throw HealthFailure("\(address) answers \(path) with \(status)\(answer.reason)")
        default:
            throw foreign(address, "GET \(path) is answered with status \(answer.status)")
        }
    }

    /// Whether the answer is one of this service.
    private func isOwn(_ answer: HealthRequest.Answer) -> Bool {
        asksReadiness ? answer.document?["ready"] != nil : answer.body == "ok\n"
    }

    private func foreign(_ address: BoundAddress, _ what: String) -> HealthFailure {
        HealthFailure(
            "\(address) belongs to another program: \(what). Name the address of the service with --web.listen-address."
        )
    }
}

extension HealthRequest.Answer {
    /// Whether it is a problem as the service words it (RFC 9457).
    fileprivate var isProblem: Bool { fields["content-type"]?.hasPrefix("application/problem+json") == true }

    /// The body as a JSON object; nil for any other.
    fileprivate var document: JSONObject? {
        // A body that is not JSON is not the service's.
        guard case .object(let object)? = try? JSONValue(parsing: body) else { return nil }
        return object
    }

    /// The sentence of a problem, for the end of another one.
    fileprivate var reason: String {
        guard case .string(let detail)? = document?["detail"] else { return "." }
        return ": \(detail.prefix(500))\(detail.utf8.count > 500 ? "…" : "")"
    }

    /// The sentences that say why a service is not ready.
    fileprivate var reasons: String {
        guard case .array(let reasons)? = document?["reasons"] else { return "" }
        return
            reasons.compactMap { reason in
                guard case .object(let object) = reason, case .string(let detail)? = object["detail"] else {
                    return nil
                }
                return detail
            }
            .joined(separator: " ")
    }
}
