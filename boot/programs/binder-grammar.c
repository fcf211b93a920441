/*
 * Raw commands from a grammar: `binder-grammar SEED STEPS [FIRST LAST]`. Three processes with three threads each take
 * turns. What a thread does in its turn is thrown with dice that all share, so that two equal drivers see the same
 * steps. Nothing is in good order for certain: sizes, places, codes, objects and headers are bent now and then.
 *
 * Each turn ends in a line. Of a long run only a number for every 50 lines is printed; with FIRST and LAST also those
 * lines themselves.
 */
#include "try.h"
#include <linux/android/binder.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/wait.h>

enum { PROCESSES = 3, THREADS = 3, OPENS = 4, LINE = 6000, LINES_OF_A_NUMBER = 50, STEPS_OF_A_LIFE = 300 };

/* What the header of an older kernel does not have. */
struct frozen_state { binder_uintptr_t cookie; uint32_t is_frozen, reserved; };
struct extended_error { uint32_t id, command; int32_t param; };
#define BC_REQUEST_FREEZE _IOW('c', 19, struct binder_handle_cookie)
#define BC_CLEAR_FREEZE _IOW('c', 20, struct binder_handle_cookie)
#define BC_FREEZE_DONE _IOW('c', 21, binder_uintptr_t)
#define BR_FROZEN_STATE _IOR('r', 21, struct frozen_state)
#define GET_EXTENDED_ERROR _IOWR('b', 17, struct extended_error)

/* What all processes share. */
static struct common {
	uint64_t dice;
	int pids[PROCESSES];
	struct seat {
		int thread, blocks, done, dies;
		/* Whether it did what Linux finishes a little later. */
		int lingers;
		/* Calls to be answered, and whether one of its own is under way. */
		int owed, calls;
		char line[LINE];
	} seats[PROCESSES][THREADS];
} *common;

/* Each thread's pipe: a byte is a turn. */
static int turns[PROCESSES][THREADS][2];
static int me;

/* An open of this process. */
static struct place {
	int fd, again;
	uint64_t base, size;
} places[OPENS];

/* Buffers that were received, acknowledgements and notices that are due, calls to be answered. */
static uint64_t received[64];
static unsigned received_count;
static struct due { uint32_t command, size; uint64_t payload[2]; } dues[64];
static unsigned due_count;

/* A thread's memory; the page behind each part is not there. */
struct memory {
	uint8_t *out, *in, *data, *argument;
};
enum { OUT = 0x4000, IN = 0x2000, DATA = 0x120000, ARGUMENT = 0x1000 };
static struct memory memories[THREADS];

static uint64_t throw(void)
{
	uint64_t mixed = common->dice += 0x9e3779b97f4a7c15;
	mixed = (mixed ^ mixed >> 30) * 0xbf58476d1ce4e5b9;
	mixed = (mixed ^ mixed >> 27) * 0x94d049bb133111eb;
	return mixed ^ mixed >> 31;
}

static uint64_t below(uint64_t end)
{
	return throw() % end;
}

static bool one_in(uint64_t whole)
{
	return below(whole) == 0;
}

#define PICK(...) ((uint64_t[]){ __VA_ARGS__ }[below(sizeof((uint64_t[]){ __VA_ARGS__ }) / 8)])

static void say(struct seat *seat, const char *format, ...)
{
	size_t length = strlen(seat->line);
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(seat->line + length, LINE - length, format, arguments);
	va_end(arguments);
}

static void say_result(struct seat *seat, const char *what, long result)
{
	if (result < 0 && result > -4096)
		say(seat, " %s=%s", what, strerrorname_np(-result));
	else
		say(seat, " %s=%ld", what, result);
}

static uint32_t number_of(const void *bytes, size_t count)
{
	uint32_t number = 2166136261;
	for (size_t index = 0; index < count; index++)
		number = (number ^ ((const uint8_t *)bytes)[index]) * 16777619;
	return number;
}

static const char *name_of(int pid)
{
	static const char *const names[] = { "M", "C", "S" };
	for (int process = 0; process < PROCESSES; process++)
		if (common->pids[process] == pid)
			return names[process];
	return pid ? "?" : "0";
}

/* An address or a size that is not quite right. */
static uint64_t wild(void)
{
	return PICK(0, 1, 8, 0xfff, 0x1000, 0x7fffffff, 0xffffffff, 0x7fffffffffff, 0x800000000000, ~0ull, ~0ull - 7, -4096ull,
		    1ull << 63, 0xffff888000001000);
}

/* Handles that this process was given, and how many there are. */
static uint32_t given[16];
static unsigned given_count;

static uint32_t handle(void)
{
	if (given_count && !one_in(me ? 2 : 5))
		return given[below(given_count)];
	if (me && !one_in(3))
		return 0;
	return one_in(30) ? below(100) : one_in(20) ? 0xffffffff : PICK(0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3);
}

static uint64_t pointer(void)
{
	return 0x10 + 8 * below(5);
}

