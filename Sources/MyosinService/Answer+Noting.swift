internal import MicroHTTP

extension Answer {
    /// The same answer, of which something is noted when it is given; of a stream when it begins.
    ///
    /// - Parameter note: called once, on the thread that answers; not where a request is left without an answer.
    /// - Returns: the answer.
    func noting(_ note: @escaping @Sendable (Response) -> Void) -> Answer {
        guard case .later(let begin) = self else {
            if let presentResponse { note(presentResponse) }
            return self
        }
        return .later { responder in
            begin(
                Responder { response in
                    guard let response else { return false }
                    note(response)
                    return responder.send(response)
                }
            )
        }
    }

    /// The response, or the head of a stream; nil where it is made later.
    var presentResponse: Response? {
        switch self {
        case .now(let response): response
        case .shared(let shared): shared.response
        case .stream(let head, _): head
        case .later: nil
        }
    }
}
