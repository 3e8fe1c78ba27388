internal import MicroHTTP

extension Answer {
    /// The same answer, of which something is noted when it is given; of a stream when it begins.
    ///
    /// - Parameter note: called once, on the thread that answers; not where a request is left without an answer.
    /// - Returns: the answer.
    func noting(_ note: @escaping @Sendable (Response) -> Void) -> Answer {
        switch self {
        case .now(let response): note(response)
        case .shared(let shared): note(shared.response)
        case .stream(let head, _): note(head)
        case .later(let begin):
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
        return self
    }
}
