// The C surface that the SQLite store needs of libsqlite3.
#ifndef CSQLITE_SHIM_H
#define CSQLITE_SHIM_H

#include <sqlite3.h>

// SQLITE_TRANSIENT is a cast of -1 to a function pointer, which Swift does not import.
static inline int csqlite_bind_text_copy(sqlite3_stmt *statement, int index, const char *bytes, int count) {
    return sqlite3_bind_text(statement, index, bytes, count, SQLITE_TRANSIENT);
}

// The function for settings of a connection is variadic, which Swift does not import.
static inline int csqlite_keep_log_on_close(sqlite3 *connection, int keeps) {
    return sqlite3_db_config(connection, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, keeps, (int *)0);
}

// Reads the write-ahead log of a connection through the file that SQLite has open.
static inline int csqlite_read_log(sqlite3 *connection, void *bytes, int count, sqlite3_int64 offset) {
    sqlite3_file *log = 0;
    int code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (code != SQLITE_OK) return code;
    if (log == 0 || log->pMethods == 0) return SQLITE_IOERR_SHORT_READ;
    return log->pMethods->xRead(log, bytes, count, offset);
}

// Result codes whose macros are expressions, which Swift does not import.
static const int csqlite_ioerr_write = SQLITE_IOERR_WRITE;
static const int csqlite_ioerr_short_read = SQLITE_IOERR_SHORT_READ;

#endif
