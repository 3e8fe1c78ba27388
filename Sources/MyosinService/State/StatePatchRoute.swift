internal import HTTPTypes
internal import MicroHTTP
internal import Myosin
internal import Primitives

/// `PATCH` of the whole state: several models in one change, all or none.
struct StatePatchRoute: Sendable {
    let state: State
    let urls: ServiceURL
    let work: LargeWork

    var route: Route {
        .byHeader(.patch, "/state") { request, _ in
            do throws(Problem) {
                let target = try target(of: request)
                return .afterBody { [work] request in
                    let isAtOnce = request.body.count <= LargeWork.maxBytesAtOnce
                    return work.answer(to: request, bytes: request.body.count, .toAnswer) { request in
                        Problem.answer { () throws(Problem) in try mergeAll(request, target, isAtOnce: isAtOnce) }
                    }
                }
            } catch {
                return .now(error.response)
            }
        }
    }

    /// A patch of the state, as its header says.
    private struct Target {
        let content: RequestContent
        let tag: RevisionTag
        let conditions: Preconditions

        func verdict(at tag: RevisionTag) -> Preconditions.Verdict {
            conditions.verdict(on: .init(tag: tag, time: nil), isRead: false)
        }
    }

    /// Reads the header of a patch of the state.
    ///
    /// - Throws: `Problem` where it is refused whatever its content is.
    private func target(of request: borrowing Request) throws(Problem) -> Target {
        let content = RequestContent(kind: .patch, place: urls.place(of: request))
        if let problem = Problem.notAcceptable(request) ?? content.refusal(of: request) { throw problem }
        let tag = state.tag
        let target = Target(content: content, tag: tag, conditions: try Preconditions(of: request, tag: tag))
        if let problem = target.verdict(at: tag).problem("The state", at: tag, "publication") { throw problem }
        return target
    }

    // `isAtOnce`: whether the server's thread does it, which hands on what a small patch of large documents takes.
    private func mergeAll(
        _ request: borrowing Request,
        _ target: Target,
        isAtOnce: Bool
    ) throws(Problem) -> Answer {
        let patch = try target.content.object(of: request, changing: "")
        let isMinimal = request.prefersMinimal
        let bytes = isAtOnce ? weight(of: patch, bytes: request.body.count) : 0
        return work.answer(bytes: bytes, .toAnswer) {
            Problem.answer { () throws(Problem) in
                merge(try writes(of: patch, target.conditions), target, isMinimal: isMinimal)
            }
        }
    }

    /// About how many bytes have to be read and written to change these models by a patch of so many bytes, which can all be about
    /// one of them.
    private func weight(of patch: JSONObject, bytes: Int) -> Int {
        var (documents, part) = (0, bytes)
        for model in patch.keys {
            documents += 200
            guard let target = state.target(named: model) else { continue }
            documents += LargeWork.weight(ofBytes: target.snapshot.document.count, target.cost)
            part = max(part, LargeWork.weight(ofBytes: bytes, target.cost))
        }
        return documents + part
    }

    private func merge(_ writes: [DocumentWrite], _ target: Target, isMinimal: Bool) -> Answer {
        let incarnation = target.tag.incarnation
        return state.answer(to: writes) {
            target.verdict(at: RevisionTag(incarnation, $0.publication)) == .met
        } answering: { [state] result in
            switch result {
            case .success(let written):
                return written.response(at: RevisionTag(incarnation, written.publication), isMinimal: isMinimal)
            case .failure(let error) where error.code == .conflict:
                let (tag, verdict) = (state.tag, target.verdict(at: state.tag))
                // The tag may have been the one that If-None-Match rules out, and is another one by now.
                let problem = (verdict == .met ? .isOther(asWeak: false) : verdict)
                    .problem("The state", at: tag, "publication")
                return (problem ?? Problem(error)).response
            case .failure(let error): return Problem(error).response
            }
        }
    }

    /// The changes that a patch of the state makes.
    ///
    /// - Throws: `Problem` with all faults, of the patch's form and of its content.
    private func writes(of patch: JSONObject, _ conditions: Preconditions) throws(Problem) -> [DocumentWrite] {
        var faults: [ValidationError.Fault] = []
        var writes: [DocumentWrite] = []
        let suggestions = NameSuggestions()
        lazy var names = state.modelNames
        for (model, value) in patch {
            if faults.count >= ValidationError.maxFaults { throw Problem(.invalidState(faults)) }
            let pointer = [model].pointer
            guard state.hasModel(named: model) else {
                let meant = suggestions.name(meantBy: model, among: names).map { ", did you mean \"\($0)\"?" } ?? ""
                faults.append(.init(pointer: pointer, detail: "is not a model\(meant)", code: .unknown))
                continue
            }
            guard case .object(let fields) = value else {
                let advice = value == .null ? "; DELETE /state/\(model) restores its defaults" : ""
                faults.append(
                    .init(pointer: pointer, detail: "must be an object, got \(value.kind)\(advice)", code: .type)
                )
                continue
            }
            writes.append(DocumentWrite(model, .merge(fields)))
        }
        if !faults.isEmpty {
            faults += state.faults(of: writes, upTo: ValidationError.maxFaults - faults.count)
            throw Problem(.invalidState(faults))
        }
        let tag = state.tag
        if !conditions.hasMatch, let model = writes.first(where: { state.requiresRevision($0.model) })?.model {
            throw Problem(
                .preconditionRequired,
                "\(model) is changed only on condition. Type -H 'If-Match: \(tag.quoted)', which is the number of "
                    + "the state's last publication.",
                fields: .stateRevision(tag)
            )
        }
        return writes
    }
}

extension DocumentsWritten {
    /// The answer to a write of several models: those that it named.
    fileprivate func response(at tag: RevisionTag, isMinimal: Bool) -> Response {
        let body = DocumentSnapshot.object(of: documents) + [UInt8(ascii: "\n")]
        return .written(body, .stateRevision(tag), isMinimal: isMinimal)
    }
}
