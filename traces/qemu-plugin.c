/*
 * A plugin of QEMU's user-mode emulation that writes every memory access of the traced program into a socket.
 *
 * Producer's interface: QEMU 7.2, include/qemu/qemu-plugin.h, plugin API version 1. Debian packages no header, so what is
 * used of it is declared here. Reader: read-recording.ts.
 *
 * Arguments: fd=N, the socket; fetches=on for instruction fetches as well.
 *
 * Each thread fills a chunk of its own, so that nothing is shared on the way of an access. A chunk is sent whole, under a
 * lock, when it is full, when its thread enters the kernel (so what a thread did before it wakes another comes before what
 * that one does then), and at the end. Time within a chunk is the number of instructions of its thread since the chunk
 * before. All numbers are in the host's byte order; everything that is sent is a multiple of 8 bytes long.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { NO_REGISTERS = 0, LOADS_AND_STORES = 3 };

void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id, void (*)(plugin_id, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned, void *), int, void *);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int, void *);
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *, void (*)(unsigned, uint32_t, uint64_t, void *), int, int,
                                      void *);
void qemu_plugin_register_vcpu_syscall_cb(plugin_id, void (*)(plugin_id, unsigned, int64_t, uint64_t, uint64_t, uint64_t,
                                                              uint64_t, uint64_t, uint64_t, uint64_t, uint64_t));
void qemu_plugin_register_vcpu_syscall_ret_cb(plugin_id, void (*)(plugin_id, unsigned, int64_t, int64_t));
void qemu_plugin_register_vcpu_exit_cb(plugin_id, void (*)(plugin_id, unsigned));
void qemu_plugin_register_atexit_cb(plugin_id, void (*)(plugin_id, void *), void *);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *);
unsigned qemu_plugin_mem_size_shift(uint32_t info);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

/* Kinds of what is sent; read-recording.ts has the same. */
enum { ACCESSES = 0x4341574e, SYSCALL = 0x5341574e, MAPS = 0x4d41574e, MESSAGE = 0x5441574e, END = 0x4541574e };
enum { LOAD, STORE, FETCH, NONE };
enum { RECORDS = 4096, LONGEST_MERGED = 64, HIGH_FD = 1000 };

/* What begins everything sent: kind, thread, records or bytes that follow, instructions of the thread in this chunk. */
struct header { uint32_t kind, thread, count, instructions; };

struct thread {
    uint32_t id;
    uint32_t count;          /* records in the chunk */
    uint32_t block, next;    /* time before the running translation block, and after it */
    uint32_t last_time;      /* of the last record, with its end and op: what its next piece would continue */
    uint64_t last_end;
    uint8_t last_op;
    uint64_t arguments[6];   /* of the system call being made */
    struct thread *other;    /* all threads there are */
    uint64_t address[RECORDS];
    uint32_t time[RECORDS];
    uint16_t size[RECORDS];
    uint8_t op[RECORDS];
};

struct fetch { uint64_t address; uint32_t size, position; };

/* Initial-exec: a load relative to the thread pointer, where the general way would be a call for each access. */
static __thread struct thread *self __attribute__((tls_model("initial-exec")));
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct thread *threads;
static volatile bool recording = true;
static bool fetches;
static int out = -1;
static FILE *own_stderr;

/*
 * Sends all parts, or ends the recording: then nobody reads any more. The program runs on; what is translated from then on
 * has no callbacks, those there are fill chunks in vain. (qemu_plugin_reset would take them away, but QEMU 7.2 then meets a
 * list of memory callbacks that it has freed: a helper's access aborts in qemu_plugin_vcpu_mem_cb.)
 */
static void send_parts(struct iovec *part, size_t parts)
{
    while (parts > 0 && recording) {
        struct msghdr message = { .msg_iov = part, .msg_iovlen = parts };
        ssize_t sent = sendmsg(out, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0) {
            recording = false;
            close(out);
            return;
        }
        for (; parts > 0 && (size_t)sent >= part->iov_len; part++, parts--) sent -= part->iov_len;
        if (parts > 0) {
            part->iov_base = (char *)part->iov_base + sent;
            part->iov_len -= sent;
        }
    }
}

static void begin_chunk(struct thread *t, uint32_t now)
{
    t->count = 0;
    t->last_op = NONE;
    t->block -= now;
    t->next -= now;
}

