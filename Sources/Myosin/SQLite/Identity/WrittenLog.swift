internal import CSQLite

/// The frames that a connection has written to its write-ahead log, to detect missing ones.
///
/// If another program truncates the log during a transaction, SQLite writes the rest of it behind a hole. The next checkpoint copies
/// the hole into the database. Neither the path nor the size of the file reveals the hole.
///
/// A check therefore reads new frames back: the checksum of each frame continues that of the previous one. It also reads the last
/// nonzero bytes of the older frames. Truncation removes the end of a file, so if those bytes are intact, all earlier bytes are.
///
/// Source: https://www.sqlite.org/fileformat2.html#walformat
struct WrittenLog {
    /// Fills a buffer from an offset of the file, and returns a result code of SQLite.
    typealias Read = (UnsafeMutableRawBufferPointer, Int) -> Int32

    /// The number of frames per read.
    private static let maxFramesRead = 16

    private var known = Frames(Header())
    /// Reused by all reads.
    private var buffer: [UInt8] = []

    /// Checks the frames written since the last call, and the end of the older ones.
    ///
    /// - Parameters:
    ///   - count: the number of frames in the log.
    ///   - read: reads the file.
    /// - Returns: a result code of SQLite; `csqlite_ioerr_short_read` if a frame is missing or changed.
    mutating func check(_ count: Int, _ read: Read) -> Int32 {
        if known.count > 0, count >= known.count {
            let code = extend(to: count, read)
            if code != csqlite_ioerr_short_read { return code }
        }
        // This is the first call, or SQLite has restarted the log after a complete checkpoint.
        var header = Header()
        let code = withUnsafeMutableBytes(of: &header.words) { read($0, 0) }
        guard code == SQLITE_OK else { return code }
        guard header.isWhole, header != known.header else { return csqlite_ioerr_short_read }
        known = Frames(header)
        return extend(to: count, read)
    }

    private mutating func extend(to count: Int, _ read: Read) -> Int32 {
        repeat {
            var frames = known
            let start = frames.lastOffset
            let length = frames.offset(of: min(frames.count + Self.maxFramesRead, count)) - start
            if buffer.count < length { buffer = [UInt8](repeating: 0, count: length) }
            let code = buffer.withUnsafeMutableBytes { buffer in
                let bytes = UnsafeMutableRawBufferPointer(rebasing: buffer[..<length])
                let code = read(bytes, start)
                guard code == SQLITE_OK else { return code }
                return frames.extend(by: UnsafeRawBufferPointer(bytes)) ? SQLITE_OK : csqlite_ioerr_short_read
            }
            guard code == SQLITE_OK else { return code }
            known = frames
        } while known.count < count
        return SQLITE_OK
    }

    /// The header of the file, in its byte order.
    private struct Header: Equatable {
        static let bytes = 32

        var words = SIMD8<UInt32>()

        private func number(_ index: Int) -> UInt32 { UInt32(bigEndian: words[index]) }

        /// Whether the checksums are over big-endian words instead of little-endian ones.
        var isBigEndian: Bool { number(0) & 1 == 1 }
        var pageBytes: Int { Int(number(2)) }
        /// Two random numbers, which differ from those of frames written before a restart.
        var salts: SIMD2<UInt32> { [words[4], words[5]] }
        var sum: Sum { Sum(first: number(6), second: number(7)) }

        var isWhole: Bool {
            guard number(0) & ~1 == 0x377F_0682, (512...65_536).contains(pageBytes), pageBytes & (pageBytes - 1) == 0
            else { return false }
            var found = Sum()
            withUnsafeBytes(of: words) { found.add($0, 0..<24, isBigEndian) }
            return found == sum
        }
    }

    /// The frames that are known to be intact.
    private struct Frames {
        static let headerBytes = 24

        let header: Header
        private(set) var count = 0
        private var sum: Sum
        /// The last aligned word that is not 0.
        private var lastWord: UInt64 = 0
        private(set) var lastOffset: Int

        init(_ header: Header) { (self.header, sum, lastOffset) = (header, header.sum, Header.bytes) }

        private var frameBytes: Int { Self.headerBytes + header.pageBytes }

        func offset(of frame: Int) -> Int { Header.bytes + frame * frameBytes }

