internal import CSQLite

/// What a connection has written to its log, to notice that a part of it is missing.
///
/// Where another program cuts the log off in the midst of a transaction, what SQLite writes afterwards lies behind a hole, and the next
/// checkpoint copies that hole into the database. Neither the name nor the size of the file shows it.
///
/// So what was written is read back: each frame has a checksum that continues that of the frame before. With it are read the last bytes
/// of the frames before that are not 0. Cutting off takes the end of a file, so where these are there, all before them are.
///
/// Source: https://www.sqlite.org/fileformat2.html#walformat
struct WrittenLog {
    /// Reads bytes of the file from an offset into a buffer, all of it, and returns a result code of SQLite.
    typealias Read = (UnsafeMutableRawBufferPointer, Int) -> Int32

    /// So many frames are read at a time.
    private static let maxFramesRead = 16

    private var known = Frames(Header())
    /// Kept from call to call.
    private var buffer: [UInt8] = []

    /// Reads what was written since the last call, and the end of what was there.
    ///
    /// - Parameters:
    ///   - count: how many frames the log has.
    ///   - read: reads the file.
    /// - Returns: a result code of SQLite; `csqlite_ioerr_short_read` where anything else than these frames was found.
    mutating func check(_ count: Int, _ read: Read) -> Int32 {
        if known.count > 0, count >= known.count {
            let code = extend(to: count, read)
            if code != csqlite_ioerr_short_read { return code }
        }
        // It is the first call, or SQLite has begun the log anew, as it does once all of it is in the database.
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

    /// The start of the file, as it is there.
    private struct Header: Equatable {
        static let bytes = 32

        var words = SIMD8<UInt32>()

        private func number(_ index: Int) -> UInt32 { UInt32(bigEndian: words[index]) }

        /// Whether the sums are over big-endian words; else over little-endian ones.
        var isBigEndian: Bool { number(0) & 1 == 1 }
        var pageBytes: Int { Int(number(2)) }
        /// What distinguishes the frames from those that were in the file before.
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

    /// The frames that are known to be whole.
    private struct Frames {
        static let headerBytes = 24

        let header: Header
        private(set) var count = 0
        private var sum: Sum
        /// The last eight bytes that are not all 0, from a multiple of eight.
        private var lastWord: UInt64 = 0
        private(set) var lastOffset: Int

        init(_ header: Header) { (self.header, sum, lastOffset) = (header, header.sum, Header.bytes) }

        private var frameBytes: Int { Self.headerBytes + header.pageBytes }

        func offset(of frame: Int) -> Int { Header.bytes + frame * frameBytes }

        /// Takes what the file has from ``lastOffset`` to the end of a frame.
        ///
        /// - Returns: whether it continues these frames.
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
            // A frame begins with the number of its page, which is not 0.
            while offset > 0, bytes.load(fromByteOffset: offset, as: UInt64.self) == 0 { offset -= 8 }
            lastWord = bytes.load(fromByteOffset: offset, as: UInt64.self)
            lastOffset += offset
        }
    }

    /// The checksum of everything up to a frame.
    private struct Sum: Equatable {
        var first: UInt32 = 0
        var second: UInt32 = 0

        /// As it is in a file.
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
            // Most of the work of a check is here: variables of its own stay in registers, pointers are not checked for overflow, and
            // the loop has few turns.
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
}
