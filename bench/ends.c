/* Both ends of a gateway in one process: the upstream that it calls and the clients that call it. Loopback only.
 *
 *   ends FOLDER       listens on a free port and prints it; then one run per line of standard input:
 *   PORT PATH BODY CONNECTIONS REQUESTS SECONDS HEADERS
 *
 * BODY is a file of FOLDER. HEADERS go out as they are, joined by `|`. A run ends after REQUESTS answers or SECONDS,
 * whichever is first, and prints one line of JSON. The upstream answers PATHs that end in /chat/completions from
 * chat.json or chat.sse, in /messages from messages.json or messages.sse; it streams where the body says
 * "stream":true. Its pace is chosen by the word that ends the model's name: `paced` is one event each 20 ms, `held` one
 * each second, anything else the whole stream at once, each event its own chunk. A run of 16 digits behind @@ in an
 * event is the time it was sent, in microseconds: the client reads it back.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS_MAX = 256, IN_MAX = 1 << 20, SAMPLES_MAX = 1 << 20, CLIENTS_MAX = 4096 };
enum { HEAD, SIZED, CHUNK_LINE, CHUNK, CHUNK_END, TRAILER, TO_EOF };

typedef struct { char *at; size_t size; } span;
typedef struct { span whole, burst, event[EVENTS_MAX]; int events; } canned;

typedef struct peer {
    int fd, client, busy, phase, status, close_after, next_event, events, matched, stamped, dead, slot;
    uint64_t began, due, stamp;
    long left, got;
    span out;
    size_t sent, held, line;
    const canned *pace;
    uint64_t interval;
    struct peer *before, *after; /* among the paced */
    char *in;
} peer;

static canned chat, messages;
static span refusal, stream_head, request;
static peer *paced, *clients[CLIENTS_MAX], console;
static int epoll, target, told; /* told: a line waits */
static long wanted, started, done, failed, seen_events, first_bytes, latencies, lags;
static double latency[SAMPLES_MAX], first_byte[SAMPLES_MAX], lag[SAMPLES_MAX];
static struct sockaddr_in loopback = {.sin_family = AF_INET};

static uint64_t now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1000000000ull + t.tv_nsec; }
static void sample(double *into, long *count, double value) { if (*count < SAMPLES_MAX) into[(*count)++] = value; }
static void die(const char *what) { perror(what); exit(1); }

static span load(const char *folder, const char *name) {
    char path[4096]; snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb"); if (!file) die(path);
    fseek(file, 0, SEEK_END); span text = {0, ftell(file)}; rewind(file);
    text.at = calloc(1, text.size + 1);
    if (fread(text.at, 1, text.size, file) != text.size) die(path);
    fclose(file); return text;
}
static void add(span *to, const char *more, size_t size) { to->at = realloc(to->at, to->size + size + 1); memcpy(to->at + to->size, more, size); to->size += size; to->at[to->size] = 0; }
static span answer(const char *status, span body) {
    char *head; int size = asprintf(&head, "HTTP/1.1 %s\r\ncontent-type: application/json\r\nx-request-id: req_bench\r\ncontent-length: %zu\r\n\r\n", status, body.size);
    span all = {0, 0}; add(&all, head, size); add(&all, body.at, body.size); free(head); return all;
}
static void prepare(canned *one, const char *folder, const char *json, const char *sse) {
    one->whole = answer("200 OK", load(folder, json));
    span text = load(folder, sse); char *from = text.at, *to, line[32];
    add(&one->burst, stream_head.at, stream_head.size);
    while ((to = strstr(from, "\n\n")) && one->events < EVENTS_MAX) {
        to += 2; span *event = &one->event[one->events++]; int size = snprintf(line, sizeof line, "%zx\r\n", (size_t)(to - from));
        add(event, line, size); add(event, from, to - from); add(event, "\r\n", 2); add(&one->burst, event->at, event->size); from = to;
    }
    add(&one->burst, "0\r\n\r\n", 5);
}