static uint64_t cookie(void)
{
	return one_in(30) ? wild() : 0x70 + below(4);
}

/* Bytes being put together. */
struct bytes {
	uint8_t *at;
	size_t length;
};

static void put(struct bytes *bytes, const void *from, size_t count)
{
	memcpy(bytes->at + bytes->length, from, count);
	bytes->length += count;
}

static void put_word(struct bytes *bytes, uint32_t word)
{
	put(bytes, &word, 4);
}

static void put_long(struct bytes *bytes, uint64_t word)
{
	put(bytes, &word, 8);
}

/* One object; false if it was plain data. */
static bool object(struct bytes *data, unsigned *buffers, uint8_t *room, uint64_t *scattered, bool scatters)
{
	static const uint32_t flags[] = { 0, 0, 0x13, 0x7f, 0x100, 0x1ff, 0x1100, 0x17f };
	uint32_t flag = flags[below(8)];
	switch (scatters && !one_in(4) ? 13 + below(5) : PICK(0, 0, 0, 0, 7, 7, 11, 20, 20, one_in(4) ? 19 : one_in(4) ? 14 : 0)) {
	case 0 ... 6: {
		uint64_t ptr = pointer();
		put_word(data, one_in(4) ? BINDER_TYPE_WEAK_BINDER : BINDER_TYPE_BINDER);
		put_word(data, flag);
		put_long(data, ptr);
		put_long(data, one_in(20) ? 0x99 : ptr + 0x100);
		return true;
	}
	case 7 ... 10:
		put_word(data, one_in(4) ? BINDER_TYPE_WEAK_HANDLE : BINDER_TYPE_HANDLE);
		put_word(data, flag);
		put_long(data, handle() | (one_in(6) ? 0x1200000000 : 0));
		put_long(data, one_in(2) ? 0 : 0x55);
		return true;
	case 11 ... 12:
		put_word(data, BINDER_TYPE_FD);
		put_word(data, flag);
		put_long(data, one_in(8) ? PICK(77, 0xffffffff) : PICK(0, 1, 2, 0x100000000));
		put_long(data, 0x66);
		return true;
	case 13 ... 16: {
		size_t length = one_in(4) ? below(64) : 8 * (1 + below(6));
		for (size_t at = 0; at + 4 <= length; at += 4)
			memcpy(room + *scattered % 0x4000 + at, &(uint32_t){ one_in(20) ? 99 : below(3) }, 4);
		put_word(data, BINDER_TYPE_PTR);
		put_word(data, *buffers && one_in(3) ? BINDER_BUFFER_FLAG_HAS_PARENT : one_in(20) ? 0xfffffffe : 0);
		put_long(data, one_in(25) ? wild() : (uintptr_t)room + *scattered % 0x4000);
		put_long(data, one_in(40) ? wild() : length);
		put_long(data, one_in(30) ? wild() : one_in(3) ? below(*buffers + 1) : 0);
		put_long(data, one_in(12) ? below(70) : 8 * below(5));
		*scattered += (length + 7) & ~7ull;
		++*buffers;
		return true;
	}
	case 17 ... 18:
		put_word(data, BINDER_TYPE_FDA);
		put_word(data, 0xabcd);
		put_long(data, one_in(20) ? wild() : below(4));
		put_long(data, one_in(30) ? wild() : one_in(4) ? below(*buffers + 1) : 0);
		put_long(data, one_in(12) ? below(70) : 4 * below(5));
		++*buffers;
		return true;
	case 19:
		put_word(data, PICK(0, 0x12345678, BINDER_TYPE_PTR, BINDER_TYPE_FDA, BINDER_TYPE_FD));
		return true;
	default:
		for (uint64_t count = below(6); count--;)
			put_word(data, throw());
		return false;
	}
}

/* Changes a few bits of what was put together. */
static void bend(void *at, size_t count)
{
	if (count)
		((uint8_t *)at)[below(count)] ^= 1 << below(8);
}

