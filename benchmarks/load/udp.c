/* A load of UDP tracker clients (BEP 15), closed loop: a bounded number of requests is outstanding.
 *
 *   udp PORT PID SECONDS TORRENTS PEERS ADDRESSES OUTSTANDING
 *
 * Each address 127.1.x.y has a socket and PEERS / ADDRESSES peers; the torrent of a peer is drawn by Zipf (exponent 1).
 * First each address connects and each peer announces once. Then for SECONDS: 80 % announces, 10 % scrapes of one
 * torrent, 10 % connects, of random peers. Every answer is checked. Prints one line of JSON with the answers and the
 * CPU seconds that the process PID spent on them. The info-hash of torrent i is i as 8 hex digits and 12 letters x. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECT, ANNOUNCE, SCRAPE, FAILURE, MAX_ADDRESSES = 4000, SLOTS = 4096 };
struct client { int fd; uint64_t proof; };
struct slot { uint32_t transaction; uint16_t address; uint8_t action, waiting; };

static struct client clients[MAX_ADDRESSES];
static struct slot slots[SLOTS];
static uint32_t *torrent_of, next_transaction = 1;
static int torrents, peers, addresses, limit, waiting, poller;
static long answers, announces, errors, bad, lost, handed_out;
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
    char path[64], text[1024], *end;
    unsigned long user = 0, system = 0;
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *f = fopen(path, "r");
    if (!f) return 0;
    text[fread(text, 1, sizeof text - 1, f)] = 0;
    fclose(f);
    if ((end = strrchr(text, ')')))
        sscanf(end + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return (double)(user + system) / sysconf(_SC_CLK_TCK);
}

static void put32(uint8_t *to, uint32_t value) { value = htobe32(value); memcpy(to, &value, 4); }
static uint32_t get32(const uint8_t *from) { uint32_t value; memcpy(&value, from, 4); return be32toh(value); }

static void put_hash(uint8_t *to, uint32_t torrent) {
    char text[21];
    snprintf(text, sizeof text, "%08xxxxxxxxxxxxx", torrent);
    memcpy(to, text, 20);
}

static void ask(int action, int peer) {
    uint8_t request[98] = {0};
    int address = peer % addresses, size = 16;
    uint32_t transaction = next_transaction++;
    struct slot *slot = &slots[transaction % SLOTS];
    if (slot->waiting) { lost++; waiting--; }
    *slot = (struct slot){transaction, (uint16_t)address, (uint8_t)action, 1};
    waiting++;
    uint64_t proof = action == CONNECT ? htobe64(0x41727101980ull) : clients[address].proof;
    memcpy(request, &proof, 8);
    put32(request + 8, action);
    put32(request + 12, transaction);
    if (action != CONNECT) { put_hash(request + 16, torrent_of[peer]); size = 36; }
    if (action == ANNOUNCE) {
        memcpy(request + 36, "-XX0001-", 8);
        put32(request + 44, peer);
        put32(request + 68, peer % 4 ? 1000 : 0); /* every fourth is a seed */
        put32(request + 92, 30);
        uint16_t port = htobe16(1024 + peer / addresses);
        memcpy(request + 96, &port, 2);
        size = 98;
    }
    if (send(clients[address].fd, request, size, 0) != size) { slot->waiting = 0; waiting--; lost++; }
}

static void hear(int address) {
    uint8_t answer[2048];
    ssize_t size;
    while ((size = recv(clients[address].fd, answer, sizeof answer, MSG_DONTWAIT)) >= 0) {
        uint32_t action = size >= 8 ? get32(answer) : 99, transaction = size >= 8 ? get32(answer + 4) : 0;
        struct slot *slot = &slots[transaction % SLOTS];
        if (!slot->waiting || slot->transaction != transaction || slot->address != address) { bad++; continue; }
        slot->waiting = 0;
        waiting--;
        answers++;
        if (action == FAILURE) { errors++; continue; }
        if (action != slot->action) { bad++; continue; }
        if (action == CONNECT) { if (size == 16) memcpy(&clients[address].proof, answer + 8, 8); else bad++; }
        if (action == SCRAPE && size != 20) bad++;
        if (action == ANNOUNCE) {
            announces++;
            if (size < 20 || (size - 20) % 6) bad++; else handed_out += (size - 20) / 6;
        }
    }
}

static void wait_for_answers(void) {
    struct epoll_event events[256];
    int ready = epoll_wait(poller, events, 256, 300);
    for (int k = 0; k < ready; k++) hear(events[k].data.fd);
    if (ready == 0)
        for (int k = 0; k < SLOTS; k++) if (slots[k].waiting) { slots[k].waiting = 0; waiting--; lost++; }
}

static void each(int action, int count) {
    for (int peer = 0; peer < count || waiting;) {
        while (peer < count && waiting < limit) ask(action, peer++);
        wait_for_answers();
    }
}

int main(int count, char **arguments) {
    if (count != 8) return 2;
    int port = atoi(arguments[1]), pid = atoi(arguments[2]);
    double seconds = atof(arguments[3]);
    torrents = atoi(arguments[4]); peers = atoi(arguments[5]); addresses = atoi(arguments[6]); limit = atoi(arguments[7]);
    if (addresses > MAX_ADDRESSES || limit > SLOTS / 2) return 2;
    double *up_to = malloc(sizeof *up_to * torrents), sum = 0;
    for (int i = 0; i < torrents; i++) up_to[i] = sum += 1.0 / (i + 1);
    torrent_of = malloc(sizeof *torrent_of * peers);
    for (int peer = 0; peer < peers; peer++) {
        double drawn = below(1u << 31) / (double)(1u << 31) * sum;
        int low = 0, high = torrents - 1;
        while (low < high) { int middle = (low + high) / 2; if (up_to[middle] < drawn) low = middle + 1; else high = middle; }
        torrent_of[peer] = low;
    }
    poller = epoll_create1(0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(0x7f000001)};
    for (int k = 0; k < addresses; k++) {
        struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f010001 + k)};
        struct epoll_event event = {.events = EPOLLIN, .data.fd = k};
        clients[k].fd = socket(AF_INET, SOCK_DGRAM, 0);
        if (bind(clients[k].fd, (void *)&from, sizeof from) || connect(clients[k].fd, (void *)&to, sizeof to)) return 1;
        epoll_ctl(poller, EPOLL_CTL_ADD, clients[k].fd, &event);
    }
    each(CONNECT, addresses);
    each(ANNOUNCE, peers);
    answers = announces = errors = bad = lost = handed_out = 0;
    double cpu = cpu_of(pid), began = now(), end = began + seconds;
    while (now() < end || waiting) {
        while (waiting < limit && now() < end) {
            uint32_t drawn = below(10);
            ask(drawn == 0 ? CONNECT : drawn == 1 ? SCRAPE : ANNOUNCE, below(peers));
        }
        wait_for_answers();
    }
    double took = now() - began;
    cpu = cpu_of(pid) - cpu;
    printf("{\"answers\": %ld, \"announces\": %ld, \"errors\": %ld, \"bad\": %ld, \"lost\": %ld, \"handed_out\": %ld, "
           "\"seconds\": %.3f, \"cpu\": %.3f}\n", answers, announces, errors, bad, lost, handed_out, took, cpu);
    return 0;
}
