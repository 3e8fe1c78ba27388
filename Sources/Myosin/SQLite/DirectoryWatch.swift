internal import CLinux
internal import Primitives

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#endif

/// Notices what other programs do to a directory and its files, on a thread that sleeps until then (inotify(7)).
///
/// It sees files that are made, removed, renamed, written or cut off, and the directory or one above it that is renamed or removed. It
/// does not see a file system that is mounted over one of these. A wall clock that is set is a change too, because the store has times.
final class DirectoryWatch: Sendable {
    private let isOver = Lock(false)
    /// Wakes the thread for its end.
    private let ending: Int32

    /// The file systems whose changes all come through this kernel: ext4, XFS, Btrfs, F2FS, UBIFS, JFFS2, ZFS, tmpfs and overlays.
    private static let localSystems: Set<UInt32> = [
        0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, 0x2405_1905, 0x72b6, 0x2fc1_2fc1, 0x0102_1994, 0x794c_7630,
    ]

    /// Begins to watch, or is nil where the file system, its rights or the limits of the system do not allow it.
    ///
    /// - Parameters:
    ///   - path: the directory, without links.
    ///   - report: called once, on the thread of the watch, for the first change.
    init?(_ path: String, _ report: @escaping @Sendable () -> Void) {
        var system = statfs()
        guard statfs(path, &system) == 0, Self.localSystems.contains(UInt32(truncatingIfNeeded: system.f_type)) else {
            return nil
        }
        let events = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        // Readable once the wall clock was set (timerfd_create(2)).
        let clock = clinux_clock_timer()
        let ending = eventfd(0, Int32(EFD_CLOEXEC))
        let all = [ending, events, clock]
        // Until the last property is set, `deinit` does not run, which would use a closed descriptor.
        guard !all.contains(where: { $0 < 0 }), Self.add(path, to: events) else {
            for descriptor in all where descriptor >= 0 { close(descriptor) }
            return nil
        }
        do {
            _ = try WorkerThread {
                Self.run(all, report)
                for descriptor in all { close(descriptor) }
            }
        } catch {
            for descriptor in all { close(descriptor) }
            return nil
        }
        self.ending = ending
    }

    /// Ends it; the thread closes its descriptors.
    func end() {
        let isFirst = isOver.withLock { isOver in
            defer { isOver = true }
            return !isOver
        }
        if !isFirst { return }
        var one: UInt64 = 1
        // The descriptor is open until the thread has read this.
        _ = write(ending, &one, MemoryLayout<UInt64>.size)
    }

    deinit { end() }

    private static func add(_ path: String, to events: Int32) -> Bool {
        let ofItself = UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)
        let ofFiles =
            UInt32(IN_CREATE) | UInt32(IN_DELETE) | UInt32(IN_MOVED_FROM) | UInt32(IN_MOVED_TO) | UInt32(IN_MODIFY)
            | UInt32(IN_ATTRIB)
        guard inotify_add_watch(events, path, ofItself | ofFiles) >= 0 else { return false }
        var parent = path[...]
        while let slash = parent.lastIndex(of: "/"), slash > parent.startIndex {
            parent = parent[..<slash]
            guard inotify_add_watch(events, String(parent), ofItself) >= 0 else { return false }
        }
        return true
    }

    /// Reports the first change, and waits for the end, whose descriptor is the first one.
    private static func run(_ descriptors: [Int32], _ report: () -> Void) {
        var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while true {
            // An interrupted poll looks again.
            _ = poll(&polled, nfds_t(polled.count), -1)
            if polled[0].revents != 0 { return }
            guard polled[1...].contains(where: { $0.revents != 0 }) else { continue }
            report()
            // One report is enough. From here on only the end matters.
            for index in polled.indices.dropFirst() { polled[index].fd = -1 }
        }
    }
}

extension SQLiteStore: WatchfulStore {
    /// Watches the directory, until the function that it returns is called.
    ///
    /// - Parameter report: called for the first change, on any thread.
    /// - Returns: ends the watch; nil where the directory cannot be watched.
    package func watchContent(_ report: @escaping @Sendable () -> Void) -> (@Sendable () -> Void)? {
        guard let watch = DirectoryWatch(directory.path, report) else { return nil }
        return { watch.end() }
    }
}
