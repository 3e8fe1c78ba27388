// The C surface that the MicroHTTP target needs of GNU libmicrohttpd.
// Shims only where the C function is variadic, which Swift cannot import: one call each, no logic.
#ifndef CMICROHTTPD_SHIM_H
#define CMICROHTTPD_SHIM_H

#include <microhttpd.h>

// MHD_start_daemon is variadic. Numbers come in `options`, which ends with MHD_OPTION_END; every callback gets `context`.
// libmicrohttpd 1.0 can refuse by itself what 0.9 lets through; older headers do not have the option. Level 1, since from 2 on
// it closes without an answer on an empty line before a request, which clients may send (RFC 9112, section 2.2).
#if MHD_VERSION >= 0x00097701
#define CMHD_DISCIPLINE MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1,
#else
#define CMHD_DISCIPLINE
#endif
static inline struct MHD_Daemon *
cmhd_start_daemon (unsigned int flags,
                   void *context,
                   MHD_AccessHandlerCallback handle_request,
                   MHD_RequestCompletedCallback request_completed,
                   MHD_NotifyConnectionCallback connection_changed,
                   size_t (*unescape)(void *, struct MHD_Connection *, char *),
                   void *(*note_target)(void *, const char *, struct MHD_Connection *),
                   struct MHD_OptionItem *options)
{
  return MHD_start_daemon (flags, 0, NULL, NULL, handle_request, context,
                           MHD_OPTION_NOTIFY_COMPLETED, request_completed, context,
                           MHD_OPTION_NOTIFY_CONNECTION, connection_changed, context,
                           MHD_OPTION_UNESCAPE_CALLBACK, unescape, context,
                           MHD_OPTION_URI_LOG_CALLBACK, note_target, context,
                           CMHD_DISCIPLINE
                           MHD_OPTION_ARRAY, options,
                           MHD_OPTION_END);
}

// MHD_get_daemon_info is variadic.
static inline const union MHD_DaemonInfo *
cmhd_daemon_info (struct MHD_Daemon *daemon, enum MHD_DaemonInfoType type)
{
  return MHD_get_daemon_info (daemon, type);
}

// MHD_get_connection_info is variadic.
static inline const union MHD_ConnectionInfo *
cmhd_connection_info (struct MHD_Connection *connection, enum MHD_ConnectionInfoType type)
{
  return MHD_get_connection_info (connection, type);
}

// MHD_set_response_options is variadic.
static inline enum MHD_Result
cmhd_set_response_flags (struct MHD_Response *response, enum MHD_ResponseFlags flags)
{
  return MHD_set_response_options (response, flags, MHD_RO_END);
}

#endif