/* A call or a reply with its data and objects, which lie in the thread's memory. */
static void message(struct bytes *out, struct seat *seat, const struct memory *memory, bool is_reply, unsigned which)
{
	bool scatters = one_in(3);
	uint8_t *room = memory->data + 0x100000 + which % 3 * 0x8000;
	struct bytes data = { room, 0 };
	binder_size_t offsets[16];
	unsigned count = 0, buffers = 0;
	uint64_t scattered = 0;
	if (scatters && !one_in(4))
		put_long(&data, 0x1122334455667788);
	for (uint64_t items = below(6); items--;) {
		size_t at = data.length;
		if (object(&data, &buffers, room + 0x2000, &scattered, scatters))
			offsets[count++] = at;
	}
	if (one_in(25) && count)
		offsets[below(count)] = one_in(3) ? wild() : 4 * below(40);
	if (one_in(30))
		offsets[count++] = one_in(2) ? data.length : 4 * below(20);
	if (one_in(30))
		bend(room, data.length);
	memcpy(room + 0x1000, offsets, 8 * count);
	struct binder_transaction_data_sg message = { .transaction_data = {
		.target.ptr = is_reply && one_in(2) ? throw() : handle(),
		.cookie = below(3),
		.code = one_in(20) ? throw() : below(6),
		.flags = one_in(30) ? throw() : (seat->calls && !one_in(8) ? TF_ONE_WAY : below(2)) | (one_in(3) ? PICK(0x10, 0x20, 0x40, 0x08, 0x04, 0x60, 0x70, 0x50) : 0),
		.sender_pid = 1, .sender_euid = 2,
		.data_size = data.length, .offsets_size = 8 * count,
		.data.ptr = { (uintptr_t)room, (uintptr_t)(room + 0x1000) },
	}, .buffers_size = one_in(10) ? (one_in(4) ? wild() : 4 * below(60)) : scattered };
	struct binder_transaction_data *plain = &message.transaction_data;
	if (is_reply && !one_in(8))
		plain->flags &= ~TF_ONE_WAY;
	if (one_in(14)) {
		plain->data.ptr.buffer = (uintptr_t)memory->data;
		plain->data_size = one_in(3) ? below(0x3000) : PICK(0x1000, 0xff8, 0x1ff8, 0x2000, 0x2008, 0x3ff8, 0x4000, 0x7ff8, 0x8000, 0xfff8, 0x10000, 0x20000, 0x40000, 0x7fff8, 0x80000, 0x100000);
		plain->offsets_size = 0;
	}
	if (one_in(40)) {
		/* Data that ends where memory ends. */
		size_t missing = below(3) * 4;
		plain->data.ptr.buffer = (uintptr_t)memory->data + DATA - plain->data_size + missing;
	}
	if (one_in(40))
		*(PICK(0, 1) ? &plain->data.ptr.buffer : &plain->data.ptr.offsets) = wild();
	if (one_in(60))
		*(PICK(0, 1) ? &plain->data_size : &plain->offsets_size) = wild();
	if (one_in(60))
		plain->offsets_size ^= 4;
	if (one_in(80))
		bend(&message, sizeof(message));
	if (!is_reply && !(plain->flags & TF_ONE_WAY))
		seat->calls = 1;
	put_word(out, scatters ? (is_reply ? BC_REPLY_SG : BC_TRANSACTION_SG) : is_reply ? BC_REPLY : BC_TRANSACTION);
	put(out, &message, scatters ? sizeof(message) : sizeof(*plain));
}

static void put_free(struct bytes *out, struct place *place)
{
	uint64_t address = place->base + 8 * below(0x40);
	if (received_count && !one_in(8)) {
		unsigned which = one_in(3) ? below(received_count) : one_in(2) ? 0 : received_count - 1;
		address = received[which];
		received[which] = received[--received_count];
		if (one_in(20))
			address += PICK(1, 8, -8ull);
	} else if (one_in(6)) {
		address = wild();
	}
	put_word(out, BC_FREE_BUFFER);
	put_long(out, address);
}

static void command(struct bytes *out, struct seat *seat, const struct memory *memory, struct place *place, unsigned which)
{
	switch (below(70)) {
	case 0 ... 27:
		return message(out, seat, memory, false, which);
	case 28 ... 29:
		return message(out, seat, memory, !seat->calls || one_in(4), which);
	case 30 ... 37:
		return put_free(out, place);
	case 38 ... 48:
		put_word(out, PICK(BC_INCREFS, BC_ACQUIRE, BC_ACQUIRE, BC_RELEASE, BC_DECREFS));
		return put_word(out, handle());
	case 49 ... 50: {
		uint64_t ptr = pointer();
		put_word(out, one_in(2) ? BC_INCREFS_DONE : BC_ACQUIRE_DONE);
		put_long(out, ptr);
		return put_long(out, one_in(8) ? 0x99 : ptr + 0x100);
	}
	case 51 ... 56:
		put_word(out, one_in(3) ? BC_CLEAR_DEATH_NOTIFICATION : BC_REQUEST_DEATH_NOTIFICATION);
		put_word(out, handle());
		return put_long(out, cookie());
	case 57 ... 58:
		if (!one_in(3))
			return put_word(out, BC_ENTER_LOOPER);
		put_word(out, one_in(3) ? BC_CLEAR_FREEZE : BC_REQUEST_FREEZE);
		put_word(out, handle());
		return put_long(out, cookie());
	case 59 ... 60:
		if (one_in(2))
			return put_free(out, place);
		put_word(out, PICK(BC_DEAD_BINDER_DONE, BC_FREEZE_DONE));
		return put_long(out, cookie());
	case 61 ... 64:
		return put_word(out, PICK(BC_ENTER_LOOPER, BC_REGISTER_LOOPER, BC_EXIT_LOOPER));
	case 65:
		if (!one_in(3))
			return put_free(out, place);
		put_word(out, one_in(2) ? BC_ACQUIRE_RESULT : BC_ATTEMPT_ACQUIRE);
		return put_long(out, 1);
	case 66:
		if (!one_in(3))
			return put_free(out, place);
		if (one_in(3))
			return put_word(out, throw());
		put_word(out, _IOC(below(4), PICK('c', 'c', 'r', 'b'), below(30), PICK(0, 4, 8, 12, 16, 64, 72)));
		return;
	default:
		put_word(out, PICK(BC_ACQUIRE, BC_INCREFS));
		return put_word(out, handle());
	}
}

