internal import Myosin

/// Server-sent events as text (HTML Living Standard, section 9.2.5).
enum WatchEvent {
    /// What is sent first: how long to wait before connecting again; a line of the first event.
    ///
    /// Some clients take an event without data for one, so neither this nor a heartbeat is an event by itself.
    static let retry = Array("retry: 2000\n".utf8)
    /// A comment, which clients ignore; it keeps connections open and finds those that are not any more.
    static let heartbeat = Array(":\n".utf8)

    /// The events of a group, of which only the last has the id: whoever resumes by it has seen the whole group.
    static func text(
        _ event: String = "change",
        of changes: some Collection<WatchGroup.Change>,
        removed: [String] = [],
        id: RevisionTag?
    ) -> [UInt8] {
        var text: [UInt8] = []
        var rest = changes.count + removed.count
        for name in removed {
            rest -= 1
            // A model's name needs no escaping: it consists of letters, digits, `_`, `-` and `.`.
            text += "event: removed\ndata: {\"model\":\"\(name)\"}\n".utf8
            end(&text, rest == 0 ? id : nil)
        }
        for change in changes {
            rest -= 1
            let snapshot = change.snapshot
            text.reserveCapacity(text.count + snapshot.document.count + 160)
            text +=
                "event: \(event)\ndata: {\"model\":\"\(snapshot.model)\",\"revision\":\(snapshot.revision),\"value\":"
                .utf8
            // A compact document has no line break.
            text += snapshot.document
            if change.missed > 0 { text += ",\"missed\":\(change.missed)".utf8 }
            text += "}\n".utf8
            end(&text, rest == 0 ? id : nil)
        }
        return text
    }

    private static func end(_ text: inout [UInt8], _ id: RevisionTag?) {
        if let id { text += "id: \(id)\n".utf8 }
        text.append(UInt8(ascii: "\n"))
    }
}
