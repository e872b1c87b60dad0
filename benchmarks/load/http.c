/* A load of HTTP tracker clients, closed loop: a fixed number of connections is busy.
 *
 *   http PORT PID SECONDS TORRENTS PEERS CONNECTIONS KEEP PATH
 *
 * KEEP 0: a new connection for each request, as BitTorrent clients have it; 1: connections stay open. PATH is what
 * stands before "announce" and "scrape". 16 source addresses 127.2.0.x; the torrent of a peer is drawn by Zipf
 * (exponent 1). First each peer announces once, then for SECONDS: 90 % announces, 10 % scrapes of one torrent. Every
 * answer is checked. Prints one line of JSON with the answers and the CPU seconds that PID spent on them. The
 * info-hash of torrent i is i as 8 hex digits and 12 letters x. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CONNECTIONS = 1000, ADDRESSES = 16 };
struct client { int fd, scrape, sent, size, received; char request[512], answer[8192]; };

static struct client clients[MAX_CONNECTIONS];
static uint32_t *torrent_of;
static int port, torrents, peers, connections, keep, poller, busy, filling, next_peer;
static const char *path;
static long answers, announces, errors, bad, lost, handed_out;
static double end;
static uint64_t state = 88172645463325252ull;

static uint32_t below(uint32_t n) {
    state ^= state << 13; state ^= state >> 7; state ^= state << 17;
    return (uint32_t)(((state >> 32) * n) >> 32);
}

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

/* Write the next request; 0 when there is none. */
static int compose(struct client *c, int *address) {
    int peer;
    if (filling) { if (next_peer >= peers) return 0; peer = next_peer++; }
    else { if (now() >= end) return 0; peer = below(peers); }
    c->scrape = !filling && below(10) == 0;
    char *to = c->request;
    to += sprintf(to, "GET %s%s?info_hash=%%%02X", path, c->scrape ? "scrape" : "announce", '0');
    char text[32];
    snprintf(text, sizeof text, "%08xxxxxxxxxxxxx", torrent_of[peer]);
    for (int k = 1; k < 20; k++) to += sprintf(to, k % 3 ? "%%%02X" : "%c", text[k]); /* two of three are escaped, as in real hashes */
    if (!c->scrape)
        to += sprintf(to, "&peer_id=-XX0001-%012d&port=%d&uploaded=99&downloaded=1234&left=%d&corrupt=0&key=%08X&numwant=30"
                          "&compact=1&no_peer_id=1&supportcrypto=1", peer, 1024 + peer / ADDRESSES, peer % 4 ? 1000 : 0, peer);
    to += sprintf(to, " HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: qBittorrent/4.6.0\r\nAccept-Encoding: gzip\r\nConnection: %s\r\n\r\n",
                  port, keep ? "keep-alive" : "close");
    c->size = to - c->request;
    c->sent = c->received = 0;
    *address = peer % ADDRESSES;
    return 1;
}

static void drop(struct client *c) { if (c->fd >= 0) close(c->fd); c->fd = -1; }

static void ask(struct client *c) {
    int address, one = 1;
    if (!compose(c, &address)) { drop(c); busy--; return; }
    if (c->fd < 0) {
        c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f020001 + address)};
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(0x7f000001)};
        bind(c->fd, (void *)&from, sizeof from);
        if (connect(c->fd, (void *)&to, sizeof to) && errno != EINPROGRESS) { perror("connect"); exit(1); }
        struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
        epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event);
    }
    ssize_t sent = send(c->fd, c->request, c->size, MSG_NOSIGNAL);
    if (sent > 0) c->sent = sent;
}

static int whole(struct client *c) {
    c->answer[c->received] = 0;
    char *body = strstr(c->answer, "\r\n\r\n"), *length = strcasestr(c->answer, "\r\ncontent-length:");
    return body && length && length < body && c->received >= body + 4 - c->answer + atoi(length + 17);
}

static void check(struct client *c) {
    char *body = strstr(c->answer, "\r\n\r\n");
    answers++;
    if (!body || strncmp(c->answer + 8, " 200", 4)) { bad++; return; }
    size_t size = c->received - (body - c->answer);
    char *found = memmem(body, size, c->scrape ? "5:files" : "5:peers", 7);
    if (!found) { if (memmem(body, size, "failure", 7)) errors++; else bad++; }
    else if (!c->scrape) { announces++; handed_out += atoi(found + 7) / 6; }
}

static void hear(struct client *c, uint32_t events) {
    if (c->fd < 0) return;
    if (c->sent < c->size && events & EPOLLOUT) {
        ssize_t sent = send(c->fd, c->request + c->sent, c->size - c->sent, MSG_NOSIGNAL);
        if (sent > 0) c->sent += sent;
    }
    for (;;) {
        ssize_t size = recv(c->fd, c->answer + c->received, sizeof c->answer - 1 - c->received, 0);
        if (size < 0 && errno == EAGAIN) return;
        if (size > 0) c->received += size;
        if (size > 0 && !whole(c)) continue;
        if (whole(c) || (size <= 0 && strstr(c->answer, "\r\n\r\n") && c->received)) check(c); else lost++;
        if (!keep || size <= 0) drop(c);
        ask(c);
        return;
    }
}

static void run(void) {
    struct epoll_event events[256];
    busy = connections;
    for (int k = 0; k < connections; k++) { clients[k].fd = -1; ask(&clients[k]); }
    while (busy > 0) {
        int ready = epoll_wait(poller, events, 256, 3000);
        if (ready == 0) { lost += busy; for (int k = 0; k < connections; k++) drop(&clients[k]); return; }
        for (int k = 0; k < ready; k++) hear(events[k].data.ptr, events[k].events);
    }
}

int main(int count, char **arguments) {
    if (count != 9) return 2;
    port = atoi(arguments[1]);
    int pid = atoi(arguments[2]);
    double seconds = atof(arguments[3]), sum = 0;
    torrents = atoi(arguments[4]); peers = atoi(arguments[5]); connections = atoi(arguments[6]);
    keep = atoi(arguments[7]); path = arguments[8];
    if (connections > MAX_CONNECTIONS) return 2;
    double *up_to = malloc(sizeof *up_to * torrents);
    for (int i = 0; i < torrents; i++) up_to[i] = sum += 1.0 / (i + 1);
    torrent_of = malloc(sizeof *torrent_of * peers);
    for (int peer = 0; peer < peers; peer++) {
        double drawn = below(1u << 31) / (double)(1u << 31) * sum;
        int low = 0, high = torrents - 1;
        while (low < high) { int middle = (low + high) / 2; if (up_to[middle] < drawn) low = middle + 1; else high = middle; }
        torrent_of[peer] = low;
    }
    poller = epoll_create1(0);
    filling = 1;
    run();
    filling = 0;
    answers = announces = errors = bad = lost = handed_out = 0;
    double cpu = cpu_of(pid), began = now();
    end = began + seconds;
    run();
    double took = now() - began;
    cpu = cpu_of(pid) - cpu;
    printf("{\"answers\": %ld, \"announces\": %ld, \"errors\": %ld, \"bad\": %ld, \"lost\": %ld, \"handed_out\": %ld, "
           "\"seconds\": %.3f, \"cpu\": %.3f}\n", answers, announces, errors, bad, lost, handed_out, took, cpu);
    return 0;
}