/* Sends a thread's chunk, which ends at `now`; its clock begins anew there. The lock is held. */
static void send_chunk(struct thread *t, uint32_t now)
{
    size_t n = (t->count + 7) & ~7u;
    struct header header = { ACCESSES, t->id, t->count, now };
    struct iovec part[] = { { &header, sizeof header }, { t->address, n * sizeof *t->address },
                            { t->time, n * sizeof *t->time }, { t->size, n * sizeof *t->size }, { t->op, n } };
    send_parts(part, 5);
    begin_chunk(t, now);
}

static void flush(struct thread *t, uint32_t now)
{
    if (!recording) {
        begin_chunk(t, now);
        return;
    }
    pthread_mutex_lock(&lock);
    send_chunk(t, now);
    pthread_mutex_unlock(&lock);
}

static void flush_all(void)
{
    if (!recording) return;
    pthread_mutex_lock(&lock);
    for (struct thread *t = threads; t != NULL; t = t->other)
        if (t->count > 0 || t->next > 0) send_chunk(t, t->next);
    pthread_mutex_unlock(&lock);
}

static void send_bytes(uint32_t kind, const void *bytes, uint32_t count)
{
    static const uint64_t padding;
    struct header header = { kind, (uint32_t)syscall(SYS_gettid), count, 0 };
    struct iovec part[] = { { &header, sizeof header }, { (void *)bytes, count }, { (void *)&padding, -count & 7 } };
    if (!recording) return;
    pthread_mutex_lock(&lock);
    send_parts(part, 3);
    pthread_mutex_unlock(&lock);
}

/* The mappings there are before the program's first instruction; QEMU's own are among them. */
static void send_maps(void)
{
    char text[1 << 16];
    size_t length = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    if (maps == NULL) return;
    length = fread(text, 1, sizeof text, maps);
    fclose(maps);
    send_bytes(MAPS, text, (uint32_t)length);
}

static struct thread *begin_thread(void)
{
    struct thread *t = calloc(1, sizeof *t);
    if (t == NULL) abort();
    t->id = (uint32_t)syscall(SYS_gettid);
    static bool begun;
    if (!begun) send_maps();
    begun = true;
    pthread_mutex_lock(&lock);
    t->other = threads;
    threads = t;
    pthread_mutex_unlock(&lock);
    return self = t;
}

static void on_block(unsigned vcpu, void *instructions)
{
    (void)vcpu;
    struct thread *t = self != NULL ? self : begin_thread();
    t->block = t->next;
    t->next += (uint32_t)(uintptr_t)instructions;
    if (t->block >> 30) flush(t, t->block);
}

static inline void append(struct thread *t, uint32_t position, uint64_t address, uint32_t size, uint8_t op)
{
    uint32_t time = t->block + position;
    /* TCG makes a vector access of pieces of 8 bytes: those of one instruction that continue each other are one access. */
    if (address == t->last_end && time == t->last_time && op == t->last_op && size >= 8 &&
        t->size[t->count - 1] + size <= LONGEST_MERGED) {
        t->size[t->count - 1] += size;
        t->last_end += size;
        return;
    }
    if (t->count == RECORDS) {
        flush(t, time);
        time = t->block + position;
    }
    uint32_t i = t->count++;
    t->address[i] = address;
    t->time[i] = time;
    t->size[i] = (uint16_t)size;
    t->op[i] = op;
    t->last_time = time;
    t->last_end = address + size;
    t->last_op = op;
}

static void on_fetch(unsigned vcpu, void *data)
{
    (void)vcpu;
    const struct fetch *f = data;
    append(self, f->position, f->address, f->size, FETCH);
}

/* Bits 16 and 17 of `info` say load and store, both for an atomic one (QEMU 7.2, include/qemu/plugin.h). */
static void on_access(unsigned vcpu, uint32_t info, uint64_t address, void *position)
{
    (void)vcpu;
    struct thread *t = self;
    uint32_t size = 1u << qemu_plugin_mem_size_shift(info);
    if (info & 1 << 16) append(t, (uint32_t)(uintptr_t)position, address, size, LOAD);
    if (info & 2 << 16) append(t, (uint32_t)(uintptr_t)position, address, size, STORE);
}