        /// Adds the bytes of the file from ``lastOffset`` to the end of a frame.
        ///
        /// - Returns: false if they do not continue these frames.
        mutating func extend(by bytes: UnsafeRawBufferPointer) -> Bool {
            if count > 0, bytes.load(as: UInt64.self) != lastWord { return false }
            let known = offset(of: count) - lastOffset
            for start in stride(from: known, to: bytes.count, by: frameBytes) {
                sum.add(bytes, start..<start + 8, header.isBigEndian)
                sum.add(bytes, start + Self.headerBytes..<start + frameBytes, header.isBigEndian)
                guard bytes.load(fromByteOffset: start + 8, as: SIMD2<UInt32>.self) == header.salts,
                    bytes.load(fromByteOffset: start + 16, as: SIMD2<UInt32>.self) == sum.stored
                else { return false }
                count += 1
            }
            if bytes.count > known { noteLastWord(of: bytes) }
            return true
        }

        private mutating func noteLastWord(of bytes: UnsafeRawBufferPointer) {
            var offset = bytes.count - 8
            // The loop ends within a frame, which begins with the number of its page, at least 1.
            while offset > 0, bytes.load(fromByteOffset: offset, as: UInt64.self) == 0 { offset -= 8 }
            lastWord = bytes.load(fromByteOffset: offset, as: UInt64.self)
            lastOffset += offset
        }
    }

    /// The running checksum of a log.
    private struct Sum: Equatable {
        var first: UInt32 = 0
        var second: UInt32 = 0

        /// The checksum in the byte order of the file.
        var stored: SIMD2<UInt32> { [first.bigEndian, second.bigEndian] }

        /// Adds bytes, a multiple of eight.
        mutating func add(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ isBigEndian: Bool) {
            guard let base = bytes.baseAddress else { return }
            if isBigEndian {
                add(base + range.lowerBound, base + range.upperBound) { UInt32(bigEndian: $0) }
            } else {
                add(base + range.lowerBound, base + range.upperBound) { UInt32(littleEndian: $0) }
            }
        }

        @inline(__always)
        private mutating func add(_ start: UnsafeRawPointer, _ end: UnsafeRawPointer, _ word: (UInt32) -> UInt32) {
            // The hot loop of a check: local variables stay in registers, pointers are not checked for overflow, and four pairs share a
            // turn.
            var (first, second, next) = (self.first, self.second, start)
            func addPair(at place: UnsafeRawPointer) {
                first &+= word(place.load(as: UInt32.self)) &+ second
                second &+= word((place + 4).load(as: UInt32.self)) &+ first
            }
            while end - next >= 32 {
                addPair(at: next)
                addPair(at: next + 8)
                addPair(at: next + 16)
                addPair(at: next + 24)
                next += 32
            }
            while next < end {
                addPair(at: next)
                next += 8
            }
            (self.first, self.second) = (first, second)
        }
    }

    // MARK: Reading a log without SQLite

    /// Puts the committed frames of a log into a database, as SQLite sees both together.
    ///
    /// What follows the last whole transaction counts for nothing: it was being written.
    ///
    /// - Parameters:
    ///   - log: the bytes of the log.
    ///   - database: the bytes of the database.
    static func apply(_ log: [UInt8], to database: inout [UInt8]) {
        guard log.count >= Header.bytes else { return }
        var header = Header()
        withUnsafeMutableBytes(of: &header.words) { $0.copyBytes(from: log[..<Header.bytes]) }
        guard header.isWhole else { return }
        var frames = Frames(header)
        // Of the transaction that is being read.
        var pages: [(number: Int, place: Range<Int>)] = []
        var (committed, pageCount): ([Int: Range<Int>], Int) = ([:], 0)
        log.withUnsafeBytes { log in
            while frames.offset(of: frames.count + 1) <= log.count {
                let (start, end) = (frames.offset(of: frames.count), frames.offset(of: frames.count + 1))
                let bytes = UnsafeRawBufferPointer(rebasing: log[frames.lastOffset..<end])
                guard frames.extend(by: bytes) else { break }
                func number(_ offset: Int) -> Int {
                    Int(UInt32(bigEndian: log.load(fromByteOffset: start + offset, as: UInt32.self)))
                }
                pages.append((number(0), start + Frames.headerBytes..<end))
                // The last frame of a transaction has the size of the database.
                if number(4) > 0 {
                    for page in pages { committed[page.number] = page.place }
                    pages.removeAll(keepingCapacity: true)
                    pageCount = number(4)
                }
            }
        }
        if committed.isEmpty { return }
        // A database grows by pages that are in the log only.
        let size = min(pageCount * header.pageBytes, database.count + committed.count * header.pageBytes)
        database.removeLast(max(0, database.count - size))
        database += [UInt8](repeating: 0, count: size - database.count)
        for (page, range) in committed where page > 0 && page * header.pageBytes <= size {
            database.replaceSubrange((page - 1) * header.pageBytes..<page * header.pageBytes, with: log[range])
        }
    }
}