static void watch(peer *p, int how) {
    struct epoll_event e = {.events = EPOLLIN | how, .data.ptr = p};
    epoll_ctl(epoll, EPOLL_CTL_MOD, p->fd, &e);
}
static peer *join(int fd, int client) {
    peer *p = calloc(1, sizeof *p); int one = 1; p->fd = fd; p->client = client; p->in = malloc(IN_MAX);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = p}; epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e); return p;
}
static void unpace(peer *p) {
    if (!p->pace) return;
    if (p->before) p->before->after = p->after; else paced = p->after;
    if (p->after) p->after->before = p->before;
    p->pace = 0; p->before = p->after = 0;
}
static void leave(peer *p) { /* freed after the turn */
    if (p->dead) return;
    unpace(p); close(p->fd); free(p->in); p->dead = 1; p->in = 0;
    if (p->client) clients[p->slot] = 0;
}
static int flush(peer *p) {
    while (p->sent < p->out.size) {
        ssize_t size = send(p->fd, p->out.at + p->sent, p->out.size - p->sent, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (size < 0) { if (errno != EAGAIN) return -1; watch(p, EPOLLOUT); return 0; }
        p->sent += size;
    }
    return 0;
}
static int put(peer *p, span text) { p->out = text; p->sent = 0; return flush(p); }

/* the upstream */

static int take(peer *p) { /* the next whole request; -1 if this is none of ours */
    char *end = memmem(p->in, p->held, "\r\n\r\n", 4), *length; if (!end) return p->held == IN_MAX ? -1 : 0;
    *end = 0; size_t head = end + 4 - p->in, size = 0;
    if ((length = strcasestr(p->in, "\r\ncontent-length:"))) size = strtoul(length + 17, 0, 10);
    else if (strcasestr(p->in, "\r\ntransfer-encoding:")) { fputs("the gateway sends its request chunked\n", stderr); return -1; }
    if (head + size > IN_MAX) return -1;
    if (p->held < head + size) { *end = '\r'; return 0; }
    char *space = strchr(p->in, ' '), *stop = space ? strchr(space + 1, ' ') : 0; if (!stop) return -1;
    *stop = 0; canned *one = 0; size_t path = stop - space - 1;
    if (path > 16 && !strcmp(stop - 17, "/chat/completions")) one = &chat; else if (path > 8 && !strcmp(stop - 9, "/messages")) one = &messages;
    char *body = p->in + head; span out = one ? one->whole : refusal; p->interval = 0;
    if (one && (memmem(body, size, "\"stream\":true", 13) || memmem(body, size, "\"stream\": true", 14))) {
        p->interval = memmem(body, size, "-paced\"", 7) ? 20000000 : memmem(body, size, "-held\"", 6) ? 1000000000 : 0;
        out = p->interval ? stream_head : one->burst;
    }
    p->held -= head + size; memmove(p->in, p->in + head + size, p->held);
    if (p->interval) { p->pace = one; p->next_event = 0; p->due = now(); p->after = paced; if (paced) paced->before = p; paced = p; }
    return put(p, out);
}
static uint64_t tick(uint64_t at) { /* sends what is due; gives when the next is */
    uint64_t soonest = ~0ull; static span last = {"0\r\n\r\n", 5};
    for (peer *p = paced, *after; p; p = after) {
        after = p->after;
        if (p->due <= at && p->sent == p->out.size) {
            p->due += p->interval; if (p->due < at) p->due = at + p->interval;
            int bad;
            if (p->next_event == p->pace->events) { unpace(p); bad = put(p, last); }
            else { span event = p->pace->event[p->next_event++]; char *mark = memmem(event.at, event.size, "@@", 2), digits[24];
                if (mark) { snprintf(digits, sizeof digits, "%016llu", (unsigned long long)(now() / 1000)); memcpy(mark + 2, digits, 16); }
                bad = put(p, event); }
            if (bad) { leave(p); continue; }
        }
        if (p->pace && p->due < soonest) soonest = p->due;
    }
    return soonest;
}

/* the clients */

static void fire(peer *p);
static void dial(void) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0); loopback.sin_port = htons(target); loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, (void *)&loopback, sizeof loopback)) die("connect");
    peer *p = join(fd, 1);
    while (clients[p->slot]) if (++p->slot == CLIENTS_MAX) die("too many clients");
    clients[p->slot] = p; fire(p);
}
static void fire(peer *p) {
    p->busy = 0; if (started >= wanted) return;
    started++; p->busy = 1; p->phase = HEAD; p->held = p->line = p->got = p->events = p->matched = p->stamped = 0; p->began = now();
    if (put(p, request)) { failed++; done++; leave(p); }
}
static void finish(peer *p) {
    if (p->status != 200) failed++;
    sample(latency, &latencies, (now() - p->began) / 1e3); done++; seen_events += p->events;
    if (p->close_after) { leave(p); if (started < wanted) dial(); } else fire(p);
}
static void body(peer *p, const char *from, size_t size) { /* counts data: lines and reads the stamps */
    if (!p->got) sample(first_byte, &first_bytes, (now() - p->began) / 1e3);
    p->got += size; const char *end = from + size;
    while (from < end) {
        char ch = *from++;
        if (ch == '\n') p->matched = 0;
        else if (p->matched >= 0) { if (ch == "data:"[p->matched]) { if (++p->matched == 5) { p->events++; p->matched = -1; } } else p->matched = -1; }
        if (ch == '@') { p->stamped = p->stamped == 1 ? 2 : 1; p->stamp = 0; }
        else if (p->stamped >= 2 && ch >= '0' && ch <= '9') { p->stamp = p->stamp * 10 + ch - '0'; if (++p->stamped == 18) { if (p->stamp) sample(lag, &lags, now() / 1e3 - p->stamp); p->stamped = 0; } }
        else p->stamped = 0;
    }
}
static void hear(peer *p, char *at, size_t size) { /* bytes of an answer */
    while (size && p->busy && !p->dead) switch (p->phase) {
        case HEAD: {
            size_t old = p->held, room = IN_MAX - 1 - old, some = size < room ? size : room; memcpy(p->in + old, at, some); p->held += some; p->in[p->held] = 0;
            char *end = strstr(p->in, "\r\n\r\n"), *found; if (!end) { if (some < size) die("an answer's head"); return; }
            some = end + 4 - p->in - old; at += some; size -= some; end[2] = 0; p->status = atoi(p->in + 9);
            if (p->status != 200 && failed < 3) fprintf(stderr, "%.200s%.*s\n", p->in, (int)(size < 400 ? size : 400), at);
            p->close_after = !!strcasestr(p->in, "\nconnection: close");
            if (strcasestr(p->in, "\ntransfer-encoding: chunked")) p->phase = CHUNK_LINE;
            else if ((found = strcasestr(p->in, "\ncontent-length:"))) { p->phase = SIZED; p->left = atol(found + 16); if (!p->left) { finish(p); return; } }
            else p->phase = TO_EOF, p->close_after = 1;
            p->held = 0; break; }
        case SIZED: { size_t some = (long)size < p->left ? size : (size_t)p->left; body(p, at, some); at += some; size -= some; if (!(p->left -= some)) { finish(p); return; } break; }
        case CHUNK_LINE: if (*at == '\n') { p->in[p->held] = 0; p->left = strtol(p->in, 0, 16); p->held = 0; p->phase = p->left ? CHUNK : TRAILER; } else if (p->held < 64) p->in[p->held++] = *at; at++; size--; break;
        case CHUNK: { size_t some = (long)size < p->left ? size : (size_t)p->left; body(p, at, some); at += some; size -= some; if (!(p->left -= some)) p->phase = CHUNK_END; break; }
        case CHUNK_END: if (*at == '\n') p->phase = CHUNK_LINE; at++; size--; break;
        case TRAILER: if (*at == '\n') { finish(p); return; } at++; size--; break;
        case TO_EOF: body(p, at, size); return;
    }
}
static void ended(peer *p) { /* the gateway hung up */
    int busy = p->busy, whole = busy && p->phase == TO_EOF;
    if (whole) { p->close_after = 1; finish(p); return; }
    leave(p); if (busy) { failed++; done++; if (started < wanted) dial(); }
}