static void on_translation(plugin_id id, struct qemu_plugin_tb *block)
{
    (void)id;
    if (!recording) return;
    size_t n = qemu_plugin_tb_n_insns(block);
    struct fetch *f = fetches ? calloc(n, sizeof *f) : NULL; /* as long as the block may run: for ever */
    qemu_plugin_register_vcpu_tb_exec_cb(block, on_block, NO_REGISTERS, (void *)n);
    for (size_t i = 0; i < n; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(block, i);
        if (f != NULL) {
            f[i] = (struct fetch){ qemu_plugin_insn_vaddr(insn), (uint32_t)qemu_plugin_insn_size(insn), (uint32_t)i + 1 };
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_fetch, NO_REGISTERS, &f[i]);
        }
        qemu_plugin_register_vcpu_mem_cb(insn, on_access, NO_REGISTERS, LOADS_AND_STORES, (void *)(i + 1));
    }
}

static void on_syscall(plugin_id id, unsigned vcpu, int64_t number, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                       uint64_t e, uint64_t f, uint64_t g, uint64_t h)
{
    (void)id, (void)vcpu, (void)number, (void)g, (void)h;
    struct thread *t = self;
    if (t == NULL) return;
    memcpy(t->arguments, (uint64_t[]){ a, b, c, d, e, f }, sizeof t->arguments);
    if (t->count > 0) flush(t, t->next);
}

static void on_return(plugin_id id, unsigned vcpu, int64_t number, int64_t result)
{
    (void)id, (void)vcpu;
    if (self == NULL) return;
    uint64_t call[8] = { (uint64_t)number, (uint64_t)result };
    memcpy(call + 2, self->arguments, sizeof self->arguments);
    send_bytes(SYSCALL, call, sizeof call);
}

/* Called by the thread that ends. */
static void on_exit_of_thread(plugin_id id, unsigned vcpu)
{
    (void)id, (void)vcpu;
    struct thread *t = self;
    if (t == NULL || !recording) return;
    pthread_mutex_lock(&lock);
    send_chunk(t, t->next);
    for (struct thread **at = &threads; *at != NULL; at = &(*at)->other)
        if (*at == t) {
            *at = t->other;
            break;
        }
    pthread_mutex_unlock(&lock);
    self = NULL;
    free(t);
}

static void on_exit_of_program(plugin_id id, void *data)
{
    (void)id, (void)data;
    flush_all();
    send_bytes(END, "", 0);
}

/* A forked child goes on without us: what it does is not what was asked for. */
static void on_fork_in_child(void)
{
    if (recording) close(out);
    recording = false;
    stderr = own_stderr;
}

/* What QEMU says goes to the reader and not between the program's own lines. It speaks before a signal ends the program. */
static ssize_t on_message(void *cookie, const char *text, size_t length)
{
    (void)cookie;
    flush_all();
    send_bytes(MESSAGE, text, (uint32_t)length);
    return (ssize_t)length;
}

__attribute__((visibility("default"))) int qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
    (void)info;
    struct rlimit files = { 0 };
    int given = -1;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "fd=", 3) == 0) given = atoi(argv[i] + 3);
        else if (strcmp(argv[i], "fetches=on") == 0) fetches = true;
        else return -1;
    }
    /* High up and closed on exec, so that the program finds the descriptors it expects, and what it becomes none of ours. */
    getrlimit(RLIMIT_NOFILE, &files);
    out = fcntl(given, F_DUPFD_CLOEXEC, files.rlim_cur > HIGH_FD ? HIGH_FD : (int)files.rlim_cur - 1);
    if (out < 0) return -1;
    close(given);
    setsockopt(out, SOL_SOCKET, SO_SNDBUF, &(int){ 1 << 20 }, sizeof(int));
    own_stderr = stderr;
    stderr = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = on_message });
    setvbuf(stderr, NULL, _IOLBF, 0);
    pthread_atfork(NULL, NULL, on_fork_in_child);
    qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
    qemu_plugin_register_vcpu_syscall_cb(id, on_syscall);
    qemu_plugin_register_vcpu_syscall_ret_cb(id, on_return);
    qemu_plugin_register_vcpu_exit_cb(id, on_exit_of_thread);
    qemu_plugin_register_atexit_cb(id, on_exit_of_program, NULL);
    return 0;
}
