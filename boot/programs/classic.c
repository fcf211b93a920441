/*
 * A service manager, services and clients as they were written in C up to Android 9: one thread, a mapping of 128 KiB,
 * reads of 32 words, no poll. `classic manager` is the context manager, `classic publish NAME` registers a service that
 * adds one, `classic call NAME` finds and calls it, `classic list` lists names.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/android/binder.h>

#define MAPPING (128 * 1024)
#define INTERFACE "android.os.IServiceManager"
#define NAMES 32

enum { GET = 1, CHECK = 2, ADD = 3, LIST = 4 };

static int device;

/* A parcel that is written, or one that is read in place. */
struct parcel {
	uint8_t bytes[512];
	const uint8_t *data;
	size_t length, at;
	binder_size_t offsets[2];
	size_t objects;
};

static void put(struct parcel *parcel, const void *bytes, size_t length)
{
	memcpy(parcel->bytes + parcel->length, bytes, length);
	parcel->length += (length + 3) & ~3UL;
}

static void put_number(struct parcel *parcel, uint32_t number)
{
	put(parcel, &number, 4);
}

static void put_text(struct parcel *parcel, const char *text)
{
	uint16_t units[128] = {0};
	size_t length = strlen(text);
	for (size_t i = 0; i < length; i++)
		units[i] = text[i];
	put_number(parcel, length);
	put(parcel, units, 2 * (length + 1));
}

static void put_object(struct parcel *parcel, uint32_t type, uint64_t value)
{
	struct flat_binder_object object = {.hdr.type = type, .flags = 0x7f | FLAT_BINDER_FLAG_ACCEPTS_FDS};
	object.binder = value;
	parcel->offsets[parcel->objects++] = parcel->length;
	put(parcel, &object, sizeof(object));
}

static const void *get(struct parcel *parcel, size_t length)
{
	size_t at = parcel->at;
	parcel->at += (length + 3) & ~3UL;
	return parcel->at > parcel->length ? 0 : parcel->data + at;
}

static uint32_t get_number(struct parcel *parcel)
{
	const uint32_t *number = get(parcel, 4);
	return number ? *number : 0;
}

static int get_text(struct parcel *parcel, char *text, size_t room)
{
	uint32_t length = get_number(parcel);
	const uint16_t *units = length < room ? get(parcel, 2 * (length + 1)) : 0;
	if (!units)
		return 0;
	for (uint32_t i = 0; i <= length; i++)
		text[i] = units[i];
	return 1;
}

static uint32_t get_handle(struct parcel *parcel)
{
	const struct flat_binder_object *object = get(parcel, sizeof(*object));
	return object && object->hdr.type == BINDER_TYPE_HANDLE ? object->handle : 0;
}

static size_t exchange(const void *out, size_t written, void *in, size_t room)
{
	struct binder_write_read both = {
		.write_buffer = (uintptr_t)out, .write_size = written,
		.read_buffer = (uintptr_t)in, .read_size = room,
	};
	if (ioctl(device, BINDER_WRITE_READ, &both) < 0) {
		printf("BINDER_WRITE_READ: %s\n", strerrorname_np(errno));
		exit(1);
	}
	return both.read_consumed;
}

static void command(uint32_t code, const void *payload, size_t length)
{
	uint8_t out[64];
	memcpy(out, &code, 4);
	memcpy(out + 4, payload, length);
	exchange(out, 4 + length, 0, 0);
}

static void command_handle(uint32_t code, uint32_t handle)
{
	command(code, &handle, 4);
}

/* Frees what was received and answers, in one write. `status` goes alone if the parcel is null. */
static void answer(binder_uintptr_t received, const struct parcel *parcel, const int32_t *status)
{
	struct {
		uint32_t free;
		binder_uintptr_t buffer;
		uint32_t reply;
		struct binder_transaction_data data;
	} __attribute__((packed)) out = {BC_FREE_BUFFER, received, BC_REPLY, {.flags = parcel ? 0 : TF_STATUS_CODE}};
	out.data.data_size = parcel ? parcel->length : sizeof(*status);
	out.data.offsets_size = parcel ? parcel->objects * sizeof(binder_size_t) : 0;
	out.data.data.ptr.buffer = parcel ? (uintptr_t)parcel->bytes : (uintptr_t)status;
	out.data.data.ptr.offsets = parcel ? (uintptr_t)parcel->offsets : 0;
	exchange(&out, sizeof(out), 0, 0);
}

