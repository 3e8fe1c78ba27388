internal import CSQLite

/// What a connection has written to its log, to notice that a part of it is missing.
///
/// Where another program cuts the log off in the midst of a transaction, what SQLite writes afterwards lies behind a hole, and the next
/// checkpoint copies that hole into the database. Neither the name nor the size of the file shows it.
///
/// So what was written is read back: each frame has a checksum that continues that of the frame before. The last frame of the
/// transaction before is read as well. Cutting off takes the end of a file, so where that frame is whole, all before it are.
///
/// Source: https://www.sqlite.org/fileformat2.html#walformat
struct WrittenLog {
    /// Reads bytes of the file from an offset into a buffer, all of it, and returns a result code of SQLite.
    typealias Read = (UnsafeMutableRawBufferPointer, Int) -> Int32

    private static let headerBytes = 32
    private static let frameHeaderBytes = 24
    /// So many frames are read at a time.
    private static let maxFramesRead = 32

    private var header = Header()
    /// How many frames are known to be whole.
    private var frames = 0
    /// The sum of everything before the last of them.
    private var sum = Sum()

    /// Reads what was written since the last call, and the frame before that.
    ///
    /// - Parameters:
    ///   - count: how many frames the log has.
    ///   - read: reads the file.
    /// - Returns: a result code of SQLite; `csqlite_ioerr_short_read` where anything else than these frames was found.
    mutating func check(_ count: Int, _ read: Read) -> Int32 {
        var found = Header()
        let code = withUnsafeMutableBytes(of: &found.words) { read($0, 0) }
        guard code == SQLITE_OK else { return code }
        if found != header || frames == 0 {
            // It is the first call, or SQLite has begun the log anew, as it does once all of it is in the database.
            guard found.isWhole else { return csqlite_ioerr_short_read }
            (header, frames, sum) = (found, 0, found.sum)
        }
        guard count >= frames else { return csqlite_ioerr_short_read }
        repeat {
            let first = max(0, frames - 1)
            let code = checkFrames(first..<min(first + Self.maxFramesRead, count), read)
            guard code == SQLITE_OK else { return code }
        } while frames < count
        return SQLITE_OK
    }

    private mutating func checkFrames(_ range: Range<Int>, _ read: Read) -> Int32 {
        let frameBytes = Self.frameHeaderBytes + header.pageBytes
        return withUnsafeTemporaryAllocation(byteCount: range.count * frameBytes, alignment: 8) { bytes in
            let code = read(bytes, Self.headerBytes + range.lowerBound * frameBytes)
            guard code == SQLITE_OK else { return code }
            var next = sum
            for start in stride(from: 0, to: bytes.count, by: frameBytes) {
                let frame = UnsafeRawBufferPointer(rebasing: bytes[start..<start + frameBytes])
                sum = next
                guard next.take(frame, of: header) else { return csqlite_ioerr_short_read }
            }
            frames = range.upperBound
            return SQLITE_OK
        }
    }

    /// The start of the file, as it is there.
    private struct Header: Equatable {
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
            withUnsafeBytes(of: words) { found.add($0[..<24], isBigEndian) }
            return found == sum
        }
    }

    /// The checksum of everything up to a frame.
    private struct Sum: Equatable {
        var first: UInt32 = 0
        var second: UInt32 = 0

        /// Adds a frame.
        ///
        /// - Returns: whether it is the next one of the log.
        mutating func take(_ frame: UnsafeRawBufferPointer, of header: Header) -> Bool {
            add(frame[..<8], header.isBigEndian)
            add(frame[frameHeaderBytes...], header.isBigEndian)
            let stored = SIMD2(
                frame.load(fromByteOffset: 16, as: UInt32.self),
                frame.load(fromByteOffset: 20, as: UInt32.self)
            )
            return frame.load(fromByteOffset: 8, as: SIMD2<UInt32>.self) == header.salts
                && stored == [first.bigEndian, second.bigEndian]
        }

        mutating func add(_ bytes: Slice<UnsafeRawBufferPointer>, _ isBigEndian: Bool) {
            let words = UnsafeRawBufferPointer(rebasing: bytes).assumingMemoryBound(to: UInt32.self)
            if isBigEndian {
                for index in stride(from: 0, to: words.count, by: 2) {
                    add(UInt32(bigEndian: words[index]), UInt32(bigEndian: words[index + 1]))
                }
            } else {
                for index in stride(from: 0, to: words.count, by: 2) {
                    add(UInt32(littleEndian: words[index]), UInt32(littleEndian: words[index + 1]))
                }
            }
        }

        private mutating func add(_ word: UInt32, _ next: UInt32) {
            first &+= word &+ second
            second &+= next &+ first
        }
    }
}