static void acknowledge(struct bytes *out, bool all)
{
	while (due_count && out->length < OUT / 2) {
		struct due *due = &dues[--due_count];
		put_word(out, due->command);
		put(out, due->payload, due->size);
		if (!all)
			break;
	}
}

static void owe(uint32_t command, const uint8_t *payload, uint32_t size)
{
	if (due_count == 64)
		due_count--;
	dues[due_count].command = command;
	dues[due_count].size = size;
	memcpy(dues[due_count++].payload, payload, size);
}

static __thread sigjmp_buf fault;

static void on_fault(int signal)
{
	siglongjmp(fault, signal);
}

static void on_interrupt(int signal)
{
	(void)signal;
}

/* What lies at a place, or that nothing does. */
static void say_memory(struct seat *seat, const char *what, uint64_t at, uint64_t count)
{
	int signal = sigsetjmp(fault, 1);
	if (signal)
		say(seat, " %s:%s", what, signal == SIGBUS ? "SIGBUS" : "SIGSEGV");
	else
		say(seat, " %s:%08x", what, number_of((void *)at, count < 0x8000 ? count : 0x8000));
}

/* What lies in a mapping, also if no message is there. */
static void say_mapping(struct seat *seat, uint64_t at)
{
	int signal = sigsetjmp(fault, 1);
	if (signal)
		return say(seat, signal == SIGBUS ? " SIGBUS" : " SIGSEGV");
	for (int word = 0; word < 16; word++)
		say(seat, " %x", ((uint32_t *)at)[word]);
}

/* Handles that a message brought may be kept. */
static void keep_handles(const struct binder_transaction_data *message)
{
	if (sigsetjmp(fault, 1))
		return;
	for (uint64_t at = 0; at + 8 <= message->offsets_size && at < 128; at += 8) {
		uint64_t offset = *(uint64_t *)(message->data.ptr.offsets + at);
		const struct flat_binder_object *object = (void *)(message->data.ptr.buffer + offset);
		if (object->hdr.type == BINDER_TYPE_HANDLE || object->hdr.type == BINDER_TYPE_WEAK_HANDLE)
			given[given_count < 16 ? given_count++ : below(16)] = object->handle;
		if (object->hdr.type == BINDER_TYPE_HANDLE)
			owe(BC_ACQUIRE, (const void *)&object->handle, 4);
		else if (object->hdr.type == BINDER_TYPE_WEAK_HANDLE)
			owe(BC_INCREFS, (const void *)&object->handle, 4);
	}
}

static void say_message(struct seat *seat, const struct binder_transaction_data *message, bool is_call)
{
	say(seat, "(%llx,%llx code %x flags %x %s %u %llx/%llx at %llx,%llx", message->target.ptr, message->cookie, message->code,
	    message->flags, name_of(message->sender_pid), message->sender_euid, message->data_size, message->offsets_size,
	    message->data.ptr.buffer, message->data.ptr.offsets);
	say_memory(seat, "data", message->data.ptr.buffer, message->data_size);
	say_memory(seat, "offsets", message->data.ptr.offsets, message->offsets_size);
	if (received_count < 64)
		received[received_count++] = message->data.ptr.buffer;
	keep_handles(message);
	if (!is_call)
		seat->calls = 0;
	else if (!(message->flags & TF_ONE_WAY))
		seat->owed++;
}

static void say_returns(struct seat *seat, const uint8_t *at, const uint8_t *end)
{
	static const char *const names[] = { "ERROR", "OK", "TXN", "REPLY", "ACQUIRE_RESULT", "DEAD", "TC", "INCREFS",
		"ACQUIRE", "RELEASE", "DECREFS", "ATTEMPT", "N", "SPAWN", "FINISHED", "DEAD_BINDER", "CLEAR_DONE", "FAILED",
		"FROZEN", "SPAM", "PENDING_FROZEN", "FROZEN_BINDER", "CLEAR_FREEZE_DONE" };
	while (end - at >= 4) {
		uint32_t word, size;
		memcpy(&word, at, 4);
		at += 4;
		size = _IOC_SIZE(word);
		if (_IOC_TYPE(word) != 'r' || _IOC_NR(word) > 22 || at + size > end) {
			say(seat, " ?%08x", word);
			continue;
		}
		say(seat, " %s", names[_IOC_NR(word)]);
		if (size >= sizeof(struct binder_transaction_data)) {
			struct binder_transaction_data message;
			memcpy(&message, at, sizeof(message));
			say_message(seat, &message, _IOC_NR(word) == 2);
			if (size > sizeof(message)) {
				uint64_t context;
				memcpy(&context, at + sizeof(message), 8);
				say(seat, " context at %lx", context);
				say_memory(seat, "context", context, 7);
			}
			say(seat, ")");
		} else if (size) {
			uint64_t pair[2] = { 0, 0 };
			memcpy(pair, at, size < 16 ? size : 16);
			say(seat, "(%lx,%lx)", pair[0], pair[1]);
		}
		if (word == BR_DEAD_REPLY || word == BR_FAILED_REPLY || word == BR_FROZEN_REPLY)
			seat->calls = 0;
		if (word == BR_INCREFS || word == BR_ACQUIRE)
			owe(word == BR_INCREFS ? BC_INCREFS_DONE : BC_ACQUIRE_DONE, at, 16);
		else if (word == BR_DEAD_BINDER)
			owe(BC_DEAD_BINDER_DONE, at, 8);
		else if (word == BR_FROZEN_STATE)
			owe(BC_FREEZE_DONE, at, 8);
		at += size;
	}
}

