internal import Locking
internal import MicroHTTP
internal import Myosin

/// The responses that everybody gets who reads a model, one a model and revision, made when somebody asks.
///
/// There are at most as many as there are models; one that is being sent lives on until it is.
final class ModelResponses: Sendable {
    private let responses = Lock<[String: (revision: UInt64, response: SharedResponse)]>([:])

    /// The response for a snapshot, made by a closure where it is the first one of this revision.
    func response(of snapshot: DocumentSnapshot, make: () -> Response) -> SharedResponse {
        if let present = responses.withLock({ $0[snapshot.model] }), present.revision == snapshot.revision {
            return present.response
        }
        let new = SharedResponse(make())
        responses.withLock { responses in
            // Another thread may have had a later one.
            if (responses[snapshot.model]?.revision ?? 0) <= snapshot.revision {
                responses[snapshot.model] = (snapshot.revision, new)
            }
        }
        return new
    }
}
