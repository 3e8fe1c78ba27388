internal import Glibc
internal import Myosin
internal import TestSupport

/// Fills the file system of a directory while it commits there, makes room again, and says what came of it.
///
/// It ends with status 3 when a promise is broken, as ``FaultsCommand`` does.
struct FullDiskCommand {
    /// A small file system of its own.
    let directory: String

    func run() throws {
        let state = try Storm.open(directory + "/store")
        var run = CommitRun(state)
        for _ in 0..<3 {
            run.commitSingle()
            run.commitPair()
        }
        // When the log needs room it is made empty, and others take the room. So small commits go on for long.
        for _ in 0..<20 {
            fill()
            run.commitSingle()
            run.commitPair()
            run.commitInMemory()
        }
        run.commitLarge(bytes: 40_000)
        if run.works || state.storeError?.code != .storeFull {
            CommitRun.breakPromise("the disk is full, and the store has said \(String(describing: state.storeError))")
        }
        // Somebody else cannot begin there either, and is told why.
        do {
            _ = try State(cache: .directory(directory + "/other"), limits: .patient)
            CommitRun.breakPromise("a store was made on a full disk")
        } catch {
            CommitRun.tell("open", error)
        }
        unlink(directory + "/filler")
        // That there is room is found without a commit.
        let end = SuspendingClock.now + patience
        while state.storeError != nil, SuspendingClock.now < end { usleep(2_000) }
        if let error = state.storeError { CommitRun.breakPromise("there is room, and the store says \(error)") }
        run.commitSingle()
        run.commitPair()
        if !run.works { CommitRun.breakPromise("there is room, and commits do not work") }
        try fillWithTheLog(state, &run)
        Output.write(StormLine.works.text)
        state.close()
    }

    /// A program that reads keeps the log from being emptied, so that it fills the disk; nobody commits once it has gone.
    private func fillWithTheLog(_ state: State, _ run: inout CommitRun) throws {
        let reader = try PipedProgram("/usr/bin/sqlite3", [directory + "/store/state.sqlite"], hasInput: true)
        reader.write(Array("begin; select count(*) > 0 from state;\n".utf8))
        if reader.read(upTo: patience) != Array("1\n".utf8) { CommitRun.breakPromise("the database cannot be read") }
        // The documents have room in the database.
        for _ in 0..<1_000 where state.storeError == nil { run.commitPair() }
        if state.storeError == nil { CommitRun.breakPromise("the log has not filled the disk") }
        reader.end(with: SIGKILL)
        let end = SuspendingClock.now + patience
        while state.storeError != nil, SuspendingClock.now < end { usleep(2_000) }
        if let error = state.storeError {
            CommitRun.breakPromise("the log can be emptied: \(error)")
        }
        run.commitSingle()
        if !run.works { CommitRun.breakPromise("the log could be emptied, and commits do not work") }
    }

    private func fill() {
        let descriptor = open(directory + "/filler", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        let bytes = [UInt8](repeating: 0, count: 512)
        while write(descriptor, bytes, bytes.count) > 0 {}
        close(descriptor)
    }
}