typedef int handler(struct binder_transaction_data *, struct parcel *, struct parcel *);
typedef void mourner(uintptr_t);

/* Serves calls for ever, or until a reply has come, which is then left in `reply`. False if the call failed. */
static int loop(handler *handle, mourner *mourn, struct parcel *reply)
{
	uint32_t in[32];
	for (;;) {
		size_t size = exchange(0, 0, in, sizeof(in));
		for (uint8_t *at = (uint8_t *)in, *end = at + size; at < end;) {
			uint32_t code = *(uint32_t *)at;
			at += 4;
			struct binder_transaction_data data;
			switch (code) {
			case BR_TRANSACTION:
			case BR_REPLY:
				memcpy(&data, at, sizeof(data));
				struct parcel read = {.data = (uint8_t *)(uintptr_t)data.data.ptr.buffer, .length = data.data_size};
				if (code == BR_REPLY) {
					if (reply)
						*reply = read;
					return !(data.flags & TF_STATUS_CODE);
				}
				struct parcel written = {.length = 0};
				int32_t status = -1;
				int good = handle(&data, &read, &written);
				answer(data.data.ptr.buffer, good ? &written : 0, &status);
				break;
			case BR_DEAD_BINDER:
				mourn(*(uintptr_t *)at);
				break;
			case BR_INCREFS:
			case BR_ACQUIRE: {
				struct binder_ptr_cookie node;
				memcpy(&node, at, sizeof(node));
				command(code == BR_ACQUIRE ? BC_ACQUIRE_DONE : BC_INCREFS_DONE, &node, sizeof(node));
				break;
			}
			case BR_DEAD_REPLY:
			case BR_FAILED_REPLY:
				return 0;
			}
			at += _IOC_SIZE(code);
		}
	}
}

static int transact(uint32_t handle, uint32_t code, struct parcel *request, struct parcel *reply)
{
	struct {
		uint32_t command;
		struct binder_transaction_data data;
	} __attribute__((packed)) out = {BC_TRANSACTION, {.code = code}};
	out.data.target.handle = handle;
	out.data.data_size = request->length;
	out.data.offsets_size = request->objects * sizeof(binder_size_t);
	out.data.data.ptr.buffer = (uintptr_t)request->bytes;
	out.data.data.ptr.offsets = (uintptr_t)request->offsets;
	exchange(&out, sizeof(out), 0, 0);
	return loop(0, 0, reply);
}

/* The manager. */

static struct {
	char name[128];
	uint32_t handle;
} names[NAMES];

static int find(const char *name)
{
	for (int i = 0; i < NAMES; i++)
		if (!strcmp(names[i].name, name))
			return i;
	return -1;
}

static void service_died(uintptr_t which)
{
	printf("manager: %s died\n", names[which].name);
	fflush(stdout);
	command_handle(BC_RELEASE, names[which].handle);
	names[which].handle = 0;
}

