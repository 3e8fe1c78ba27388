internal import Myosin

/// Faults, as many as a person can use: bounded in number and in bytes, whatever a request holds.
///
/// Names in a document may be long, and each fault has those on the way to its place.
struct FaultList {
    private(set) var faults: [ValidationError.Fault] = []
    private let limit: Int
    private var bytesLeft = 32 << 10

    /// Makes an empty list.
    ///
    /// - Parameter limit: how many faults it takes.
    init(limit: Int = ValidationError.maxFaults) { self.limit = limit }

    /// Whether it takes no more.
    var isFull: Bool { faults.count >= limit || bytesLeft <= 0 }

    /// Adds a fault, unless it is there already or the list is full.
    ///
    /// - Parameter fault: makes the fault; only called when there is room for it.
    mutating func note(_ fault: @autoclosure () -> ValidationError.Fault) {
        if isFull { return }
        let fault = fault()
        bytesLeft -= fault.pointer.utf8.count + fault.detail.utf8.count
        if !faults.contains(fault) { faults.append(fault) }
    }
}