static int order(const void *a, const void *b) { double x = *(double *)a, y = *(double *)b; return (x > y) - (x < y); }
static double part(double *of, long count, double share) { return count ? of[(long)(share * (count - 1) + .5)] : 0; }
static void turn(int listener, int wait) {
    static struct epoll_event ready[512]; static peer *gone[1024]; static char bytes[1 << 18]; int dropped = 0;
    int count = epoll_wait(epoll, ready, 512, wait);
    for (int i = 0; i < count; i++) {
        peer *p = ready[i].data.ptr;
        if (!p) { int fd; while ((fd = accept4(listener, 0, 0, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) join(fd, 0); continue; }
        if (p == &console) { told = 1; continue; }
        if (p->dead) continue;
        int bad = 0;
        if (ready[i].events & EPOLLOUT) { watch(p, 0); bad = flush(p); }
        if (!bad && ready[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
            ssize_t size = p->client ? recv(p->fd, bytes, sizeof bytes, MSG_DONTWAIT) : recv(p->fd, p->in + p->held, IN_MAX - p->held, MSG_DONTWAIT);
            if (size > 0 && p->client) hear(p, bytes, size);
            else if (size > 0) { p->held += size; bad = !p->pace && take(p); }
            else if (size == 0 || errno != EAGAIN) bad = 1;
        }
        if (bad) { if (p->client) ended(p); else leave(p); }
        if (p->dead && dropped < 1024) gone[dropped++] = p;
    }
    while (dropped) free(gone[--dropped]);
}
static int pause_until(uint64_t soonest, uint64_t at) { return soonest == ~0ull ? 100 : soonest <= at ? 0 : (int)((soonest - at + 999999) / 1000000); }
int main(int count, char **word) {
    if (count != 2) return fputs("ends FOLDER\n", stderr), 2;
    const char *head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\nx-request-id: req_bench\r\ntransfer-encoding: chunked\r\n\r\n";
    add(&stream_head, head, strlen(head)); prepare(&chat, word[1], "chat.json", "chat.sse"); prepare(&messages, word[1], "messages.json", "messages.sse");
    refusal = answer("404 Not Found", (span){"{\"error\":{\"message\":\"no such path\"}}", 36});
    epoll = epoll_create1(EPOLL_CLOEXEC); int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0); socklen_t size = sizeof loopback;
    loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (void *)&loopback, size) || listen(listener, 4096) || getsockname(listener, (void *)&loopback, &size)) die("listen");
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = 0}; epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e);
    printf("%d\n", ntohs(loopback.sin_port)); fflush(stdout);
    char line[4096], path[256], file[256], headers[2048];
    int connections;
    double seconds;
    struct epoll_event words = {.events = EPOLLIN, .data.ptr = &console}; epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &words);
    for (;;) {
        while (!told) { uint64_t at = now(), soonest = tick(at); turn(listener, pause_until(soonest, at)); }
        told = 0; if (!fgets(line, sizeof line, stdin)) return 0;
        headers[0] = 0; if (sscanf(line, "%d %255s %255s %d %ld %lf %2047[^\n]", &target, path, file, &connections, &wanted, &seconds, headers) < 6) { puts("{}"); fflush(stdout); continue; }
        span text = load(word[1], file); char *first; for (char *bar = headers; (bar = strchr(bar, '|')); ) { memmove(bar + 2, bar + 1, strlen(bar)); memcpy(bar, "\r\n", 2); }
        int length = asprintf(&first, "POST %s HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: */*\r\nuser-agent: bench\r\n%s%scontent-length: %zu\r\n\r\n", path, headers, *headers ? "\r\n" : "", text.size);
        request.size = 0; add(&request, first, length); add(&request, text.at, text.size); free(first); free(text.at);
        started = done = failed = seen_events = first_bytes = latencies = lags = 0; uint64_t from = now(), until = from + (uint64_t)(seconds * 1e9);
        for (int i = 0; i < connections; i++) dial();
        while (done < wanted && now() < until) { uint64_t at = now(), soonest = tick(at); turn(listener, pause_until(soonest, at)); }
        double took = (now() - from) / 1e9; wanted = 0;
        for (int i = 0; i < CLIENTS_MAX; i++) if (clients[i]) { peer *p = clients[i]; leave(p); free(p); }
        qsort(latency, latencies, sizeof *latency, order); qsort(first_byte, first_bytes, sizeof *first_byte, order); qsort(lag, lags, sizeof *lag, order);
        printf("{\"requests\":%ld,\"open\":%ld,\"failed\":%ld,\"seconds\":%.4f,\"p50_us\":%.1f,\"p99_us\":%.1f,\"first_byte_p50_us\":%.1f,\"events\":%ld,\"lag_p50_us\":%.1f,\"lag_p99_us\":%.1f}\n", done, first_bytes - done, failed, took,
            part(latency, latencies, .5), part(latency, latencies, .99), part(first_byte, first_bytes, .5), seen_events, part(lag, lags, .5), part(lag, lags, .99));
        fflush(stdout);
    }
}
