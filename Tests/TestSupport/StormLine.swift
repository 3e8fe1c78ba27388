/// What a storm, or a run with faults, says in one line of its standard output.
package enum StormLine: Equatable, Sendable {
    /// It is about to open the directory.
    case opening
    /// A model as it was loaded.
    case found(String, value: Int, revision: UInt64)
    /// A commit that has returned and is on disk. `Left+Right` stands for both, with one revision.
    case durable(String, value: Int, revision: UInt64)
    /// A commit that has returned and is in memory only.
    case passing(String, value: Int, revision: UInt64)
    /// The number of the latest publication.
    case publication(UInt64)
    /// A call that has thrown an error with this code: `open`, or a commit of a model.
    case failed(String, code: String)
    /// Commits on disk work.
    case works
    /// The log has a line that an operator should read.
    case warned
    /// It was asked to say so, between two commits.
    case marked

    /// The line, without its end.
    package var text: String {
        switch self {
        case .opening: "opening"
        case .found(let model, let value, let revision): "found \(model) \(value) \(revision)"
        case .durable(let model, let value, let revision): "durable \(model) \(value) \(revision)"
        case .passing(let model, let value, let revision): "passing \(model) \(value) \(revision)"
        case .publication(let number): "publication \(number)"
        case .failed(let call, let code): "failed \(call) \(code)"
        case .works: "works"
        case .warned: "warned"
        case .marked: "marked"
        }
    }

    /// Reads a line; nil when it is not one of these.
    package init?(_ text: some StringProtocol) {
        let words = text.split(separator: " ")
        switch (words.first, words.count) {
        case ("opening", 1): self = .opening
        case ("works", 1): self = .works
        case ("warned", 1): self = .warned
        case ("marked", 1): self = .marked
        case ("failed", 3): self = .failed(String(words[1]), code: String(words[2]))
        case ("publication", 2):
            guard let number = UInt64(words[1]) else { return nil }
            self = .publication(number)
        case (let kind?, 4):
            guard let value = Int(words[2]), let revision = UInt64(words[3]) else { return nil }
            let model = String(words[1])
            switch kind {
            case "found": self = .found(model, value: value, revision: revision)
            case "durable": self = .durable(model, value: value, revision: revision)
            case "passing": self = .passing(model, value: value, revision: revision)
            default: return nil
            }
        default: return nil
        }
    }

    /// Whether it acknowledges a commit that is on disk.
    package var isDurable: Bool {
        if case .durable = self { return true }
        return false
    }

    /// The revision of a commit of this run.
    package var commitRevision: UInt64? {
        switch self {
        case .durable(_, _, let revision), .passing(_, _, let revision): revision
        case .opening, .found, .publication, .failed, .works, .warned, .marked: nil
        }
    }

    /// The revision or the publication that it names, of this run or an earlier one.
    package var number: UInt64? {
        switch self {
        case .found(_, _, let number), .durable(_, _, let number), .passing(_, _, let number): number
        case .publication(let number): number
        case .opening, .failed, .works, .warned, .marked: nil
        }
    }
}
