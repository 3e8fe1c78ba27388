// The server that MicroHTTP is measured against: what libmicrohttpd can do in C, without routes, checks or limits.
//
// External epoll on the main thread, an 8 KiB pool a connection, one response that all GET share. PUT suspends the
// connection until a committer thread has written its body to a file, with those that came meanwhile, and flushed it.
//
//     reference-server DIRECTORY
//
// It listens on a free port of 127.0.0.1, which it prints, until its standard input ends.
#define _GNU_SOURCE
#include <fcntl.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { BODY_BYTES_MAX = 1024, WAITING_MAX = 4096 };

struct request {
  struct MHD_Connection *connection;
  size_t bytes;
  char body[BODY_BYTES_MAX];
  int is_committed;
};

static const char document[]
    = "{\"id\":\"f0d8e1f2-3c4b-4a5d-8e6f-7a8b9c0d1e2f\",\"temperature\":21.5,\"humidity\":40.25,\"pressure\":1013.25,"
      "\"battery\":0.87,\"samples\":123456,\"state\":\"ok\"}";
static struct MHD_Response *get_response, *put_response;
static int get_marker;
static int event, file;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static struct request *waiting[WAITING_MAX];
static int waiting_count;

static void fail (const char *what)
{
  perror (what);
  exit (1);
}

static void *commit (void *unused)
{
  static struct request *batch[WAITING_MAX];
  (void) unused;
  for (;;)
    {
      pthread_mutex_lock (&mutex);
      while (waiting_count == 0)
        pthread_cond_wait (&arrived, &mutex);
      const int count = waiting_count;
      memcpy (batch, waiting, sizeof (batch[0]) * (size_t) count);
      waiting_count = 0;
      pthread_mutex_unlock (&mutex);
      for (int i = 0; i < count; i++)
        if (write (file, batch[i]->body, batch[i]->bytes) < 0)
          fail ("write");
      if (fdatasync (file) != 0)
        fail ("fdatasync");
      for (int i = 0; i < count; i++)
        {
          batch[i]->is_committed = 1;
          MHD_resume_connection (batch[i]->connection);
        }
      const uint64_t one = 1;
      if (write (event, &one, sizeof (one)) < 0)
        fail ("eventfd");
    }
  return NULL;
}

static enum MHD_Result put (struct MHD_Connection *connection, struct request *request)
{
  if (request->is_committed)
    return MHD_queue_response (connection, MHD_HTTP_OK, put_response);
  MHD_suspend_connection (connection);
  pthread_mutex_lock (&mutex);
  if (waiting_count == WAITING_MAX)
    fail ("too many requests");
  waiting[waiting_count++] = request;
  pthread_cond_signal (&arrived);
  pthread_mutex_unlock (&mutex);
  return MHD_YES;
}

static enum MHD_Result handle (void *unused, struct MHD_Connection *connection, const char *url, const char *method,
                               const char *version, const char *piece, size_t *piece_bytes, void **context)
{
  (void) unused, (void) url, (void) version;
  if (*context == NULL)
    {
      *context = &get_marker;
      if (strcmp (method, "PUT") == 0)
        {
          struct request *request = calloc (1, sizeof (*request));
          if (request == NULL)
            return MHD_NO;
          request->connection = connection;
          *context = request;
        }
      return MHD_YES;
    }
  if (*context == &get_marker)
    return MHD_queue_response (connection, MHD_HTTP_OK, get_response);
  struct request *request = *context;
  if (*piece_bytes == 0)
    return put (connection, request);
  if (request->bytes + *piece_bytes > BODY_BYTES_MAX)
    return MHD_NO;
  memcpy (request->body + request->bytes, piece, *piece_bytes);
  request->bytes += *piece_bytes;
  *piece_bytes = 0;
  return MHD_YES;
}

static void complete (void *unused, struct MHD_Connection *connection, void **context,
                      enum MHD_RequestTerminationCode reason)
{
  (void) unused, (void) connection, (void) reason;
  if (*context != &get_marker)
    free (*context);
  *context = NULL;
}

int main (int count, char **words)
{
  if (count != 2 || chdir (words[1]) != 0)
    fail ("reference-server DIRECTORY");
  event = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  file = open ("reference.log", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
  if (event < 0 || file < 0)
    fail ("reference.log");
  get_response = MHD_create_response_from_buffer (sizeof (document) - 1, (void *) document, MHD_RESPMEM_PERSISTENT);
  put_response = MHD_create_response_from_buffer (sizeof (document) - 1, (void *) document, MHD_RESPMEM_PERSISTENT);
  MHD_add_response_header (get_response, "Content-Type", "application/json");
  MHD_add_response_header (put_response, "Content-Type", "application/json");

  struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  struct MHD_Daemon *daemon = MHD_start_daemon (
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME, 0, NULL, NULL, handle, NULL, MHD_OPTION_SOCK_ADDR, &address,
      MHD_OPTION_NOTIFY_COMPLETED, complete, NULL, MHD_OPTION_CONNECTION_LIMIT, 2000u, MHD_OPTION_CONNECTION_TIMEOUT, 30u,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t) 8 << 10, MHD_OPTION_END);
  if (daemon == NULL)
    fail ("MHD_start_daemon");
  pthread_t committer;
  if (pthread_create (&committer, NULL, commit, NULL) != 0)
    fail ("pthread_create");
  printf ("127.0.0.1:%d\n", MHD_get_daemon_info (daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
  fflush (stdout);

  struct pollfd polled[] = {
    { .fd = MHD_get_daemon_info (daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd, .events = POLLIN },
    { .fd = event, .events = POLLIN },
    { .fd = STDIN_FILENO, .events = POLLIN },
  };
  while (polled[2].revents == 0)
    {
      MHD_run (daemon);
      MHD_UNSIGNED_LONG_LONG milliseconds;
      int wait = MHD_get_timeout (daemon, &milliseconds) == MHD_YES ? (int) milliseconds : -1;
      poll (polled, 3, wait);
      uint64_t times;
      if (polled[1].revents != 0 && read (event, &times, sizeof (times)) < 0)
        fail ("eventfd");
    }
  // The system takes back all that it has; stopping is not what is measured.
  return 0;
}
