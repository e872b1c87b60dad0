/* A load of WebTorrent clients, closed loop: a bounded number of announces is outstanding.
 *
 *   ws PORT PID SECONDS TORRENTS SOCKETS OFFERS BYTES OUTSTANDING HOLD PATH
 *
 * Opens SOCKETS from 200 source addresses, one peer each in a torrent drawn by Zipf (exponent 1), and announces each once. Then, for
 * SECONDS, random sockets announce with OFFERS offers of BYTES bytes; every offer that comes is answered. Then, for
 * HOLD seconds, each socket announces every two minutes as browsers do, pings are answered, and none may be closed.
 * Prints one line of JSON: messages received, and the CPU seconds that the process PID spent on them. The info-hash of torrent i is i as 8 hex digits and 12 letters x. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ADDRESSES = 200, INTERVAL = 120, TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };
struct buffer { char *bytes; int size, room, at; };
struct client { int fd, open, asked, blocked; uint32_t torrent; struct buffer in, out; };

static struct client *clients;
static int torrents, sockets, offers, outstanding, waiting, opened, poller, drawing;
static long messages, announces, relayed, answered, errors, bad, closed;
static char *description, message[1 << 20];
static uint64_t state = 88172645463325252ull;

static uint32_t draw(void) { state ^= state << 13; state ^= state >> 7; state ^= state << 17; return state >> 32; }
static uint32_t below(uint32_t n) { return (uint32_t)(((uint64_t)draw() * n) >> 32); }

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static double cpu_of(int pid) {
    char file[64], text[1024], *last;
    unsigned long user = 0, system = 0;
    snprintf(file, sizeof file, "/proc/%d/stat", pid);
    FILE *f = fopen(file, "r");
    if (!f) return 0;
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    if ((last = strrchr(text, ')')))
        sscanf(last + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return (double)(user + system) / sysconf(_SC_CLK_TCK);
}

static long rss_of(int pid) {
    char file[64], line[256];
    long found = 0;
    snprintf(file, sizeof file, "/proc/%d/status", pid);
    FILE *f = fopen(file, "r");
    if (!f) return 0;
    while (fgets(line, sizeof line, f)) if (sscanf(line, "VmRSS: %ld", &found) == 1) break;
    fclose(f);
    return found;
}

static char *room(struct buffer *b, int more) {
    if (b->size + more > b->room) b->bytes = realloc(b->bytes, b->room = (b->size + more) * 2);
    return b->bytes + b->size;
}

static void push(struct client *c) {
    while (c->out.at < c->out.size) {
        ssize_t sent = send(c->fd, c->out.bytes + c->out.at, c->out.size - c->out.at, MSG_NOSIGNAL);
        if (sent < 0) break;
        c->out.at += sent;
    }
    int blocked = c->out.at < c->out.size;
    if (!blocked) c->out.at = c->out.size = 0;
    if (blocked != c->blocked) {
        struct epoll_event event = {.events = EPOLLIN | (blocked ? EPOLLOUT : 0), .data.ptr = c};
        epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &event);
        c->blocked = blocked;
    }
}

static void say(struct client *c, int opcode, const char *text, int size) {
    uint8_t *to = (uint8_t *)room(&c->out, size + 8), mask[4];
    uint32_t drawn = draw();
    memcpy(mask, &drawn, 4);
    int at = 0;
    to[at++] = 0x80 | opcode;
    if (size < 126) to[at++] = 0x80 | size;
    else { to[at++] = 0x80 | 126; to[at++] = size >> 8; to[at++] = size; }
    memcpy(to + at, mask, 4);
    at += 4;
    for (int k = 0; k < size; k++) to[at + k] = text[k] ^ mask[k & 3];
    c->out.size += at + size;
    push(c);
}

static char *put_peer(char *to, const char *name, int peer) { return to + sprintf(to, "\"%s\":\"-XX0001-%012d\"", name, peer); }

static void announce(struct client *c, int with) {
    int peer = c - clients;
    char *to = message + sprintf(message, "{\"action\":\"announce\",\"info_hash\":\"%08xxxxxxxxxxxxx\",\"numwant\":%d,\"uploaded\":0,"
                                          "\"downloaded\":0,\"left\":%d,", c->torrent, with, peer % 4 ? 1000 : 0);
    to = put_peer(to, "peer_id", peer);
    if (!with) to += sprintf(to, ",\"event\":\"started\"");
    to += sprintf(to, ",\"offers\":[");
    for (int k = 0; k < with; k++)
        to += sprintf(to, "%s{\"offer\":{\"type\":\"offer\",\"sdp\":\"%s\"},\"offer_id\":\"%08x%08x%04x\"}", k ? "," : "", description, draw(), peer, k);
    to += sprintf(to, "]}");
    c->asked = 1;
    waiting++;
    say(c, TEXT, message, to - message);
}

static const char *value_of(const char *text, const char *name) { const char *found = strstr(text, name); return found ? found + strlen(name) : NULL; }

static void hear(struct client *c, char *text) {
    messages++;
    if (strstr(text, "\"failure reason\"")) { errors++; return; }
    if (strstr(text, "\"offer\":")) {
        const char *id = value_of(text, "\"offer_id\":\""), *from = value_of(text, "\"peer_id\":\"");
        if (!id || !from) { bad++; return; }
        relayed++;
        char *to = message + sprintf(message, "{\"action\":\"announce\",\"info_hash\":\"%08xxxxxxxxxxxxx\",\"to_peer_id\":\"%.20s\",", c->torrent, from);
        to = put_peer(to, "peer_id", c - clients);
        to += sprintf(to, ",\"answer\":{\"type\":\"answer\",\"sdp\":\"%s\"},\"offer_id\":\"%.20s\"}", description, id);
        say(c, TEXT, message, to - message);
    } else if (strstr(text, "\"answer\":")) answered++;
    else if (strstr(text, "\"interval\":")) {
        announces++;
        if (c->asked) { c->asked = 0; waiting--; }
        if (c->open == 1) { c->open = 2; opened++; }
    } else bad++;
}

static void pull(struct client *c) {
    for (;;) {
        ssize_t size = recv(c->fd, room(&c->in, 65536), 65535, 0);
        if (size < 0 && errno == EAGAIN) break;
        if (size <= 0) {
            closed++;
            fprintf(stderr, "socket %d was closed by the server: %.*s\n", (int)(c - clients), c->in.size < 200 ? c->in.size : 200, c->in.bytes);
            exit(1);
        }
        c->in.size += size;
        if (size < 65535) break;
    }
    char *at = c->in.bytes, *end = at + c->in.size;
    if (!c->open) {
        char *body = memmem(at, c->in.size, "\r\n\r\n", 4);
        if (!body) return;
        if (strncmp(at + 8, " 101", 4)) { fprintf(stderr, "no WebSocket: %.60s\n", at); exit(1); }
        at = body + 4;
        c->open = 1;
        announce(c, 0);
    }
    while (end - at >= 2) {
        int opcode = at[0] & 15, size = at[1] & 127, head = 2;
        if (size == 126) { if (end - at < 4) break; size = (uint8_t)at[2] << 8 | (uint8_t)at[3]; head = 4; }
        if (end - at < head + size) break;
        if (opcode == TEXT) { char kept = at[head + size]; at[head + size] = 0; hear(c, at + head); at[head + size] = kept; }
        else if (opcode == PING) say(c, PONG, at + head, size);
        else if (opcode == CLOSE) { fprintf(stderr, "the server closes: %.*s\n", size - 2, at + head + 2); exit(1); }
        at += head + size;
    }
    c->in.size = end - at;
    memmove(c->in.bytes, at, c->in.size);
}

static void turn(int milliseconds) {
    struct epoll_event events[256];
    int ready = epoll_wait(poller, events, 256, milliseconds);
    for (int k = 0; k < ready; k++) {
        struct client *c = events[k].data.ptr;
        if (events[k].events & EPOLLOUT) push(c);
        if (events[k].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) pull(c);
    }
    while (drawing && waiting < outstanding) {
        struct client *c = &clients[below(sockets)];
        if (!c->asked) announce(c, offers);
    }
}

int main(int count, char **arguments) {
    if (count != 11) return 2;
    int port = atoi(arguments[1]), pid = atoi(arguments[2]), bytes = atoi(arguments[7]);
    double seconds = atof(arguments[3]), hold = atof(arguments[9]), sum = 0;
    torrents = atoi(arguments[4]); sockets = atoi(arguments[5]); offers = atoi(arguments[6]); outstanding = atoi(arguments[8]);
    struct rlimit files = {sockets + 100, sockets + 100};
    setrlimit(RLIMIT_NOFILE, &files);
    double *up_to = malloc(sizeof *up_to * torrents);
    for (int i = 0; i < torrents; i++) up_to[i] = sum += 1.0 / (i + 1);
    description = malloc(bytes + 1);
    for (int k = 0; k < bytes; k++) description[k] = "a=candidate:1 1 udp 2113937151 192.0.2.7 54321 typ host;"[k % 56];
    description[bytes] = 0;
    clients = calloc(sockets, sizeof *clients);
    poller = epoll_create1(0);
    double began = now(), cpu = cpu_of(pid);
    long empty = rss_of(pid);
    for (int k = 0; k < sockets; k++) {
        struct client *c = &clients[k];
        double drawn = below(1u << 31) / (double)(1u << 31) * sum;
        while (c->torrent < (uint32_t)torrents - 1 && up_to[c->torrent] < drawn) c->torrent++;
        int one = 1;
        c->fd = socket(AF_INET, SOCK_STREAM, 0);
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f030001 + k % ADDRESSES)};
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(0x7f000001)};
        bind(c->fd, (void *)&from, sizeof from);
        if (connect(c->fd, (void *)&to, sizeof to)) { perror("connect"); return 1; }
        fcntl(c->fd, F_SETFL, O_NONBLOCK);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event);
        char *request = room(&c->out, 512);
        c->out.size += sprintf(request, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", arguments[10], port);
        push(c);
        while (opened + 64 < k) turn(1000);
        turn(0);
    }
    for (int k = 0; opened < sockets && k < 300; k++) turn(100);
    if (opened < sockets) { fprintf(stderr, "only %d of %d sockets\n", opened, sockets); return 1; }
    double opening = now() - began, opening_cpu = cpu_of(pid) - cpu;
    long full = rss_of(pid);
    messages = announces = relayed = answered = errors = bad = 0;
    cpu = cpu_of(pid); began = now();
    drawing = 1;
    while (now() < began + seconds) turn(20);
    drawing = 0;
    for (double end = now() + 1; waiting && now() < end;) turn(20);
    double took = now() - began;
    cpu = cpu_of(pid) - cpu;
    printf("{\"answers\": %ld, \"announces\": %ld, \"relayed\": %ld, \"answered\": %ld, \"errors\": %ld, \"bad\": %ld, \"seconds\": %.3f, "
           "\"cpu\": %.3f, \"opening\": %.3f, \"opening_cpu\": %.3f, \"empty_kib\": %ld, \"full_kib\": %ld, \"busy_kib\": %ld, ",
           messages, announces, relayed, answered, errors, bad, took, cpu, opening, opening_cpu, empty, full, rss_of(pid));
    long most = 0, first = 0, held = messages;
    int next = 0;
    cpu = cpu_of(pid); began = now();
    for (double looked = 0; now() < began + hold;) {
        turn(50);
        for (double due = (now() - began) * sockets / INTERVAL; next < due; next++)
            if (!clients[next % sockets].asked) announce(&clients[next % sockets], offers);
        if (now() < looked + 1) continue;
        looked = now();
        if (rss_of(pid) > most) most = rss_of(pid);
        if (!first && now() > began + INTERVAL) first = most;
    }
    printf("\"held_kib\": %ld, \"held_first_kib\": %ld, \"held_end_kib\": %ld, \"held_messages\": %ld, \"held_cpu\": %.3f, \"held_errors\": %ld}\n",
           most, first, rss_of(pid), messages - held, cpu_of(pid) - cpu, errors + bad);
    return 0;
}