/* One BINDER_WRITE_READ. */
static void exchange(struct seat *seat, int thread, struct place *place, bool may_block)
{
	const struct memory *memory = &memories[thread];
	struct bytes out = { memory->out + 0x1000, 0 };
	if (one_in(2))
		acknowledge(&out, one_in(2));
	if (seat->owed && !one_in(3)) {
		if (one_in(2))
			put_free(&out, place);
		seat->owed--;
		message(&out, seat, memory, true, 2);
	}
	for (uint64_t count = PICK(0, 1, 1, 1, 2, 2, 3, 5); count--;)
		command(&out, seat, memory, place, count);
	uint64_t at = (uintptr_t)out.at, size = out.length;
	if (one_in(30))
		bend(out.at, out.length);
	if (one_in(25)) {
		/* At an odd place, or where memory ends. */
		at = one_in(2) ? (uintptr_t)memory->out + 0x801 + below(7) : (uintptr_t)memory->out + OUT - out.length + below(2) * 4;
		if (at + out.length <= (uintptr_t)memory->out + OUT)
			memmove((void *)at, out.at, out.length);
		else
			at = (uintptr_t)memory->out + OUT - 4;
	}
	struct binder_write_read header = { .write_buffer = at, .write_size = size, .read_buffer = (uintptr_t)memory->in,
		.read_size = one_in(6) ? 0 : 1024 };
	memset(memory->out + 0x1000 + out.length, 0, 0x100);
	memset(memory->in, 0xee, 0x800);
	if (one_in(25))
		header.write_size = PICK(size - 1, size - 4, size / 2, size + 1, size + 4, size + 64, 4, 3, 8);
	if (one_in(40))
		header.write_consumed = one_in(8) ? wild() : 4 * below(20);
	if (one_in(90))
		header.write_buffer = wild();
	if (one_in(12))
		header.read_size = below(130);
	if (one_in(30))
		header.read_consumed = one_in(8) ? PICK(~0ull, 1ull << 63, 2000) : 4 * below(20);
	if (one_in(40))
		header.read_buffer += one_in(2) ? 1 + below(7) : IN - below(150);
	if (one_in(120))
		header.read_buffer = wild();
	if (header.read_size > 4 && header.read_consumed > 0x700)
		header.read_size = PICK(0, 4, 100);
	struct binder_write_read before = header;
	seat->blocks = may_block;
	SYS(fcntl, place->fd, F_SETFL, may_block ? 0 : O_NONBLOCK);
	long result = SYS(ioctl, place->fd, BINDER_WRITE_READ, &header);
	say(seat, may_block ? " may wait" : "");
	for (size_t index = 0; index + 4 <= out.length && index < 200; index += 4)
		say(seat, " %x", *(uint32_t *)(out.at + index));
	say(seat, " write %llx/%llx read %llx/%llx", before.write_consumed, before.write_size, before.read_consumed, before.read_size);
	say_result(seat, "", result);
	say(seat, " wc %llx rc %llx:", header.write_consumed, header.read_consumed);
	say(seat, " in %08x", (unsigned)memory->in[0] | (unsigned)memory->in[1] << 8 | (unsigned)memory->in[2] << 16 | (unsigned)memory->in[3] << 24);
	uint64_t start = header.read_buffer + before.read_consumed, end = header.read_buffer + header.read_consumed;
	if (start >= (uintptr_t)memory->in && end <= (uintptr_t)memory->in + IN && start < end)
		say_returns(seat, (void *)start, (void *)end);
}

static void map(struct seat *seat, int slot, uint64_t size)
{
	struct place *place = &places[slot];
	place->base = 0x600000000 + slot * 0x10000000;
	long result = SYS(mmap, place->base, size, PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE | MAP_NORESERVE, place->fd, 0);
	say_result(seat, "map", result > 0 ? 0 : result);
	if (result > 0)
		place->size = size;
}

