/*
 * Binder with nothing but system calls, for programs that are compared on two systems: commands are put together in a
 * buffer, one BINDER_WRITE_READ takes them, and what it returned is printed without what differs between two runs.
 */
#include "try.h"
#include <linux/android/binder.h>
#include <stdarg.h>
#include <sys/wait.h>

/* An open device and its mapping. */
struct place {
	int fd;
	uint8_t *map;
	size_t size;
};

/* Commands under way, and what was read last. */
static uint8_t out[1 << 16], in[4096];
static size_t length;
/* The last call or reply that was read. */
static struct binder_transaction_data got;

static struct place enter(const char *device, int flags, size_t size)
{
	struct place place = { .fd = open(device, O_RDWR | O_CLOEXEC | flags), .size = size };
	if (place.fd < 0)
		exit((perror(device), 1));
	if (size) {
		place.map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, place.fd, 0);
		if (place.map == MAP_FAILED)
			exit((perror("mmap"), 1));
	}
	return place;
}

/* Makes an open the context manager. Linux lets go of a manager that has ended a little later. */
static void become_manager(const struct place *place, uint32_t flags)
{
	struct flat_binder_object node = { .hdr.type = BINDER_TYPE_BINDER, .flags = flags };
	for (int tries = 0; ioctl(place->fd, BINDER_SET_CONTEXT_MGR_EXT, &node); tries++) {
		if (errno != EBUSY || tries == 300)
			exit((perror("the context manager"), 1));
		usleep(10000);
	}
}

static void put(const void *bytes, size_t count)
{
	memcpy(out + length, bytes, count);
	length += count;
}

static void put_command(uint32_t command, const void *payload)
{
	put(&command, 4);
	put(payload, _IOC_SIZE(command));
}

static inline void put_handle(uint32_t command, uint32_t handle)
{
	put_command(command, &handle);
}

static inline void put_free(uint64_t buffer)
{
	put_command(BC_FREE_BUFFER, &buffer);
}

static inline void put_watch(uint32_t command, uint32_t handle, uint64_t cookie)
{
	struct binder_handle_cookie watch = { handle, cookie };
	put_command(command, &watch);
}

/* A call or a reply with data and the offsets of its objects. */
static void put_message(uint32_t command, uint32_t handle, uint32_t code, uint32_t flags, const void *data, size_t size,
			const void *offsets, size_t offsets_size)
{
	struct binder_transaction_data message = {
		.target.handle = handle, .code = code, .flags = flags, .data_size = size, .offsets_size = offsets_size,
		.data.ptr.buffer = (uintptr_t)data, .data.ptr.offsets = (uintptr_t)offsets,
	};
	put_command(command, &message);
}

/* Numbers of processes with names. */
static struct { int pid; const char *name; } known[16];

static void know(int pid, const char *name)
{
	int slot = 0;
	while (known[slot].pid && known[slot].pid != pid && strcmp(known[slot].name, name))
		slot++;
	known[slot].pid = pid;
	known[slot].name = name;
}

static const char *who(int pid)
{
	if (pid == 0)
		return "0";
	for (int slot = 0; slot < 16; slot++)
		if (known[slot].pid == pid)
			return known[slot].name;
	return "somebody";
}

static void print_message(const struct place *place, const char *name)
{
	printf(" %s[code %x flags %x from %s uid %d at %lx size %lld/%lld", name, got.code, got.flags, who(got.sender_pid),
	       got.sender_euid, (unsigned long)(got.data.ptr.buffer - (uintptr_t)place->map), got.data_size,
	       got.offsets_size);
	if (got.target.ptr || got.cookie)
		printf(" node %llx,%llx", got.target.ptr, got.cookie);
	printf("]");
}

static void print_returns(const struct place *place, const uint8_t *at, const uint8_t *end)
{
	static const char *const names[] = { "ERROR", "OK", "TXN", "REPLY", "ACQUIRE_RESULT", "DEAD", "TC", "INCREFS",
		"ACQUIRE", "RELEASE", "DECREFS", "ATTEMPT", "N", "SPAWN", "FINISHED", "DEAD_BINDER", "CLEAR_DONE", "FAILED",
		"FROZEN", "SPAM", "PENDING_FROZEN", "FROZEN_BINDER", "CLEAR_FREEZE_DONE" };
	while (end - at >= 4) {
		uint32_t word;
		memcpy(&word, at, 4);
		at += 4;
		const char *name = _IOC_TYPE(word) == 'r' && _IOC_NR(word) < 23 ? names[_IOC_NR(word)] : "?";
		uint64_t pair[2] = { 0, 0 };
		memcpy(pair, at, _IOC_SIZE(word) < 16 ? _IOC_SIZE(word) : 16);
		if (word == BR_TRANSACTION || word == BR_REPLY) {
			memcpy(&got, at, sizeof(got));
			print_message(place, name);
		} else if (_IOC_SIZE(word) == 16) {
			printf(" %s(%lx,%lx)", name, pair[0], pair[1]);
		} else if (_IOC_SIZE(word) == 8) {
			printf(" %s(%lx)", name, pair[0]);
		} else {
			printf(" %s", name);
		}
		at += _IOC_SIZE(word);
	}
}

/* Makes the call with what was put together; prints what came of it. */
static long talk_at(const struct place *place, const char *text, void *buffer, size_t room)
{
	struct binder_write_read exchange = {
		.write_buffer = (uintptr_t)out, .write_size = length, .read_buffer = (uintptr_t)buffer, .read_size = room,
	};
	long result = SYS(ioctl, place->fd, BINDER_WRITE_READ, &exchange);
	length = 0;
	printf("%s: %s wc %lld rc %lld:", text, result < 0 ? strerrorname_np(-result) : "ok", exchange.write_consumed,
	       exchange.read_consumed);
	if (room <= sizeof(in) && buffer == in)
		print_returns(place, in, in + exchange.read_consumed);
	printf("\n");
	fflush(stdout);
	return result;
}

static inline long talk(const struct place *place, const char *text)
{
	return talk_at(place, text, in, 512);
}

static inline void begin(const char *name)
{
	printf("case %s\n", name);
	fflush(stdout);
}

/* Two processes that take turns. */
static int turns[2][2], side;

/* Makes another process, which starts when the first lets it. */
static inline int divide(void)
{
	if (pipe(turns[0]) || pipe(turns[1]))
		exit(1);
	fflush(stdout);
	side = 0;
	int child = fork();
	if (child == 0) {
		char byte;
		side = 1;
		read(turns[1][0], &byte, 1);
	}
	know(child ? child : getpid(), "child");
	know(child ? getpid() : getppid(), "parent");
	return child;
}

/* Lets the other go on. */
static inline void let(void)
{
	fflush(stdout);
	write(turns[!side][1], "", 1);
}

/* Lets the other go on, and waits until it does the same. */
static inline void pass(void)
{
	char byte;
	let();
	read(turns[side][0], &byte, 1);
}

/* Waits for the end of the child and of what the kernel does about it later. */
static inline void bury(int child)
{
	let();
	waitpid(child, NULL, 0);
	usleep(200000);
	for (int pipe = 0; pipe < 4; pipe++)
		close(turns[pipe / 2][pipe % 2]);
}
