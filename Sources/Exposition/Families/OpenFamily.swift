internal import Primitives

/// Metrics of one name whose labels are their own: each child has the labels that it was made with, which need not be those of others.
///
/// That is for metrics that come from outside; what a program knows beforehand has a ``Family``. A child is on the page for as long
/// as it has users. As in a ``Family`` the number of children is capped, and what is above shares one.
package final class OpenFamily<Child: Sendable>: RenderableFamily {
    private struct Entry {
        let child: Child
        let series: Series
        var users = 0
    }

    private struct Members {
        var entries: [Labels: Entry] = [:]
        /// The same in the order of a page; nil until the next page when some have come or gone.
        var order: [Series]?
        var maxBytes = 0
    }

    /// The names and values of a child's labels, in order of the names.
    package struct Labels: Hashable, Sendable {
        let names: [String]
        let values: LabelValues

        /// Sorts labels by their names.
        package init(_ labels: [(name: String, value: String)]) {
            let sorted = labels.sorted { $0.name < $1.name }
            names = sorted.map(\.name)
            values = LabelValues(sorted.map(\.value))
        }
    }

    let descriptor: FamilyDescriptor
    var isShared: Bool { false }
    private let maxLabelSets: Int
    private let dropped: Registry.Counter
    private let makeChild: @Sendable (ExemplarUse) -> Child
    private let metric: @Sendable (Child) -> Series.Metric
    private let members = Lock(Members())

    init(
        _ descriptor: FamilyDescriptor,
        _ request: FamilyRequest<Child>,
        maxLabelSets: Int,
        dropped: Registry.Counter
    ) {
        (self.descriptor, self.maxLabelSets, self.dropped) = (descriptor, maxLabelSets, dropped)
        (metric, makeChild) = (request.metric, request.makeChild)
    }

    /// What stands for the label sets above the cap; `le` and the like are no names that it could collide with.
    private static var others: Labels { Labels([("_other", "_other")]) }

    /// Returns the child with some labels, which has one more user from then on.
    ///
    /// - Parameter wanted: the labels.
    /// - Returns: the child, and the labels that it has: those of the shared one above the cap.
    package func join(_ wanted: Labels) -> (child: Child, labels: Labels) {
        members.withLock { members in
            var labels = wanted
            if members.entries[labels] == nil, members.entries.count >= maxLabelSets {
                labels = Self.others
                dropped.increment()
            }
            var entry = members.entries[labels] ?? makeEntry(labels, &members)
            entry.users += 1
            members.entries[labels] = entry
            return (entry.child, labels)
        }
    }

    /// Makes a child under the lock, because the library's own closure is short.
    private func makeEntry(_ labels: Labels, _ members: inout Members) -> Entry {
        let child = makeChild(descriptor.exemplarUse)
        let series = Series(metric(child), of: descriptor, labelNames: labels.names, labelValues: labels.values)
        members.order = nil
        members.maxBytes += series.lines.maxBytes
        return Entry(child: child, series: series)
    }

    /// Takes a user from a child; without any it goes off the page.
    package func leave(_ labels: Labels) {
        members.withLock { members in
            guard var entry = members.entries[labels] else { return }
            entry.users -= 1
            members.entries[labels] = entry.users > 0 ? entry : nil
            if entry.users <= 0 {
                members.order = nil
                members.maxBytes -= entry.series.lines.maxBytes
            }
        }
    }

    var lines: (series: [Series], maxBytes: Int) {
        members.withLock { members in
            if let order = members.order { return (order, members.maxBytes) }
            let order = members.entries
                .sorted { left, right in
                    left.key.names == right.key.names
                        ? left.key.values < right.key.values : left.key.names.lexicographicallyPrecedes(right.key.names)
                }
                .map(\.value.series)
            members.order = order
            return (order, members.maxBytes)
        }
    }
}