static void open_slot(struct seat *seat, int slot)
{
	static const char *const devices[] = { "/dev/binder", "/dev/binder", "/dev/hwbinder" };
	struct place *place = &places[slot];
	place->fd = SYS(open, devices[slot && one_in(2) ? 2 : 0], O_RDWR | O_CLOEXEC | O_NONBLOCK, 0);
	say_result(seat, "open", place->fd);
	if (!place->size && !one_in(12))
		map(seat, slot, PICK(0x1000, 0x4000, 0x8000, 0x20000, 0x100000, 0x400000, 0x5000));
}

static void close_fd(struct seat *seat, int *fd)
{
	if (*fd >= 0)
		say_result(seat, "close", SYS(close, *fd));
	*fd = -1;
}

/* Closes what messages brought. */
static void tidy(struct seat *seat, int first)
{
	int count = 0;
	for (int fd = first; fd < 300; fd++) {
		bool is_place = false;
		for (int slot = 0; slot < OPENS; slot++)
			is_place |= places[slot].fd == fd || places[slot].again == fd;
		if (!is_place && SYS(close, fd) == 0)
			count++;
	}
	say(seat, " closed %d", count);
}

static int first_free;

static void change(struct seat *seat, int slot)
{
	struct place *place = &places[slot];
	uint64_t end = place->base + place->size;
	seat->lingers = 1;
	switch (below(20)) {
	case 0 ... 1:
		if (place->fd < 0)
			open_slot(seat, slot);
		else
			close_fd(seat, &place->fd);
		break;
	case 2 ... 3:
		if (place->again < 0)
			say_result(seat, "dup", place->again = SYS(dup, place->fd));
		else
			close_fd(seat, &place->again);
		break;
	case 4:
		if (place->size && one_in(2)) {
			say_result(seat, "munmap", SYS(munmap, place->base, place->size));
			place->size = 0;
		} else {
			map(seat, slot, 0x4000);
		}
		break;
	case 5:
		if (place->size > 0x1000 && one_in(4)) {
			say_result(seat, "munmap", SYS(munmap, end - 0x1000, 0x1000));
			place->size -= 0x1000;
		}
		break;
	case 6:
		say_result(seat, "mprotect", SYS(mprotect, place->base, place->size, PICK(PROT_READ, PROT_READ, PROT_NONE, PROT_READ | PROT_WRITE)));
		break;
	case 7 ... 8: {
		/* Between the ends of two descriptors of one open, others may run on Linux, or not. */
		for (int other = 0; other < OPENS; other++)
			if (places[other].again >= 0)
				return;
		int child = fork();
		if (child == 0)
			_exit(0);
		say_result(seat, "fork", waitpid(child, NULL, 0) == child);
		break;
	}
	case 9 ... 10: {
		int lowest = SYS(dup, 0);
		if (lowest >= 0)
			SYS(close, lowest);
		struct rlimit limit = { one_in(2) || lowest < 0 ? 1024 : lowest + below(3), 4096 };
		say(seat, " lowest %d", lowest);
		say_result(seat, "limit", SYS(setrlimit, RLIMIT_NOFILE, &limit));
		break;
	}
	case 11 ... 13:
		tidy(seat, first_free);
		break;
	case 14 ... 15:
		say_result(seat, "nice", SYS(setpriority, PRIO_PROCESS, 0, PICK(0, 5, 12, 19, -5ull)));
		break;
	case 16:
		say_mapping(seat, place->base + 0x1000 * below(5) + 64 * below(4));
		break;
	case 17:
		say_result(seat, "user", SYS(setresuid, -1, one_in(2) ? 0 : 1000, -1));
		break;
	default:
		if (place->fd < 0)
			open_slot(seat, slot);
	}
}