static int manage(struct binder_transaction_data *call, struct parcel *request, struct parcel *reply)
{
	char text[128];
	if (call->code == B_PACK_CHARS('_', 'P', 'N', 'G'))
		return 1;
	get_number(request);
	if (!get_text(request, text, sizeof(text)) || strcmp(text, INTERFACE))
		return 0;
	int place;
	switch (call->code) {
	case GET:
	case CHECK:
		place = get_text(request, text, sizeof(text)) ? find(text) : -1;
		if (place < 0 || !names[place].handle)
			return 0;
		put_object(reply, BINDER_TYPE_HANDLE, names[place].handle);
		return 1;
	case ADD: {
		uint32_t handle = get_text(request, text, sizeof(text)) ? get_handle(request) : 0;
		place = handle && *text ? find(text) : -1;
		place = handle && place < 0 ? find("") : place;
		if (place < 0)
			return 0;
		if (names[place].handle)
			command_handle(BC_RELEASE, names[place].handle);
		strcpy(names[place].name, text);
		names[place].handle = handle;
		command_handle(BC_ACQUIRE, handle);
		struct binder_handle_cookie watch = {handle, place};
		command(BC_REQUEST_DEATH_NOTIFICATION, &watch, sizeof(watch));
		put_number(reply, 0);
		return 1;
	}
	case LIST: {
		uint32_t index = get_number(request);
		for (int i = 0; i < NAMES; i++)
			if (names[i].handle && index-- == 0) {
				put_text(reply, names[i].name);
				return 1;
			}
		return 0;
	}
	}
	return 0;
}

/* Services and clients. */

static int add_one(struct binder_transaction_data *call, struct parcel *request, struct parcel *reply)
{
	if (call->code != 1)
		return 0;
	put_number(reply, get_number(request) + 1);
	return 1;
}

static void nobody(uintptr_t which)
{
	(void)which;
}

static struct parcel request_for(const char *name)
{
	struct parcel request = {.length = 0};
	put_number(&request, 0);
	put_text(&request, INTERFACE);
	if (name)
		put_text(&request, name);
	return request;
}

static int publish(const char *name)
{
	struct parcel request = request_for(name), reply;
	put_object(&request, BINDER_TYPE_BINDER, (uintptr_t)&device);
	if (!transact(0, ADD, &request, &reply)) {
		printf("%s was not registered\n", name);
		return 1;
	}
	uint32_t enter = BC_ENTER_LOOPER;
	exchange(&enter, sizeof(enter), 0, 0);
	return loop(add_one, nobody, 0);
}

static int call(const char *name)
{
	struct parcel request = request_for(name), reply, number = {.length = 0};
	uint32_t handle = transact(0, CHECK, &request, &reply) ? get_handle(&reply) : 0;
	if (!handle) {
		printf("there is no %s\n", name);
		return 1;
	}
	command_handle(BC_ACQUIRE, handle);
	command(BC_FREE_BUFFER, &(binder_uintptr_t){(uintptr_t)reply.data}, 8);
	put_number(&number, 41);
	if (!transact(handle, 1, &number, &reply)) {
		printf("%s does not answer\n", name);
		return 1;
	}
	printf("%s says %u\n", name, get_number(&reply));
	return 0;
}

static int list(void)
{
	char name[128];
	for (uint32_t index = 0;; index++) {
		struct parcel request = request_for(0), reply;
		put_number(&request, index);
		if (!transact(0, LIST, &request, &reply) || !get_text(&reply, name, sizeof(name)))
			return 0;
		printf("%u: %s\n", index, name);
		command(BC_FREE_BUFFER, &(binder_uintptr_t){(uintptr_t)reply.data}, 8);
	}
}

int main(int count, char **words)
{
	struct binder_version version;
	device = open("/dev/binder", O_RDWR);
	if (device < 0 || ioctl(device, BINDER_VERSION, &version) < 0 || version.protocol_version != 8)
		return 2;
	if (mmap(0, MAPPING, PROT_READ, MAP_PRIVATE, device, 0) == MAP_FAILED)
		return 2;
	if (count == 2 && !strcmp(words[1], "list"))
		return list();
	if (count == 3 && !strcmp(words[1], "publish"))
		return publish(words[2]);
	if (count == 3 && !strcmp(words[1], "call"))
		return call(words[2]);
	if (ioctl(device, BINDER_SET_CONTEXT_MGR, 0) < 0) {
		printf("no manager: %s\n", strerrorname_np(errno));
		return 1;
	}
	uint32_t enter = BC_ENTER_LOOPER;
	exchange(&enter, sizeof(enter), 0, 0);
	return loop(manage, service_died, 0);
}
