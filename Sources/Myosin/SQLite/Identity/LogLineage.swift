internal import Primitives

/// Which database a log belongs to.
///
/// SQLite replays any log that it finds beside a database, also one of another database, and mixes the pages of both. So the
/// database gets a new name before each checkpoint, and the log says on which one it builds: ``log`` is ``base`` of the
/// database without its log, or ``previous`` where a checkpoint was cut off and the log has the new name already.
struct LogLineage: Equatable {
    /// The name of the database as of its last checkpoint, or the one under way.
    var base: String
    /// The name before that.
    var previous: String
    /// The name of the database on which the log builds.
    var log: String

    /// The first one of a database.
    init() {
        base = Self.makeName()
        (previous, log) = (base, base)
    }

    /// Reads what ``text`` has written; nil for anything else.
    init?(_ text: String) {
        let words = text.split(separator: " ").map(String.init)
        guard words.count == 3 else { return nil }
        (base, previous, log) = (words[0], words[1], words[2])
    }

    /// The three names, as they are stored.
    var text: String { "\(base) \(previous) \(log)" }

    /// The lineage with the name that a checkpoint gives.
    var renewed: LogLineage {
        var lineage = self
        (lineage.base, lineage.previous) = (Self.makeName(), base)
        return lineage
    }

    /// The lineage that the first commit after a checkpoint writes.
    var begun: LogLineage {
        var lineage = self
        lineage.log = base
        return lineage
    }

    /// Whether a log that leads to this lineage belongs to a database that has another one without it.
    func continues(_ file: LogLineage) -> Bool {
        log == file.base || (log == file.previous && base == file.base)
    }

    private static func makeName() -> String { UInt32.random(in: .min ... .max).padded(to: 8, radix: 16) }
}