/* An ioctl that is no exchange. */
static void control(struct seat *seat, int thread, struct place *place)
{
	uint8_t *at = memories[thread].argument;
	uint64_t words[4] = { 0, 0, 0, 0 };
	uint32_t request;
	switch (below(24)) {
	case 0 ... 2:
		request = BINDER_THREAD_EXIT;
		break;
	case 3:
		request = BINDER_SET_MAX_THREADS;
		words[0] = below(4);
		break;
	case 4 ... 9:
		request = BINDER_FREEZE;
		words[0] = (uint64_t)(one_in(4) ? 1 : 0) << 32 | common->pids[below(PROCESSES)];
		words[1] = PICK(0, 0, 3);
		break;
	case 10 ... 11:
		request = BINDER_GET_FROZEN_INFO;
		words[0] = one_in(10) ? 999999 : common->pids[below(PROCESSES)];
		break;
	case 12 ... 13:
		request = BINDER_GET_NODE_DEBUG_INFO;
		words[0] = one_in(2) ? 0 : pointer();
		break;
	case 14 ... 15:
		request = BINDER_GET_NODE_INFO_FOR_REF;
		words[0] = handle();
		words[1] = one_in(10);
		break;
	case 16:
		request = BINDER_SET_CONTEXT_MGR;
		break;
	case 17:
		request = BINDER_SET_CONTEXT_MGR_EXT;
		words[0] = (0x100 + (below(2) << 12) + below(40)) << 32 | BINDER_TYPE_BINDER;
		words[1] = below(2) * 0x10;
		words[2] = below(2) * 0x110;
		break;
	case 18:
		request = BINDER_ENABLE_ONEWAY_SPAM_DETECTION;
		words[0] = below(2);
		break;
	case 19 ... 21:
		request = GET_EXTENDED_ERROR;
		break;
	case 22:
		request = BINDER_VERSION;
		break;
	default:
		request = one_in(2) ? BINDER_SET_IDLE_TIMEOUT : _IOC(below(4), 'b', below(20), PICK(0, 4, 8, 12, 24, 48));
	}
	if (request == BINDER_FREEZE || request == BINDER_GET_FROZEN_INFO)
		say(seat, " %s", name_of(words[0]));
	memcpy(at, words, sizeof(words));
	uint64_t argument = (uintptr_t)at;
	if (one_in(30)) {
		/* At the end of memory, or nowhere. */
		argument = one_in(2) ? wild() : argument + ARGUMENT - _IOC_SIZE(request) + below(5);
		if (argument >= (uintptr_t)at && argument < (uintptr_t)at + ARGUMENT)
			memcpy((void *)argument, words, (uintptr_t)at + ARGUMENT - argument > 32 ? 32 : (uintptr_t)at + ARGUMENT - argument);
	}
	long result = SYS(ioctl, place->fd, request, argument);
	say(seat, " ioctl %x", request);
	say_result(seat, "", result);
	if (request == BINDER_FREEZE || request == BINDER_GET_FROZEN_INFO || request == GET_EXTENDED_ERROR)
		*(uint32_t *)at = *(uint32_t *)at != 0;
	memcpy(words, at, sizeof(words));
	say(seat, " %lx %lx %lx %lx", words[0], words[1], words[2], words[3]);
}

/* A turn of a thread. */
static void step(struct seat *seat, int thread, bool may_block)
{
	int slot = PICK(0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3);
	if (places[slot].fd < 0 && !one_in(20))
		slot = 0;
	struct place *place = &places[slot];
	if (place->fd < 0 && !one_in(8)) {
		SYS(setresuid, -1, 0, -1);
		return open_slot(seat, slot);
	}
	switch (below(100)) {
	case 0 ... 7:
		say(seat, ":%d", slot);
		return change(seat, slot);
	case 8 ... 17:
		say(seat, ":%d", slot);
		return control(seat, thread, place);
	case 18 ... 21: {
		struct pollfd file = { place->fd, one_in(4) ? 0xffff : POLLIN, 0 };
		say_result(seat, "poll", SYS(poll, &file, 1, 0));
		say(seat, " %x", file.revents);
		return;
	}
	case 22:
		say_result(seat, "nice", SYS(getpriority, PRIO_PROCESS, 0));
		return;
	case 23:
		if (one_in(5))
			seat->dies = 1;
		return;
	default:
		say(seat, ":%d", slot);
		return exchange(seat, thread, place, may_block && one_in(3));
	}
}

