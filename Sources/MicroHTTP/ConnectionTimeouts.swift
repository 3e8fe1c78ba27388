/// The timeouts of ``ServerLimits`` in the loop's milliseconds.
struct ConnectionTimeouts {
    let header: Int64
    let idle: Int64
    let body: Int64
    let write: Int64
    /// When a response is looked at first, to learn what the client has taken by then.
    let firstWrite: Int64
    /// No deadline is set to less than this.
    let shortest: Int64
    /// How late a deadline may be noticed.
    let granularity: Int64

    init(_ limits: ServerLimits) {
        header = limits.headerTimeout.loopMilliseconds
        idle = limits.idleTimeout.loopMilliseconds + header
        body = limits.bodyTimeout.loopMilliseconds
        write = limits.writeTimeout.loopMilliseconds
        firstWrite = max(1, write / 4)
        shortest = min(header, body, firstWrite)
        granularity = max(10, shortest / 8)
    }
}