static uint8_t *region(size_t size)
{
	static uintptr_t next = 0x500000000;
	uintptr_t at = next;
	next += size + 0x1000;
	if (mmap((void *)at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != (void *)at)
		exit((perror("mmap"), 1));
	memset((void *)at, 0, size);
	return (void *)at;
}

static void *live(void *unused)
{
	int thread = (intptr_t)unused;
	struct seat *seat = &common->seats[me][thread];
	seat->thread = SYS(gettid);
	uint8_t may_block;
	while (read(turns[me][thread][0], &may_block, 1) == 1) {
		step(seat, thread, may_block == 'b');
		seat->blocks = 0;
		seat->done = 1;
	}
	return NULL;
}

/* A process from its start to its end. */
static void begin_process(int process)
{
	memset(common->seats[process], 0, sizeof(common->seats[process]));
	fflush(stdout);
	int pid = fork();
	common->pids[process] = pid ? pid : getpid();
	if (pid)
		return;
	me = process;
	first_free = SYS(dup, 0);
	SYS(close, first_free);
	struct seat *seat = &common->seats[process][0];
	for (int slot = 0; slot < OPENS; slot++)
		places[slot] = (struct place){ -1, -1, 0, 0 };
	open_slot(seat, 0);
	if (one_in(3))
		open_slot(seat, 1);
	struct flat_binder_object node = { .hdr.type = BINDER_TYPE_BINDER, .flags = PICK(0x17f, 0x17f, 0x7f, 0x113, 0x1100) };
	if (process == 0)
		say_result(seat, "manager", SYS(ioctl, places[0].fd, BINDER_SET_CONTEXT_MGR_EXT, &node));
	if (one_in(2))
		say_result(seat, "threads", SYS(ioctl, places[0].fd, BINDER_SET_MAX_THREADS, &(uint32_t){ below(3) }));
	pthread_t id;
	for (intptr_t thread = 1; thread < THREADS; thread++)
		pthread_create(&id, NULL, live, (void *)thread);
	seat->done = 1;
	live(NULL);
	_exit(0);
}

static unsigned first, last, number, line;
static uint32_t mixed = 2166136261;

/* Gives out what has ended, in the order of the seats. */
static void collect(void)
{
	for (int process = 0; process < PROCESSES; process++)
		for (int thread = 0; thread < THREADS; thread++) {
			struct seat *seat = &common->seats[process][thread];
			if (!seat->done)
				continue;
			line++;
			if (line >= first && line <= last)
				printf("%u %c.%d%s\n", line, "MCS"[process], thread, seat->line);
			mixed ^= number_of(seat->line, strlen(seat->line)) + thread + process * 5;
			mixed *= 16777619;
			if (line % LINES_OF_A_NUMBER == 0)
				printf("%u: %08x\n", line, mixed);
			fflush(stdout);
			seat->line[0] = 0;
			seat->done = 0;
		}
}

static void wait_for(struct seat *seat)
{
	for (int times = 0; times < 40 && !__atomic_load_n(&seat->done, __ATOMIC_ACQUIRE); times++)
		usleep(500);
	usleep(seat->lingers ? 300000 : 3000);
	seat->lingers = 0;
}

static void end_process(int process)
{
	kill(common->pids[process], SIGKILL);
	waitpid(common->pids[process], NULL, 0);
	usleep(500000);
}

static void new_process(int process)
{
	begin_process(process);
	wait_for(&common->seats[process][0]);
	collect();
}

/* How many objects of each kind the driver has more than at the first count. */
static void count_objects(void)
{
	static struct { char name[32]; int count; } firsts[16];
	static bool is_counted;
	FILE *file = fopen("/sys/kernel/debug/binder/stats", "r");
	char text[200], *active;
	int slot = 0, left = 0;
	while (file && fgets(text, sizeof(text), file) && strncmp(text, "proc ", 5)) {
		if (!(active = strstr(text, ": active ")))
			continue;
		int count = atoi(active + 9);
		*active = 0;
		for (slot = 0; slot < 15 && firsts[slot].name[0] && strcmp(firsts[slot].name, text); slot++)
			;
		if (!is_counted)
			firsts[slot].count = count;
		strncpy(firsts[slot].name, text, 31);
		if (count == firsts[slot].count)
			continue;
		left++;
		printf("left: %d %s\n", count - firsts[slot].count, text);
	}
	is_counted = true;
	if (file)
		fclose(file);
}

static void give_turn(void)
{
	int process = below(PROCESSES), thread = below(THREADS), busy = -1;
	for (int tries = 0; tries < 2 && !common->seats[process][thread].owed; tries++) {
		process = below(PROCESSES);
		thread = below(THREADS);
	}
	for (int other = 0; other < THREADS; other++)
		if (common->seats[process][other].blocks)
			busy = other;
	struct seat *seat = &common->seats[process][thread];
	if (seat->blocks || (busy >= 0 && one_in(10))) {
		seat = &common->seats[process][busy];
		SYS(tgkill, common->pids[process], seat->thread, SIGUSR1);
	} else {
		write(turns[process][thread][1], busy < 0 ? "b" : "n", 1);
	}
	wait_for(seat);
	collect();
	if (seat->dies) {
		end_process(process);
		collect();
		new_process(process);
	}
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return fprintf(stderr, "usage: binder-grammar SEED STEPS [FIRST LAST]\n"), 2;
	uint64_t seed = strtoull(argv[1], NULL, 0), steps = strtoull(argv[2], NULL, 0);
	first = argc > 3 ? strtoul(argv[3], NULL, 0) : 1;
	last = argc > 4 ? strtoul(argv[4], NULL, 0) : 0;
	printf("case grammar of seed %lu\n", seed);
	common = mmap(NULL, sizeof(*common), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	common->dice = seed * 0x2545f4914f6cdd1d + 1;
	for (int signal = 1; signal < 32; signal++) {
		struct sigaction action = { .sa_handler = signal == SIGUSR1 ? on_interrupt : on_fault };
		if (signal == SIGUSR1 || signal == SIGBUS || signal == SIGSEGV)
			sigaction(signal, &action, NULL);
	}
	signal(SIGPIPE, SIG_IGN);
	for (int thread = 0; thread < THREADS; thread++)
		memories[thread] = (struct memory){ region(OUT), region(IN), region(DATA), region(ARGUMENT) };
	for (int seat = 0; seat < PROCESSES * THREADS; seat++)
		if (pipe(turns[seat / THREADS][seat % THREADS]))
			return 1;
	for (number = 0; number < steps; number++) {
		if (number % STEPS_OF_A_LIFE == 0) {
			for (int process = 0; number && process < PROCESSES; process++)
				end_process(process);
			usleep(100000);
			count_objects();
			for (int process = 0; process < PROCESSES; process++)
				new_process(process);
		}
		give_turn();
	}
	for (int process = 0; process < PROCESSES; process++)
		end_process(process);
	count_objects();
	printf("%u: %08x\n", line, mixed);
	return 0;
}
